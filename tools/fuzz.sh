#!/usr/bin/env bash
# Runs the fuzzers for a given time each, by default one per core at a time.
#
#   tools/fuzz.sh [READER...]        without READER: all readers
#
#   SECONDS_EACH=60   time for each reader     JOBS=2   number of fuzzers that run at a time
#
# Inputs that reach new code are stored in build/fuzz/corpus/READER and used by the next run.
# tests/fuzz/corpus contains the seeds and is only read. Inputs that crash, hang, leak or need too much
# memory are stored in build/fuzz/found, the output of the fuzzers in build/fuzz/log; the exit code is
# then 1.
set -euo pipefail
cd "$(dirname "$0")/.."
build=build/fuzz
fuzzers=$build/tests/fuzz
seconds=${SECONDS_EACH:-60}
jobs=${JOBS:-$(nproc)}

say() {
    echo "fuzz: $*" >&2
}

# Maximum input length for each reader: enough for the structure, without bulk data.
longest() {
    case $1 in
    settings | sweep) echo 2048 ;;
    *) echo 4096 ;;
    esac
}

fuzz_one() { # READER; its libFuzzer output goes to the log
    local reader=$1 options=()
    mkdir -p "$build/corpus/$reader"
    options=(-max_total_time="$seconds" -max_len="$(longest "$reader")" -timeout=20 -report_slow_units=20
        -rss_limit_mb=2560 -print_final_stats=1 -artifact_prefix="$build/found/$reader-")
    [ ! -e "tests/fuzz/dictionaries/$reader.dict" ] ||
        options+=(-dict="tests/fuzz/dictionaries/$reader.dict")
    # Harnesses flush every file they write, so memory is faster than a disk.
    [ ! -w /dev/shm ] || export TMPDIR=/dev/shm
    nice -n 10 "$fuzzers/fuzz_$reader" "${options[@]}" "$build/corpus/$reader" \
        "tests/fuzz/corpus/$reader" >"$build/log/$reader.txt" 2>&1 || touch "$build/found/.$reader"
}

if [ "${1:-}" = --one ]; then # for xargs below
    fuzz_one "$2"
    exit
fi

case $seconds$jobs in
*[!0-9]*)
    say "SECONDS_EACH and JOBS must be whole numbers; found \"$seconds\" and \"$jobs\""
    exit 2
    ;;
esac
readers=("$@")
if [ ${#readers[@]} -eq 0 ]; then
    for fuzzer in tests/fuzz/fuzz_*.c; do
        reader=${fuzzer##*/fuzz_}
        readers+=("${reader%.c}")
    done
fi
for reader in "${readers[@]}"; do
    [ -x "$fuzzers/fuzz_$reader" ] && [ -d "tests/fuzz/corpus/$reader" ] || {
        say "no fuzzer or no corpus for \"$reader\"; expected one of" \
            "$(cd tests/fuzz/corpus && echo *). \`make fuzz\` builds the fuzzers"
        exit 2
    }
done

mkdir -p "$build/log" "$build/found"
for reader in "${readers[@]}"; do
    rm -f "$build/found/.$reader"
done
say "${#readers[@]} readers, $seconds s each, $jobs at a time; logs in $build/log"
printf '%s\n' "${readers[@]}" | xargs -n 1 -P "$jobs" "$0" --one

# The last progress line contains the coverage: edges and features of this library's code.
failed=0
printf '%-12s %12s %8s %7s %9s %8s  %s\n' reader executions seconds edges features inputs found
for reader in "${readers[@]}"; do
    log=$build/log/$reader.txt
    progress=$(grep -aE '^#[0-9]+.* cov: ' "$log" | tail -1 || true)
    field() { sed -nE "s/.* $1: ([0-9]+).*/\1/p" <<<"$progress"; }
    executions=$(sed -nE 's/^stat::number_of_executed_units: *//p' "$log")
    spent=$(sed -nE 's/^Done [0-9]+ runs in ([0-9]+) second.*/\1/p' "$log")
    found=nothing
    if [ -e "$build/found/.$reader" ]; then
        found=$(sed -nE 's/.*Test unit written to (.*)/\1/p' "$log" | tail -1)
        found=${found:-"see $log"}
        failed=1
    fi
    printf '%-12s %12s %8s %7s %9s %8s  %s\n' "$reader" "${executions:-?}" "${spent:-?}" \
        "$(field cov)" "$(field ft)" "$(field corp)" "$found"
done
if [ "$failed" -ne 0 ]; then
    say "failures were found. To reproduce one: $fuzzers/fuzz_READER FILE; the output is in $build/log"
    say "after fixing it, add the input to the seeds: tests/fuzz/corpus/READER/found-WHAT"
fi
exit "$failed"
