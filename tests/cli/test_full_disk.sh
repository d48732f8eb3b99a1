# A full or read-only disk: one clear message, exit code 1, the last checkpoint intact, and with
# --overwrite the old run too. Needs a small tmpfs, which user namespaces provide where the system
# allows them.
if [ -z "${NCA_IN_NAMESPACE:-}" ]; then
    probe=$(mktemp -d)
    if unshare -rm mount -t tmpfs -o size=64k none "$probe" 2>/dev/null; then
        rmdir "$probe"
        NCA_IN_NAMESPACE=1 exec unshare -rm bash "$0" "$@"
    fi
    rmdir "$probe"
    echo "SKIPPED: no tmpfs can be mounted here"
    exit 77
fi
. "$(dirname "$0")/common.sh" "$1"

mkdir disk
mount -t tmpfs -o size=32k none disk || exit 1
run 1 train "${tiny[@]}" --iterations 40 -o disk/run --quiet
grep -q '^nca: .*No space left on device' err.txt || fail "$(cat err.txt)"
[ "$(wc -l <err.txt)" = 1 ] || fail "more than one line: $(cat err.txt)"
[ -z "$(ls disk/run | grep '\.tmp')" ] || fail "left behind: $(ls disk/run)"
head -c 60k /dev/zero >disk/ballast 2>/dev/null
run 1 train "${tiny[@]}" --iterations 40 -o disk/other --quiet
grep -q '^nca: .*No space left on device' err.txt || fail "$(cat err.txt)"
umount disk

# ---- --overwrite needs room for both runs; without it the old one is kept.
mount -t tmpfs -o size=4m none disk || exit 1
run 0 train "${tiny[@]}" --iterations 4 -o disk/run --quiet
cp -r disk/run old
for room in 0 4 16 32; do
    rm -f disk/ballast
    head -c 5m /dev/zero >disk/ballast 2>/dev/null
    truncate -s -${room}k disk/ballast
    run 1 train "${tiny[@]}" --iterations 40 --seed 9 -o disk/run --overwrite --quiet
    grep -q '^nca: .*No space left on device' err.txt || fail "$room kB: $(cat err.txt)"
    grep -q '^nca: disk/run: .*not replaced' err.txt || fail "$room kB: $(cat err.txt)"
    diff -r old disk/run >diff.txt || fail "$room kB: the old run differs: $(cat diff.txt)"
done
rm disk/ballast
run 0 train --resume disk/run --iterations 5 --quiet
run 0 train "${tiny[@]}" --iterations 5 --seed 9 -o disk/run --overwrite --quiet
umount disk

# ---- A read-only disk is reported as such, whatever is written to it.
mkdir protected
cp -r old protected/run
mount --bind protected protected && mount -o remount,ro,bind protected || exit 1
# read_only FIRST_WORDS ARGUMENTS...
read_only() {
    local where=$1
    shift
    run 1 "$@"
    grep -q "^nca: $where.*Read-only file system; choose a folder on another disk" err.txt ||
        fail "nca $*: $(cat err.txt)"
}
read_only protected/new train "${tiny[@]}" --iterations 2 -o protected/new --quiet
read_only protected/new train "${tiny[@]}" --iterations 2 -o protected/new/deep --quiet
read_only protected/run train --resume protected/run --iterations 9 --quiet
read_only protected/run train "${tiny[@]}" --iterations 2 -o protected/run --overwrite --quiet
read_only protected/a.html export old -o protected/a.html
read_only protected/a.gif visualize old -o protected/a.gif --steps 4
read_only protected/a.html report old -o protected/a.html --rollouts 0 --quiet
read_only protected/a.pt convert old/model.safetensors protected/a.pt
read_only protected/a.npz data synth bloodmnist -o protected/a.npz --count 2,2,2
run 0 info protected/run
umount protected
finish
