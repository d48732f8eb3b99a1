#!/usr/bin/env bash
# A sweep whose runs are dealt over processes: the table and the weights of one process, and the same
# command goes on after a process was lost.
. "$(dirname "$0")/launch.sh"
. "$(dirname "$0")/../cli/sweep_results.sh"

sed '/^iterations/d; /^threads/d' small.yaml >grid.yaml
cat >>grid.yaml <<'END'
iterations: 30
checkpoint_every: 3
seeds: 2
filter: [sobel, mean]
END

same_sweep() {
    local name
    cmp -s <(results whole) <(results "$1") || fail "$1: another table: $(diff <(results whole) <(results "$1"))"
    for name in $(ls whole/runs); do
        cmp -s "whole/runs/$name/model.safetensors" "$1/runs/$name/model.safetensors" ||
            fail "$1: $name has other weights"
    done
    cmp -s whole/sheet.png "$1/sheet.png" || fail "$1: another sheet"
}

alone sweep grid.yaml -o whole --quiet
together 3 0 sweep grid.yaml -o dealt --quiet
same_sweep dealt

# A run that fails tells why, and the others are done.
mkdir -p failing/runs/sobel_seed1
touch failing/runs/sobel_seed1/config.yaml failing/runs/sobel_seed1/checkpoint.safetensors
together 3 1 sweep grid.yaml -o failing --quiet
grep -q 'sobel_seed1' out.txt err.txt || fail "expected the name of the run: $(cat out.txt err.txt)"
[ -s failing/runs/mean_seed1/model.safetensors ] || fail "the other runs are not done"

# ---- A process dies: the job ends, and the same command goes on with what is left.
mpirun -n 3 "$program" sweep grid.yaml -o lost --quiet >out.txt 2>err.txt </dev/null &
launcher=$!
for _ in $(seq 600); do
    ls lost/runs/*/checkpoint.safetensors >/dev/null 2>&1 && break
    sleep 0.1
done
kill -KILL "$(pgrep -P $launcher -x "$(basename "$program")" | tail -n 1)"
for _ in $(seq 300); do
    kill -0 $launcher 2>/dev/null || break
    sleep 0.1
done
kill -KILL $launcher 2>/dev/null && fail "the job does not end after a process was lost"
wait $launcher
[ $? != 0 ] || fail "expected an exit code that tells of it"
together 2 0 sweep grid.yaml -o lost --quiet
same_sweep lost
finish
