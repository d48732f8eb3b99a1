# Other objects in place of a file: a pipe is refused at once, and no link leads a write out of a
# folder.
. "$(dirname "$0")/common.sh" "$1"

# quick ARGUMENTS...: the program ends within the time limit; its messages are in err.txt.
quick() {
    timeout 20 "$program" "$@" >out.txt 2>err.txt
    code=$?
    [ $code != 124 ] || fail "nca $* hangs"
}

# says_pipe ARGUMENTS...: exits with code 1 and reports a pipe.
says_pipe() {
    quick "$@"
    [ $code = 1 ] && grep -q 'expected a file, found a pipe' err.txt || fail "nca $*: $code, $(cat err.txt)"
}

run 0 train "${tiny[@]}" --iterations 3 -o run --quiet
run 0 evaluate run --rollouts 2 --steps 4 --quiet

# ---- Pipes without a writer.
mkfifo pipe.pt pipe.safetensors pipe.png pipe.yaml pipe.npz
says_pipe info pipe.pt
says_pipe info pipe.safetensors
says_pipe convert pipe.pt out.safetensors
says_pipe visualize pipe.safetensors -o out.gif
says_pipe export pipe.pt -o out.html
says_pipe data info pipe.npz
quick train --target pipe.png "${tiny[@]}" -o other
grep -q 'found a pipe' err.txt || fail "$(cat err.txt)"
quick train --config pipe.yaml
grep -q 'found a pipe' err.txt || fail "$(cat err.txt)"

in_place() { # FILE: a copy of the run in which that is a pipe
    rm -rf piped
    cp -r run piped
    rm -f "piped/$1"
    mkfifo "piped/$1"
}
for file in checkpoint.safetensors metrics.csv; do
    in_place $file
    says_pipe train --resume piped --iterations 5 --quiet
done
in_place events.csv
quick train --resume piped --iterations 5 --changes '4 learning_rate 0.0001' --quiet
[ $code = 0 ] && [ -f piped/events.csv ] || fail "events.csv: $code, $(cat err.txt)"
for file in metrics.csv events.csv evaluation.csv config.yaml; do
    in_place $file
    quick report piped -o report.html --rollouts 0 --quiet
done

cat >sweep.yaml <<'END'
recipe: distill
iterations: 2
img_size: 8
padding: 2
n_channels: 8
hidden: 16
pool_size: 16
seed: [0, 1]
END
run 0 sweep sweep.yaml -o grid --quiet
first=$(ls -d grid/runs/* | head -n 1)
rm "$first/evaluation.csv"
mkfifo "$first/evaluation.csv"
quick sweep sweep.yaml -o grid --quiet

run 0 data synth bloodmnist -o set.npz --count 2,2,2
mkdir images
mkfifo images/set.csv
says_pipe data export set.npz --out images --quiet

# ---- Links. Nothing outside the folder changes.
echo precious >victim
for file in events.csv.tmp metrics.csv.tmp; do
    rm -rf linked
    cp -r run linked
    ln -s ../victim linked/$file
    run 0 train --resume linked --iterations 5 --changes '4 learning_rate 0.0001' --quiet
    same_text victim precious
done
for file in metrics.csv events.csv config.yaml model.safetensors checkpoint.safetensors loss.svg; do
    rm -rf linked
    cp -r run linked
    rm -f linked/$file
    cp run/$file victim 2>/dev/null || echo precious >victim
    cp victim before
    ln -s ../victim linked/$file
    run 1 train --resume linked --iterations 5 --changes '4 learning_rate 0.0001' --quiet
    grep -q "linked/$file: .*symbolic link" err.txt || fail "$file: $(cat err.txt)"
    same_file victim before
done

for file in summary.csv sheet.gif sweep.lock; do
    rm -f "grid/$file"
    echo precious >treasure
    ln -s ../treasure "grid/$file"
    run 1 sweep sweep.yaml -o grid --quiet
    grep -q "grid/$file: .*symbolic link" err.txt || fail "$file: $(cat err.txt)"
    same_text treasure precious
    rm "grid/$file"
done

# A link whose target does not exist yet, in a folder without a run.
mkdir fresh
ln -s ../made fresh/metrics.csv
run 1 train "${tiny[@]}" --iterations 3 -o fresh --quiet
[ ! -e made ] || fail "a file was made through a link"

# --overwrite removes links, not their targets.
rm -rf linked
cp -r run linked
mkdir elsewhere
cp run/model.safetensors elsewhere/000001.safetensors
ln -s ../elsewhere linked/snapshots
ln -sf ../victim linked/loss.svg
run 0 train "${tiny[@]}" --iterations 3 --snapshot-every 1 -o linked --overwrite --quiet
[ "$(ls elsewhere)" = 000001.safetensors ] || fail "elsewhere: $(ls elsewhere)"
same_file victim before
[ -f linked/snapshots/000001.safetensors ] && [ ! -L linked/snapshots ] || fail "no snapshots"

# A path given by the user is followed through links: the link stays a link.
echo old >there.html
ln -s there.html link.html
run 0 report run -o link.html --rollouts 0 --quiet
[ -L link.html ] && [ "$(wc -c <there.html)" -gt 1000 ] || fail "the link was replaced"
finish
