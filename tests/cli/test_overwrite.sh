# --overwrite: the old run is kept until the new one has a checkpoint. Whenever it is killed, one of
# the two is intact, and the next command completes the replacement or undoes it.
. "$(dirname "$0")/common.sh" "$1"
kill_at_call=$(dirname "$program")/tests/kill_at_call
new=(train "${tiny[@]}" --iterations 6 --checkpoint-every 4 --snapshot-every 3 --seed 9 --quiet)

run 0 train "${tiny[@]}" --iterations 4 --snapshot-every 2 -o old --quiet
cp old/loss.png old/evaluation.csv # a file of a run that the new one has not
run 0 "${new[@]}" -o whole
echo mine >old/mine.txt

# A replacement leaves no temporary file or folder.
is_settled() {
    [ -z "$(find "$1" -name '*.tmp' -o -name '.replacement*')" ] || fail "$2: $(find "$1")"
}

rows() {
    cut -d, -f1-9 "$1/metrics.csv"
}

# ---- Killed before each call that renames or removes, until the new model is there.
export ASAN_OPTIONS=detect_leaks=0 # no leak is looked for under a debugger
olds=0 news=0 halves=0
for call in $(seq 200); do
    rm -rf run
    cp -r old run
    "$kill_at_call" "$call" "$program" "${new[@]}" -o run --overwrite >out.txt 2>err.txt
    code=$?
    [ "$code" != 77 ] || { echo "SKIPPED: no process may be watched here"; exit 77; }
    [ "$code" = 0 ] || { fail "call $call: code $code: $(cat err.txt)"; break; }
    cmp -s run/model.safetensors whole/model.safetensors && break
    [ ! -d run/.replacement ] || halves=$((halves + 1))
    "$program" info run >out.txt 2>err.txt # a command that only reads
    if cmp -s run/checkpoint.safetensors old/checkpoint.safetensors; then
        olds=$((olds + 1))
        grep -q 'iterations *4' out.txt || fail "call $call: info does not know the old run: $(cat err.txt)"
        is_settled run "call $call"
        diff -r old run >diff.txt || fail "call $call: the old run differs: $(cat diff.txt)"
        [ $((olds % 6)) = 1 ] || continue # the same folder, so the same once more
        run 0 "${new[@]}" -o run --overwrite
    else
        news=$((news + 1))
        [ ! -e run/evaluation.csv ] && [ ! -e run/snapshots/000002.safetensors ] ||
            fail "call $call: a file of the old run is left"
        run 0 train --resume run --quiet
    fi
    is_settled run "after call $call"
    same_file run/model.safetensors whole/model.safetensors
    diff <(rows run) <(rows whole) >diff.txt || fail "call $call: rows differ: $(cat diff.txt)"
    [ "$(ls run/snapshots)" = "$(ls whole/snapshots)" ] || fail "call $call: $(ls run/snapshots)"
    [ "$(cat run/mine.txt)" = mine ] || fail "call $call: another's file is gone"
done
[ "$olds" -ge 5 ] && [ "$news" -ge 5 ] && [ "$halves" -ge 5 ] ||
    fail "the moments were not met: $olds with the old run, $news with the new, $halves between"
unset ASAN_OPTIONS

# ---- A run that fails before its first checkpoint keeps the old one and says so.
rm -rf run
cp -r old run
run 3 train "${tiny[@]}" --recipe medmnist --learning-rate 10 --step-size 1000 --steps-min 40 \
    --steps-max 40 --iterations 1000 --checkpoint-every 1000 -o run --overwrite --quiet
grep -q 'run: the existing run was not replaced' err.txt || fail "$(cat err.txt)"
diff -r old run >diff.txt || fail "the old run differs: $(cat diff.txt)"

# ---- Stopped by a signal, the new run has a checkpoint.
"$program" train "${tiny[@]}" --iterations 1000000 --checkpoint-every 1000000 -o run --overwrite \
    --quiet 2>err.txt &
pid=$!
for _ in $(seq 600); do
    [ -s run/.replacement.tmp/metrics.csv ] && break
    sleep 0.05
done
same_file run/checkpoint.safetensors old/checkpoint.safetensors
run 0 info run # the old run is read while the new one is on its way
[ -d run/.replacement.tmp ] || fail "info has removed the run that is being made"
sleep 0.5
kill -TERM $pid
wait $pid
[ $? = 143 ] || fail "no code 143: $(cat err.txt)"
cmp -s run/checkpoint.safetensors old/checkpoint.safetensors && fail "the old run is still there"
is_settled run "after SIGTERM"

# ---- A link in place of one of the folders is not followed.
rm -rf run victim
cp -r old run
cp -r old victim
ln -s ../victim run/.replacement
ln -s ../victim run/.replacement.tmp
run 0 info run
diff -r old victim >diff.txt || fail "a link was followed: $(cat diff.txt)"
for name in .replacement.tmp .replacement; do # nor by the run that would replace the old one
    rm -rf run
    cp -r old run
    ln -s ../victim "run/$name"
    run 1 "${new[@]}" -o run --overwrite
    diff -r old victim >diff.txt || fail "$name: a link was followed: $(cat diff.txt)"
    same_file run/checkpoint.safetensors old/checkpoint.safetensors
    same_file run/model.safetensors old/model.safetensors
done

# ---- A folder without a run that could be resumed is replaced at once.
rm -rf run
mkdir run
cp old/config.yaml old/metrics.csv run
run 0 "${new[@]}" -o run --overwrite
same_file run/model.safetensors whole/model.safetensors
finish
