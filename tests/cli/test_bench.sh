# nca bench: one short case as JSON with figures that can be, and refusals of what it does not know.
. "$(dirname "$0")/common.sh" "$1"

run 0 bench --quick --runs 1 --cases infer28 --kernels scalar --threads 1 --json
jq -e '.results | length == 1 and (.[0] |
        .case == "infer28" and .kernels == "scalar" and .threads == 1 and
        .cell_updates_per_second > 0 and .share_of_peak > 0 and .share_of_peak <= 1.05 and
        .peak_bytes > 100000 and .peak_bytes < 1000000000)' out.txt >jq.txt ||
    fail "bench --json is not what it should be: $(cat out.txt)"
run 2 bench --cases train29
grep -q 'train28' err.txt || fail "an unknown case does not name the nearest: $(cat err.txt)"
run 2 bench --kernels mmx
run 2 bench --threads 0
run 2 bench --runs 0
finish
