#!/usr/bin/env bash
# Runs the fuzzers, each for a chosen time, as many at a time as there are cores.
#
#   tools/fuzz.sh [READER...]        all readers when none is named
#
#   SECONDS_EACH=60   how long each reader is fuzzed     JOBS=2   how many at a time
#
# What is learnt goes to build/fuzz/corpus/READER and is used by the next run; tests/fuzz/corpus holds
# the seeds and is only read. An input that crashes, hangs, leaks or takes too much memory is kept
# in build/fuzz/found, its story in build/fuzz/log; then the exit code is 1.
set -euo pipefail
cd "$(dirname "$0")/.."
build=build/fuzz
fuzzers=$build/tests/fuzz
seconds=${SECONDS_EACH:-60}
jobs=${JOBS:-$(nproc)}

say() {
    echo "fuzz: $*" >&2
}

# The longest inputs worth making, for each reader: room for its structure, not for bulk.
longest() {
    case $1 in
    settings | sweep) echo 2048 ;;
    *) echo 4096 ;;
    esac
}

fuzz_one() { # READER; its libFuzzer output goes to the log
    local reader=$1 options=()
    mkdir -p "$build/corpus/$reader"
    options=(-max_total_time="$seconds" -max_len="$(longest "$reader")" -timeout=20
        -rss_limit_mb=2560 -print_final_stats=1 -artifact_prefix="$build/found/$reader-")
    [ ! -e "tests/fuzz/dictionaries/$reader.dict" ] ||
        options+=(-dict="tests/fuzz/dictionaries/$reader.dict")
    # Files that harnesses write are best kept in memory: each is flushed to the disk.
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
    say "SECONDS_EACH and JOBS should be whole numbers; found \"$seconds\" and \"$jobs\""
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
        say "there is no fuzzer or no corpus for \"$reader\"; readers:" \
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

# The last line of progress carries the coverage: edges and features of this library's code.
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
    say "something was found. To see it again: $fuzzers/fuzz_READER FILE; the story is in $build/log."
    say "Keep the input as tests/fuzz/corpus/READER/found-WHAT together with the mend."
fi
exit "$failed"
