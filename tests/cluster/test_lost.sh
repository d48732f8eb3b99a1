#!/usr/bin/env bash
# What happens to a training of several processes when one of them ends, and when the job is
# stopped: what was done is saved, and the same run goes on to the same bits.
. "$(dirname "$0")/launch.sh"

settings=(--config small.yaml --decay-at 1000 --extension 0 --quiet)

# begin FOLDER RANKS: starts a long training and waits for its first rows.
begin() {
    mpirun -n "$2" "$program" train "${settings[@]}" --iterations 100000 -o "$1" >job.txt 2>&1 </dev/null &
    launcher=$!
    for _ in $(seq 600); do
        [ "$(lines_of "$1")" -ge 6 ] && return
        sleep 0.1
    done
    fail "$1: the training does not begin: $(cat job.txt)"
}

# ended FOLDER: the launcher ends; the run has a whole checkpoint, and all its rows are in it. It
# goes on with another number of processes, to the bits of one process.
ended() {
    local last
    for _ in $(seq 300); do
        kill -0 $launcher 2>/dev/null || break
        sleep 0.1
    done
    kill -KILL $launcher 2>/dev/null && fail "$1: the job does not end"
    wait $launcher
    code=$?
    [ "$code" != 0 ] || fail "$1: expected an exit code that tells of it"
    last=$(tail -n 1 "$1/metrics.csv" | cut -d, -f1)
    [ "$last" -ge 5 ] || fail "$1: rows were lost"
    together 2 0 train --resume "$1" --iterations $((last + 2)) --quiet
    alone train "${settings[@]}" --iterations $((last + 2)) -o "$1-one"
    cmp -s <(rows "$1") <(rows "$1-one") || fail "$1: other losses than those of one process"
    cmp -s "$1/model.safetensors" "$1-one/model.safetensors" || fail "$1: other weights"
}

# The processes of the job, in the order of their ranks.
workers() {
    pgrep -P "$launcher" -x "$(basename "$program")"
}

# ---- A process dies.
begin died 3
kill -KILL "$(workers | tail -n 1)"
ended died
grep -q '^nca: process 2 of 3' job.txt || fail "expected a message about the process: $(cat job.txt)"

# ---- Ctrl-C, or the end of the job's time.
begin stopped 3
kill -TERM $launcher
ended stopped
finish
