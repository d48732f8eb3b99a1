# A tiny training run from end to end: its files, that its config.yaml repeats it bit for bit, and
# that a run is never overwritten without --overwrite.
. "$(dirname "$0")/common.sh" "$1"

run 0 train "${tiny[@]}" --iterations 5 -o runs/a --quiet
same_text err.txt ""
grep -q '^run         runs/a$' out.txt || fail "no summary: $(cat out.txt)"
for file in config.yaml metrics.csv model.safetensors checkpoint.safetensors loss.png loss.svg \
    growth.gif filmstrip.png comparison.png; do
    [ -s "runs/a/$file" ] || fail "runs/a/$file is missing"
done
[ "$(ls runs/a | wc -l)" = 9 ] || fail "runs/a holds more: $(ls runs/a)"
head -n 1 runs/a/metrics.csv >header.txt
same_text header.txt iteration,loss,steps,learning_rate,norm_w1,norm_b1,norm_w2,norm_b2,alive_cells,seconds
[ "$(cut -d, -f1 runs/a/metrics.csv | tail -n +2 | tr '\n' ' ')" = '1 2 3 4 5 ' ] || fail "rows"
rm header.txt

# Learned filters: an additional column, the same bits after a stop, and a state dict for PyTorch.
run 0 train "${tiny[@]}" --filter learned --filter-count 3 --iterations 4 -o runs/l --quiet
head -n 1 runs/l/metrics.csv >header.txt
same_text header.txt iteration,loss,steps,learning_rate,norm_w1,norm_b1,norm_w2,norm_b2,norm_taps,alive_cells,seconds
run 0 train "${tiny[@]}" --filter learned --filter-count 3 --iterations 2 -o runs/m --quiet
run 0 train --resume runs/m --iterations 4 --quiet
cut -d, -f1-10 runs/l/metrics.csv >l.csv
cut -d, -f1-10 runs/m/metrics.csv >m.csv
same_file l.csv m.csv
run 0 convert runs/l l.pt
run 0 convert runs/m m.pt
same_file l.pt m.pt
run 0 info runs/l
grep -q '^  perception.taps ' out.txt || fail "no taps: $(cat out.txt)"
[ "$(sed -n '/^learned filters/,/^$/p' out.txt | grep -c '±.*±.*±')" = 9 ] || fail "no 3 x 3 taps: $(cat out.txt)"
rm -r header.txt l.csv m.csv l.pt m.pt runs/l runs/m

run 2 train "${tiny[@]}" --iterations 5 -o runs/a
grep -q 'this folder contains a run' err.txt || fail "$(cat err.txt)"

run 0 train --config runs/a/config.yaml -o runs/b --threads 1 --quiet
same_file runs/a/model.safetensors runs/b/model.safetensors
same_file runs/a/growth.gif runs/b/growth.gif

run 0 train "${tiny[@]}" --iterations 2 --seed 9 -o runs/a --overwrite --quiet
[ "$(wc -l <runs/a/metrics.csv)" = 3 ] || fail "overwriting kept old rows"
cmp -s runs/a/model.safetensors runs/b/model.safetensors && fail "the seed changes nothing"

# The default folder, a plain progress line, a copy of the model, the animation at another path.
printf 'iterations: 2\nmodel_path: copy.safetensors\nani_path: a.gif\ndevice: cuda\ndamage: true\n' >c.yaml
# Without --recipe, which would replace the file's settings of its recipe.
run 0 train --config c.yaml "${tiny_default[@]}"
same_file copy.safetensors runs/phantom/model.safetensors
[ -s a.gif ] && [ ! -e runs/phantom/growth.gif ] || fail "ani_path was not followed"
grep -q '^iteration 2/2  loss ' err.txt || fail "no progress line: $(cat err.txt)"
grep -q '^nca: device: ' err.txt || fail "no note about the device"
grep -qx 'experiment: regenerating' runs/phantom/config.yaml || fail "damage chose no experiment"
grep -qx 'recipe: medmnist' runs/phantom/config.yaml || fail "the file's recipe was replaced"

run 0 info runs/b
grep -q 'mean of the last 5)$' out.txt || fail "info counts other losses than train: $(cat out.txt)"
grep -q '^parameters         536$' out.txt || fail "$(cat out.txt)"
run 0 info runs/b --json
jq -e '.iterations == 5 and .channels == 8 and (.seed | type) == "string"' out.txt >jq.txt ||
    fail "the JSON is wrong: $(cat out.txt)"
# Single batches affect the mean but not the median.
run 0 info runs/b
median=$(cut -d, -f2 runs/b/metrics.csv | tail -n 5 | sort -g | sed -n 3p)
grep -q "^ *$(printf %.6g "$median") (median of the last 5)\$" out.txt || fail "no median $median: $(cat out.txt)"
run 0 info runs/b --json
jq -e ".median_loss - $median | fabs < 1e-9" out.txt >jq.txt || fail "$(cat out.txt)"
run 0 info runs/b/model.safetensors --json
jq -e '.median_loss == null' out.txt >jq.txt || fail "$(cat out.txt)"

# A short training run drops a recipe's warm-up, but not one that is requested.
run 0 train "${tiny[@]}" --recipe fast --iterations 6 -o runs/short --quiet
grep -q '^nca: warmup: .*60.* 3 .*iterations is 6' err.txt || fail "$(cat err.txt)"
grep -qx 'warmup: 3' runs/short/config.yaml || fail "$(grep warmup: runs/short/config.yaml)"
grep -q 'median of the last 6' out.txt || fail "no median: $(cat out.txt)"
refuses 2 'runs/short: *--overwrite*' train "${tiny[@]}" --recipe fast --iterations 6 -o runs/short
printf 'recipe: fast\nwarmup: 60\niterations: 6\n' >warm.yaml
for how in "--recipe fast --warmup 60" "--config warm.yaml" "--recipe distill --schedule cosine --warmup 6"; do
    # shellcheck disable=SC2086
    run 2 train "${tiny_default[@]}" $how --iterations 6 -o runs/refused --quiet
    grep -q '^nca: warmup: expected less than iterations' err.txt || fail "$how: $(cat err.txt)"
done

# The default is the recipe robust. Its decay ends with training, unless another end is chosen.
setting() {
    sed -n "s/^$2: //p" "runs/$1/config.yaml"
}
printf 'decay_at: 4\n' >decay.yaml
for how in "" "--decay-at 4" "--config decay.yaml" "--recipe distill" "--recipe distill --schedule plateau"; do
    # shellcheck disable=SC2086
    run 0 train "${tiny_default[@]}" $how --warmup 2 --iterations 6 -o runs/decay --overwrite --quiet
    found="$(setting decay recipe) $(setting decay schedule) $(setting decay decay_at)"
    case $how in
    '') expected='robust plateau 6' ;;
    *distill) expected='distill step 2000' ;;
    *plateau) expected='distill plateau 6' ;;
    *) expected='robust plateau 4' ;;
    esac
    [ "$found" = "$expected" ] || fail "$how: expected $expected, found $found"
done
run 0 train "${tiny_default[@]}" --iterations 7 -o runs/brief --quiet # shorter than the recipe's warm-up
grep -q '^nca: warmup: .* 3 .*iterations is 7' err.txt || fail "$(cat err.txt)"
[ "$(setting brief warmup) $(setting brief decay_at)" = '3 7' ] || fail "$(cat runs/brief/config.yaml)"
run 2 train "${tiny_default[@]}" --iterations 9 --decay-at 4 --warmup 4 -o runs/refused --quiet
grep -q '^nca: warmup: .*decay_at (4).*plateau' err.txt || fail "$(cat err.txt)"

# A model that fails the stability test is trained further, and then with the next random seed.
unsteady=("${tiny[@]}" --recipe robust --iterations 3 --warmup 0 --seed 1)
run 0 train "${unsteady[@]}" -o runs/untested
grep -q '^iterations  3$' out.txt || fail "a short training is extended: $(cat out.txt)"
run 0 train "${unsteady[@]}" --extension 4 -o runs/extended
grep -q '^nca: training is extended by 4 iterations$' err.txt || fail "$(cat err.txt)"
grep -q '^iterations  7$' out.txt || fail "$(cat out.txt)"
grep -q '^stability   failed: L2 ' out.txt || fail "$(cat out.txt)"
run 0 train "${unsteady[@]}" --extension 1 -o runs/once --quiet
grep -q '^nca: training is extended by 1 iteration$' err.txt || fail "$(cat err.txt)"
run 0 train --resume runs/extended
grep -q 'this run is finished after 7 iterations' err.txt || fail "$(cat err.txt)"
run 0 train "${unsteady[@]}" --extension 4 --retry 1 -o runs/again
grep -q '^nca: .*seed 2 (0 ' err.txt || fail "$(cat err.txt)"

# Training ends if the cells die, and says what to try; --retry starts again with the next random
# seed.
dying=("${tiny[@]}" --learning-rate 0.002 --iterations 150 --quiet)
run 3 train "${dying[@]}" -o runs/dead
grep -q '^nca: training diverged: .*seed.*learning_rate (0.002)' err.txt || fail "$(cat err.txt)"
[ "$(wc -l <runs/dead/metrics.csv)" -lt 100 ] || fail "noticed late: $(wc -l <runs/dead/metrics.csv)"
run 0 train "${dying[@]}" -o runs/dead --overwrite --retry 2
grep -q '^nca: .*seed 1 (1 ' err.txt || fail "$(cat err.txt)"
grep -qx 'seed: 1' runs/dead/config.yaml || fail "$(grep seed runs/dead/config.yaml)"
run 0 train "${dying[@]}" -o runs/lives --seed 1
same_file runs/dead/model.safetensors runs/lives/model.safetensors
[ "$(wc -l <runs/dead/metrics.csv)" = 151 ] || fail "rows of the failed try are left"
run 3 train "${dying[@]}" --learning-rate 5 -o runs/never --retry 2
[ "$(grep -c 'training diverged' err.txt)" = 3 ] || fail "$(cat err.txt)"
run 2 train "${tiny[@]}" --retry 1 --live -o runs/refused
run 2 train --resume runs/a --retry 1
# What is given and has no effect is reported.
few=("${tiny[@]}" --batch-size 4 --iterations 1 -o runs/few --overwrite --quiet)
notes() { # EXPECTED ARGUMENTS...
    local expected=$1
    shift
    run 0 train "${few[@]}" "$@"
    same_text err.txt "$expected"
}
notes 'nca: damage: 3 of the 4 samples are damaged, not 5: at most batch_size - 1' \
    --experiment regenerating --damage 5
notes '' --experiment regenerating --damage 3
notes '' --experiment persistent --damage 5
printf 'recipe: distill\nexperiment: regenerating\ndamage: 5\n' >damage.yaml
run 0 train --config damage.yaml "${tiny_default[@]}" --batch-size 4 --iterations 1 -o runs/file --quiet
same_text err.txt 'nca: damage: 3 of the 4 samples are damaged, not 5: at most batch_size - 1'
notes 'nca: extension: has no effect with experiment growing, which has no stability test' \
    --experiment growing --extension 300
notes 'nca: extension: has no effect with schedule cosine, which has no stability test' \
    --schedule cosine --extension 300
notes '' --schedule cosine --extension 0
printf 'recipe: distill\nexperiment: growing\n' >growing.yaml
run 0 train --config growing.yaml "${tiny_default[@]}" --damage 2 --iterations 1 -o runs/growing --quiet
grep -qx 'experiment: growing' runs/growing/config.yaml || fail "damage replaced the experiment"
finish
