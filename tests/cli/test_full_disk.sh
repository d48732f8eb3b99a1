# A disk that fills up: one clear line, exit code 1, the last checkpoint whole. Needs a small tmpfs of
# its own, which user namespaces give where the system allows them.
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
mount -t tmpfs -o size=64k none disk || exit 1
run 1 train "${tiny[@]}" --iterations 40 -o disk/run --quiet
grep -q '^nca: .*No space left on device' err.txt || fail "$(cat err.txt)"
[ "$(wc -l <err.txt)" = 1 ] || fail "more than one line: $(cat err.txt)"
[ -z "$(ls disk/run | grep '\.tmp')" ] || fail "left behind: $(ls disk/run)"
head -c 60k /dev/zero >disk/ballast 2>/dev/null
run 1 train "${tiny[@]}" --iterations 40 -o disk/other --quiet
grep -q '^nca: .*No space left on device' err.txt || fail "$(cat err.txt)"
umount disk
finish
