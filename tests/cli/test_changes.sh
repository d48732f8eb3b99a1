# Settings that change during training: given at the start, changed on the way, stopped, killed and
# resumed in between, run again from config.yaml. The model and the metrics are bit-identical.
. "$(dirname "$0")/common.sh" "$1"
steer=$(dirname "$program")/tests/steer_training
fixture=$golden/../../fixtures/before_changes.safetensors
[ -x "$steer" ] || fail "no program steers"

regrow=("${tiny[@]}" --experiment regenerating --damage 2 --checkpoint-every 7)
list="9 fire_rate 0.75, 12 learning_rate 0.001, 12 damage 0, 16 damage 4, 16 damage_shape square"
events="iteration,key,value
9,fire_rate,0.75
12,learning_rate,0.001
12,damage,0
16,damage,4
16,damage_shape,square"
# The same changes made on the way, after the iteration before.
told=(8 fire_rate 0.75 11 damage 0 11 lr 1e-3 15 damage 4 15 damage-shape Square)

# same_run FOLDER: the results are those in the folder `whole`.
same_run() {
    same_file whole/model.safetensors "$1/model.safetensors"
    same_text "$1/events.csv" "$events"
    cut -d, -f1-9 whole/metrics.csv >rows_whole.csv
    cut -d, -f1-9 "$1/metrics.csv" >rows.csv
    same_file rows_whole.csv rows.csv
    grep '^changes:' "$1/config.yaml" >changes.txt
    same_text changes.txt "changes: \"$list\""
}

run 0 train "${regrow[@]}" --iterations 24 --changes "$list" -o whole --quiet
same_run whole
run 0 train "${regrow[@]}" --iterations 24 -o plain --quiet
cmp -s whole/model.safetensors plain/model.safetensors && fail "the changes change nothing"
[ ! -e plain/events.csv ] || fail "events.csv where nothing has changed"

# Changed on the way; with other threads and kernels; again from the file that this leaves.
"$steer" plain/config.yaml told "${told[@]}" >out.txt || fail "steering fails"
same_text out.txt ""
same_run told
sed -e 's/^threads: .*/threads: 1/' -e 's/^kernels: .*/kernels: scalar/' plain/config.yaml >scalar.yaml
"$steer" scalar.yaml scalar "${told[@]}" || fail "steering fails"
same_run scalar
run 0 train --config told/config.yaml -o again --quiet
same_run again

# A change that has not taken effect is not in events.csv, and takes effect after a resume.
run 0 train "${regrow[@]}" --iterations 13 --changes "$list" -o pieces --quiet
same_text pieces/events.csv "$(head -n 4 <<<"$events")"
run 0 train --resume pieces --iterations 24 --quiet
same_run pieces

# Killed at any moment, before and after changes that no checkpoint contains (those of iterations 7
# and 14); the remaining changes are made after the resume.
for moment in 1 6 7 8 9 10 11 13 14 15 16 20; do
    rm -rf killed
    before=() after=()
    for ((i = 0; i < ${#told[@]}; i += 3)); do
        if [ "${told[i]}" -le $moment ]; then
            before+=("${told[@]:i:3}")
        else
            after+=("${told[@]:i:3}")
        fi
    done
    "$steer" plain/config.yaml killed --kill $moment "${before[@]}" &
    wait $! 2>/dev/null
    [ $? = 137 ] || fail "the kill after iteration $moment"
    if [ $moment -lt 7 ]; then
        run 1 train --resume killed # there is no checkpoint yet
        continue
    fi
    # A kill loses no change: the resumed run does what the file contains.
    "$steer" - killed --resume "${after[@]}" || fail "resuming after iteration $moment"
    same_run killed
done
rm -rf killed
"$steer" plain/config.yaml killed --kill 20 "${told[@]}" &
wait $! 2>/dev/null
touch killed/events.csv.tmp
run 0 train --resume killed --quiet
same_run killed
[ ! -e killed/events.csv.tmp ] || fail "a half-written events.csv is left"

# A settings file of another run is ignored; one that cannot be read is reported.
cp -r pieces other
sed -i 's/^changes: .*/changes: "3 damage 1"/' other/config.yaml
run 0 train --resume other --quiet
same_run other
echo 'changes: {' >other/config.yaml
run 0 train --resume other --quiet
grep -q 'other/config.yaml.*changes.*ignored' err.txt || fail "not said: $(cat err.txt)"
same_run other

# Future changes may be replaced, past ones may not.
run 2 train --resume whole --iterations 30 --changes "$list, 24 damage 1"
grep -q '^nca: whole/checkpoint.safetensors: changes .*24.*"24 damage 1"' err.txt || fail "$(cat err.txt)"
run 2 train --resume whole --iterations 30 --changes "9 fire_rate 0.7"
grep -q 'expected "9 fire_rate 0.75", found "9 fire_rate 0.7"' err.txt || fail "$(cat err.txt)"
same_run whole
cp -r whole longer
run 0 train --resume longer --iterations 30 --changes "$list, 26 damage 1" --quiet
run 0 train "${regrow[@]}" --iterations 30 --changes "$list, 26 damage 1" -o straight --quiet
same_file longer/model.safetensors straight/model.safetensors
same_file longer/events.csv straight/events.csv
# A file that --overwrite removes.
run 0 train "${regrow[@]}" --iterations 24 -o longer --overwrite --quiet
[ ! -e longer/events.csv ] || fail "events.csv of the run before is left"

# Refused during training: nothing changes, and training continues.
"$steer" plain/config.yaml refused 5 fire_rat 0.5 5 seed 3 5 damage 70000 >out.txt || fail "it stops"
same_text out.txt 'unknown setting "fire_rat"; did you mean "fire_rate"?
seed cannot change during a training; expected learning_rate, fire_rate, damage or damage_shape
damage: expected an integer from 0 to 65536, found "70000"'
same_file refused/model.safetensors plain/model.safetensors
grep -q '^changes: ""$' refused/config.yaml || fail "a refused change is written down"
refuses 2 'changes:*2*"5 fire_rat 0.5"*"fire_rat"*"fire_rate"*' \
    train --changes "1 damage 0, 5 fire_rat 0.5" -o none

# Displayed.
run 0 info whole
sed -n '/^  changes /,$p' out.txt >shown.txt
same_text shown.txt "  changes          fire_rate 0.75 from iteration 9
                   learning_rate 0.001 from iteration 12
                   damage 0 from iteration 12
                   damage 4 from iteration 16
                   damage_shape square from iteration 16"
grep -q '^  fire rate        0.75$' out.txt || fail "the model has not the last fire rate"
run 0 info whole --json
grep -qF "\"changes\": \"$list\"," out.txt || fail "$(cat out.txt)"
printf 'iteration,key,value\n3,damage\n\e[31m,,,\n9,lr,0.1,\n5,hidden,3\n4,damage,1' >plain/events.csv
run 1 info plain --json
grep -qF '"changes": "4 damage 1",' out.txt || fail "rows that are none: $(cat out.txt)"

# A list is an axis of a sweep.
cat >grid.yaml <<YAML
recipe: distill
changes: ["", "$list"]
experiment: regenerating
damage: 2
iterations: 24
img_size: 8
padding: 2
n_channels: 8
hidden: 16
pool_size: 16
learning_rate: 0.001
YAML
run 0 sweep grid.yaml -o grid --jobs 2 --quiet
same_file grid/runs/changes-none/model.safetensors plain/model.safetensors
changed=$(echo grid/runs/changes-9*)
same_file "$changed/model.safetensors" whole/model.safetensors
grep -qF "\"$list\"" grid/summary.csv || fail "$(cat grid/summary.csv)"

# A checkpoint from before this setting existed.
mkdir old
cp "$fixture" old/checkpoint.safetensors
run 0 train --resume old --iterations 40 --changes "30 fire_rate 0.9" --quiet
same_text old/events.csv "iteration,key,value
30,fire_rate,0.9"
# It names its recipe, and settings that it lacks are taken from that recipe.
for line in 'recipe: distill' 'damage_area: grid'; do
    grep -qx "$line" old/config.yaml || fail "no line '$line' in $(cat old/config.yaml)"
done
run 2 train --resume old --iterations 50 --changes "20 fire_rate 0.9"
grep -q 'expected nothing, found "20 fire_rate 0.9"' err.txt && fail "the wrong entry is named"
grep -q 'expected "30 fire_rate 0.9", found "20 fire_rate 0.9"' err.txt || fail "$(cat err.txt)"
finish
