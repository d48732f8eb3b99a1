# The benchmark's command: its refusals, and that its JSON parses and holds together. No time is
# judged here.
. "$(dirname "$0")/common.sh" "$1"

refuses 2 '--cases: unknown case "infer27"; did you mean "infer28"?' bench --cases infer27
refuses 2 '--kernels: this build has no set "mmx"; see `nca bench --help`' bench --kernels mmx
refuses 2 '--threads: expected integers from 1 to 1024, found "0"' bench --threads 1,0
refuses 2 '--threads: expected integers from 1 to 1024, found ""' bench --threads 1,
refuses 2 '--runs: expected an integer from 1 to 100, found "101"' bench --runs 101
refuses 2 '--cases: the list is too long' bench --cases "$(printf 'infer28,%.0s' {1..20})"
refuses 2 'unexpected argument "fast"; see `nca bench --help`' bench fast
run 1 bench --cases infer72-seed --model missing.safetensors --kernels scalar --threads 1
grep -q '^nca: missing.safetensors: ' err.txt || fail "a missing model: $(cat err.txt)"

# check_json EXPRESSION: the expression over the parsed out.txt is true.
check_json() {
    python3 -c "import json, sys
d = json.load(open('out.txt'))
r = d['results']
sys.exit(not ($1))" || fail "not so: $1 in $(cat out.txt)"
}

mkdir place
TMPDIR=$PWD/place run 0 bench --quick --json --runs 2 --threads 2 --kernels scalar \
    --cases infer28,train28
same_text err.txt ''
check_json 'd["program"] == "nca" and d["quick"] is True and d["cores"] >= 1'
check_json '[x["case"] for x in r] == ["infer28", "train28"]'
check_json 'all(x["threads"] == 2 and x["kernels"] == "scalar" and x["runs"] == 2 for x in r)'
check_json 'all(0 < x["seconds_min"] <= x["seconds"] <= x["seconds_max"] for x in r)'
check_json 'all(0 < x["peak_bytes"] < 2e9 and x["alive_share"] == 1 for x in r)'
# The same count of arithmetic twice: 2 flop per multiply-add, half of the cells fire.
check_json 'all(abs(x["gflop_per_second"] / (x["cell_updates_per_second"] * 1e-9) / n - 1) < 1e-4
                for x, n in zip(r, (8192, 30720)))'
run 0 bench --quick --runs 1 --threads 1 --kernels scalar --cases infer28
grep -Eq '^infer28 +scalar +1 +[0-9]' out.txt || fail "the table: $(cat out.txt)"

# Training on the spot, growth from a seed on the best set, and no file left behind.
best=$("$program" bench --quick --json --runs 1 --threads 1 --kernels scalar --cases infer28 |
    sed -nE 's/.*"best_kernels": "([a-z0-9]+)".*/\1/p')
if [ "$best" != scalar ]; then
    TMPDIR=$PWD/place run 0 bench --quick --json --runs 1 --threads 2 --kernels "$best" \
        --cases infer72-seed,train72-seed
    grep -q '"alive_share": 0\.' out.txt || fail "nothing grew: $(cat out.txt)"
fi
[ -z "$(ls place)" ] || fail "files left behind: $(ls place)"
finish
