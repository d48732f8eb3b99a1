# The bench command: its error messages, and that its JSON is valid and consistent. No time is
# judged.
. "$(dirname "$0")/common.sh" "$1"

refuses 2 '--cases:*"infer27"*"infer28"*' bench --cases infer27
refuses 2 '--kernels:*"mmx"*nca bench --help*' bench --kernels mmx
refuses 2 '--threads:*1*1024*"0"*' bench --threads 1,0
refuses 2 '--threads:*1*1024*""*' bench --threads 1,
refuses 2 '--runs:*1*100*"101"*' bench --runs 101
refuses 2 '--cases:*list*long*' bench --cases "$(printf 'infer28,%.0s' {1..70})"
refuses 2 '*"fast"*nca bench --help*' bench fast
run 1 bench --cases infer72-seed --model missing.safetensors --kernels scalar --threads 1
grep -q '^nca: missing.safetensors: ' err.txt || fail "a missing model: $(cat err.txt)"

# check_json EXPRESSION: the jq expression on out.txt is true.
check_json() {
    jq -e "$1" out.txt >jq.txt || fail "not so: $1 in $(cat out.txt)"
}

mkdir place
TMPDIR=$PWD/place run 0 bench --quick --json --runs 2 --threads 2 --kernels scalar \
    --cases infer28,train28
same_text err.txt ''
check_json '.program == "nca" and .quick and .cores >= 1'
check_json '[.results[].case] == ["infer28", "train28"]'
check_json '.results | all(.threads == 2 and .kernels == "scalar" and .runs == 2)'
check_json '.results | all(0 < .seconds_min and .seconds_min <= .seconds and .seconds <= .seconds_max)'
check_json '.results | all(100000 < .peak_bytes and .peak_bytes < 2e9 and .alive_share == 1)'
check_json '.results | all(.share_of_peak == null or (.share_of_peak > 0 and .share_of_peak < 1.05))'
# Arithmetic per cell update: a multiply-add counts as two operations, and half of the cells fire.
check_json '[.results[] | .gflop_per_second / .cell_updates_per_second * 1e9 | round] == [8192, 30720]'
run 0 bench --quick --runs 1 --threads 1 --kernels scalar --cases infer28,infer28-int8
grep -Eq '^infer28-int8 +scalar +1 +[0-9]' out.txt || fail "the table: $(cat out.txt)"
grep -Eq '^infer28 +scalar +1 +[0-9]' out.txt || fail "the table: $(cat out.txt)"

# In-memory training, growth from a seed on the best kernel set; no file is left behind.
"$program" bench --quick --json --runs 1 --threads 1 --kernels scalar --cases infer28 >out.txt
best=$(jq -r .best_kernels out.txt)
if [ "$best" != scalar ]; then
    TMPDIR=$PWD/place run 0 bench --quick --json --runs 1 --threads 2 --kernels "$best" \
        --cases infer72-seed,train72-seed
    check_json '.results | all(.alive_share > 0 and .alive_share < 1)'
fi
# Classification: input channels have no update; images are counted, and reading them is a part of an
# iteration.
TMPDIR=$PWD/place run 0 bench --quick --json --runs 1 --threads 2 --kernels "$best" --profile \
    --cases classify16,classify32,classify32-aug,predict32,train28-learned
same_text err.txt ''
check_json '[.results[] | .gflop_per_second / .cell_updates_per_second * 1e9 | round] == [29568, 60288, 60288, 16000, 30720]'
check_json '.results | all(.images_per_second == null or
    (.images_per_second * .steps * .side * .side / .cell_updates_per_second - 1 | fabs < 1e-4))'
check_json '[.results[] | .images_per_second != null] == [true, true, true, true, false]'
check_json '[.results[].profile."initial states" | . != null and . > 0] == [true, true, true, false, true]'
check_json '[.results[1, 3] | [.side, .batch, .steps]] == [[28, 4, 24], [28, 16, 24]]'
check_json '.results | all(.peak_bytes < 400e6)'
run 0 bench --quick --runs 1 --threads 2 --kernels "$best" --cases predict32
grep -Eq "^predict32 +$best +2 .* [0-9]+\$" out.txt || fail "images per second: $(cat out.txt)"
# Large grids are measured if they are named, one sample at a time, within their memory.
run 0 bench --list
[ "$(sort out.txt | uniq -d)" = "" ] || fail "a name is there twice: $(cat out.txt)"
grep -qx train28 out.txt && grep -qx train512 out.txt || fail "the list: $(cat out.txt)"
run 0 bench --quick --json --runs 1 --threads 2 --kernels "$best" --cases infer16,train16,infer256
check_json '[.results[] | [.case, .side, .steps]] == [["infer16", 16, 80], ["train16", 16, 80], ["infer256", 256, 96]]'
check_json '[.results[].batch] | .[0] == .[1] and .[2] == 1'
if [ "$best" != scalar ] && [ -z "${NCA_SLOW:-}" ]; then
    run 0 bench --quick --json --runs 1 --threads 2 --kernels "$best" --cases train256
    check_json '.results | all(.batch == 1 and .steps == 96 and .peak_bytes < 512e6)'
fi

[ -z "$(ls place)" ] || fail "files left behind: $(ls place)"
finish
