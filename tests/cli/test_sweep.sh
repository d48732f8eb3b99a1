# Sweeps: all runs done and compared; killed, interrupted and resumed with the same bits; failures
# and errors.
. "$(dirname "$0")/common.sh" "$1"
. "$(dirname "$0")/sweep_results.sh"

cat >grid.yaml <<'END'
recipe: distill
target: phantom
img_size: 8
padding: 2
n_channels: 8
hidden: 16
pool_size: 16
batch_size: 4
steps_min: 20
steps_max: 30
iterations: 100
checkpoint_every: 7
seeds: 2
filter: [sobel, mean]
END

same_sweep() {
    local name
    results whole >whole.txt
    results "$1" >other.txt
    same_file whole.txt other.txt
    for name in $(ls whole/runs); do
        same_file "whole/runs/$name/model.safetensors" "$1/runs/$name/model.safetensors"
    done
    same_file whole/sheet.png "$1/sheet.png"
}

run 0 sweep grid.yaml --list
same_text out.txt "sobel_seed0
sobel_seed1
mean_seed0
mean_seed1"
[ ! -e runs ] || fail "--list made a folder"

# ---- An undisturbed sweep.
run 0 sweep grid.yaml -o whole --jobs 2
for file in summary.csv summary.md sheet.png sheet.gif runs/sobel_seed0/config.yaml \
    runs/mean_seed1/model.safetensors runs/mean_seed1/evaluation.csv runs/mean_seed1/growth.gif; do
    [ -s "whole/$file" ] || fail "whole/$file is missing"
done
head -n 1 whole/summary.csv >header.txt
same_text header.txt run,filter,seed,status,training_loss,L1_80,L2_80,Hinge_80,L2_500,surviving_500,seconds,folder,reason
[ "$(grep -c ',done,' whole/summary.csv)" = 4 ] || fail "$(cat whole/summary.csv)"
grep -q '^4/4 done, 0 running, 0 left  in ' err.txt || fail "no progress: $(cat err.txt)"
grep -q '^sobel_seed1  L2 0\.' err.txt || fail "no line of a run: $(cat err.txt)"
head -n 1 whole/summary.md >header.txt
same_text header.txt '| filter | L1 at 80 | L2 at 80 | Hinge at 80 | L2 at 500 | alive at 500 | training loss | runs |'
[ "$(sed -n '3,4p' whole/summary.md | grep -c ' ± .* | 2, diverged |$')" = 2 ] || fail "$(cat whole/summary.md)"
grep -qF "$(sed -n 3p whole/summary.md)" out.txt || fail "the table was not printed: $(cat out.txt)"

# The numbers of the table are those of the runs: the mean of L2, the smaller one first.
awk -F, 'NR > 1 { sum[$2] += $7 } END { for (f in sum) printf "%.9f %s\n", sum[f] / 2, f }' \
    whole/summary.csv | sort -n >means.txt
best=$(head -n 1 means.txt)
sed -n 3p whole/summary.md | grep -q "^| ${best#* } |.*| $(printf '%.3g' "${best% *}") ±" ||
    fail "best $best: $(cat whole/summary.md)"
[ "$(sed -n 4p whole/summary.md | cut -d'|' -f2 | tr -d ' ')" = "$(tail -n 1 means.txt | cut -d' ' -f2)" ] ||
    fail "the order of $(cat whole/summary.md)"

# The error of a command that takes one model names one of the runs as an example.
for command in "info whole" "rollout whole" "evaluate whole" "convert whole x.pt"; do
    # shellcheck disable=SC2086
    refuses 2 'whole: *one run*found 4*whole/runs/mean_seed0' $command
done

# Finished runs are not trained again, and each run is what nca train makes of its config.yaml.
touch -d '2001-01-01' whole/runs/*/checkpoint.safetensors
run 0 sweep grid.yaml -o whole --quiet
same_text err.txt ""
[ -z "$(find whole/runs -name checkpoint.safetensors -newermt 2002-01-01)" ] || fail "trained again"
run 0 train --config whole/runs/mean_seed1/config.yaml -o again --quiet
same_file whole/runs/mean_seed1/model.safetensors again/model.safetensors

# Sequential runs with other numbers of threads give the same results.
run 0 sweep grid.yaml -o single --jobs 1 --threads 2 --quiet
same_sweep single

# wait_for FILE LINES: waits until the file has this many lines.
wait_for() {
    for _ in $(seq 600); do
        [ "$(cat "$1" 2>/dev/null | wc -l)" -ge "$2" ] && return
        sleep 0.02
    done
    fail "$1 has no $2 lines after 12 s"
}

# ---- The parent alone and the whole group are killed: no process continues to write, and nothing
# is lost.
for victim in parent group; do
    setsid "$program" sweep grid.yaml -o "$victim" --jobs 2 --quiet 2>/dev/null &
    pid=$!
    wait_for "$victim/runs/sobel_seed1/metrics.csv" 20
    if [ $victim = parent ]; then kill -9 $pid; else kill -9 -- -$pid; fi
    wait $pid 2>/dev/null
    # Every process of the sweep holds the lock.
    flock -w 2 "$victim/sweep.lock" true || fail "killed $victim: children go on"
    [ ! -e $victim/runs/mean_seed1/evaluation.csv ] || fail "killed $victim: too late to tell"
    [ -s $victim/runs/sobel_seed1/checkpoint.safetensors ] || fail "killed $victim: no checkpoint"
    run 0 sweep grid.yaml -o "$victim" --jobs 2 --quiet
    same_sweep "$victim"
done

# ---- Stopped by a signal: the active runs save checkpoints.
"$program" sweep grid.yaml -o stopped --jobs 2 --quiet --checkpoint-every 0 2>stop.txt >/dev/null &
pid=$!
wait_for stopped/runs/sobel_seed1/config.yaml 20
kill -INT $pid
wait $pid
[ $? = 130 ] || fail "SIGINT: not 130: $(cat stop.txt)"
grep -q '^nca: stopped.* [0-3] of 4 runs' stop.txt ||
    fail "$(cat stop.txt)"
ls stopped/runs/*/checkpoint.safetensors >/dev/null 2>&1 || fail "no run saved itself"
run 0 sweep grid.yaml -o stopped --jobs 2 --quiet
same_sweep stopped

# ---- One sweep at a time in a folder.
"$program" sweep grid.yaml -o locked --quiet --iterations 1000000 2>stop.txt >/dev/null &
pid=$!
wait_for locked/runs/sobel_seed0/config.yaml 20
refuses 2 'locked:*`nca sweep`*-o*' \
    sweep grid.yaml -o locked
kill -TERM $pid
wait $pid
[ $? = 143 ] || fail "SIGTERM: not 143: $(cat stop.txt)"

# ---- Failures are reported, the other runs are done, and failed ones are tried again.
two=(--target whole/sheet.png --target phantom --seeds 1 --iterations 5)
mkdir -p failing/runs
: >failing/runs/sheet_sobel # a file where the run's folder should be
run 1 sweep grid.yaml -o failing "${two[@]}"
grep -q '^nca: run sheet_sobel failed: failing/runs/sheet_sobel: ' err.txt || fail "$(cat err.txt)"
grep -q '^nca: 1 of 4 runs failed' err.txt || fail "$(cat err.txt)"
grep -q '^sheet_sobel,whole/sheet.png,sobel,0,failed,,,,,,,,runs/sheet_sobel,failing/runs/sheet_sobel: ' \
    failing/summary.csv || fail "$(cat failing/summary.csv)"
[ "$(grep -c ',done,' failing/summary.csv)" = 3 ] || fail "$(cat failing/summary.csv)"
[ "$(grep -c ' 0, failed |$' failing/summary.md)" = 1 ] || fail "$(cat failing/summary.md)"
rm failing/runs/sheet_sobel
run 0 sweep grid.yaml -o failing "${two[@]}" --quiet
[ "$(grep -c ',done,' failing/summary.csv)" = 4 ] || fail "$(cat failing/summary.csv)"
: >failing/runs/sheet_sobel/checkpoint.safetensors # a damaged one fails alone, and is not thrown away
run 1 sweep grid.yaml -o failing "${two[@]}" --quiet
grep -q '^nca: run sheet_sobel failed: failing/runs/sheet_sobel/checkpoint.safetensors: ' err.txt ||
    fail "$(cat err.txt)"
[ "$(grep -c ',done,' failing/summary.csv)" = 3 ] || fail "$(cat failing/summary.csv)"

# ---- Unreadable targets are reported once, before any run starts.
run 1 sweep "$golden/../../../configs/medmnist-grid.yaml" --root nosets -o none
[ "$(wc -l <err.txt)" = 4 ] || fail "$(cat err.txt)"
for set in bloodmnist chestmnist retinamnist; do
    [ "$(grep -c "nca data get $set --root nosets" err.txt)" = 1 ] || fail "$set: $(cat err.txt)"
done
grep -q '3 of 3 targets cannot be read' err.txt || fail "$(cat err.txt)"
[ ! -e none ] || fail "a folder is left: $(ls -R none)"
same_text out.txt ''
run 1 sweep grid.yaml -o none --target gone.png --target phantom --iterations 5
grep -q '^nca: gone.png: ' err.txt || fail "$(cat err.txt)"
[ ! -e none ] || fail "a folder is left: $(ls -R none)"
mkdir none && echo mine >none/notes.txt
run 1 sweep grid.yaml -o none --target gone.png
[ "$(ls none)" = notes.txt ] || fail "not only what was there: $(ls none)"
rm -r none
mkdir kept
run 1 sweep grid.yaml -o kept/a/b --target gone.png
[ -d kept ] && [ ! -e kept/a ] || fail "folders are left or removed: $(ls -R kept)"
run 2 sweep grid.yaml -o whole --target gone.png
[ -e whole/sweep.lock ] || fail "the lock of an earlier sweep is gone"
printf 'target: phantom\nwindow: [auto, "5"]\niterations: 5\n' >windows.yaml # one target, read in two ways
run 2 sweep windows.yaml -o none
grep -q 'window: expected' err.txt || fail "$(cat err.txt)"
[ ! -e none ] || fail "a folder is left"

# ---- Unreadable results do not become empty cells: the run is evaluated again.
results failing >before.txt
sed -i '/^steps,,500,L2,/d' failing/runs/phantom_mean/evaluation.csv
sed -i 's/^steps,,80,L1,.*/steps,,80,L1,0x/' failing/runs/phantom_sobel/evaluation.csv
rm failing/runs/sheet_mean/metrics.csv
run 1 sweep grid.yaml -o failing "${two[@]}" --quiet
grep -q 'phantom_mean .*evaluation.csv: L2 after 500 steps' err.txt ||
    fail "$(cat err.txt)"
grep -q 'phantom_sobel .*evaluation.csv:2: ' err.txt || fail "$(cat err.txt)"
grep -q 'run sheet_mean: cannot read the seconds' err.txt || fail "$(cat err.txt)"
results failing >after.txt
same_file before.txt after.txt

# ---- A dead run is never the best: the mean of its group is worse than the random seed that dies
# alone.
cp -r failing dead
for run in phantom_sobel phantom_mean; do
    sed -i 's/^\(steps,,500,surviving\),.*/\1,0.5,/; s/^\(steps,,500,L2\),.*/\1,0.5,0/' \
        dead/runs/$run/evaluation.csv
done
sed -i 's/^\(steps,,80,L2\),.*/\1,0.001,0/; s/^\(steps,,500,surviving\),.*/\1,0,/' \
    dead/runs/phantom_sobel/evaluation.csv
run 1 sweep grid.yaml -o dead "${two[@]}" --quiet
[ "$(grep -c ' 1, dead |$' dead/summary.md)" = 1 ] || fail "$(cat dead/summary.md)"
grep ' 1, dead |$' dead/summary.md | grep -qF '**' && fail "a dead run is best: $(cat dead/summary.md)"
grep '^| phantom | mean ' dead/summary.md | grep -qF '**' || fail "the living is not best: $(cat dead/summary.md)"
[ "$(grep -n '^| phantom | sobel' dead/summary.md | cut -d: -f1)" -gt \
    "$(grep -n '^| phantom | mean' dead/summary.md | cut -d: -f1)" ] || fail "the order: $(cat dead/summary.md)"
grep -q '^phantom_sobel,phantom,sobel,0,done,.*,runs/phantom_sobel,dead$' dead/summary.csv || fail "$(cat dead/summary.csv)"

# ---- A diverged run is never the best, in no column and not on the sheet: its L2 is above 1.
cp -r failing diverged
for run in phantom_sobel phantom_mean sheet_mean; do
    sed -i 's/^\(steps,,500,surviving\),.*/\1,1,/; s/^\(steps,,500,L2\),.*/\1,4.76e+15,0/' \
        diverged/runs/$run/evaluation.csv
done
sed -i 's/^\(steps,,500,L2\),.*/\1,77448,0/; s/^\(steps,,80,L2\),.*/\1,0.00000764,0/' \
    diverged/runs/phantom_sobel/evaluation.csv
sed -i 's/^\(steps,,500,L2\),.*/\1,0.25,0/' diverged/runs/phantom_mean/evaluation.csv
run 1 sweep grid.yaml -o diverged "${two[@]}" --quiet
[ "$(grep -c ' 1, diverged |$' diverged/summary.md)" = 2 ] || fail "$(cat diverged/summary.md)"
grep 'diverged |$' diverged/summary.md | grep -qF '**' && fail "a diverged run is best: $(cat diverged/summary.md)"
grep -q '^| phantom | mean .*\*\*0\.25\*\*.* 1 |$' diverged/summary.md || fail "the other is not: $(cat diverged/summary.md)"
grep -q '^| phantom | sobel .* 7\.64e-06 .* 7\.74e+04 .* 1, diverged |$' diverged/summary.md ||
    fail "the form of the numbers: $(cat diverged/summary.md)"
grep -q '^phantom_sobel,.*,runs/phantom_sobel,diverged$' diverged/summary.csv || fail "$(cat diverged/summary.csv)"
grep -q 'above 1' diverged/summary.md || fail "nothing explains it: $(cat diverged/summary.md)"

# ---- Targets and lists of the grid that repeats the reference's experiment, on artificial sets.
mkdir sets
for set in bloodmnist chestmnist retinamnist; do
    cp "$golden/../../fuzz/corpus/medmnist/good-grey" sets/$set.npz
done
run 0 sweep "$golden/../../../configs/medmnist-grid.yaml" --root sets -o medmnist --img-size 8 \
    --n-channels 8 --hidden 16 --pool-size 16 --batch-size 4 --steps-min 20 --steps-max 30 \
    --iterations 2 --quiet
[ "$(grep -c ',done,' medmnist/summary.csv)" = 27 ] || fail "$(cat medmnist/summary.csv)"
[ "$(cut -d, -f1 medmnist/summary.csv | grep -c '^chestmnist-train-0_')" = 9 ] || fail "names"
grep -qx 'experiment: regenerating' \
    medmnist/runs/bloodmnist-train-0_sobel_L2_regenerating/config.yaml || fail "damage"
grep -qx 'recipe: medmnist' medmnist/runs/retinamnist-train-0_sobel_Hinge_persistent/config.yaml ||
    fail "recipe"

# ---- Settings that have changed are refused before anything runs.
refuses 2 "run sobel_seed0: started with learning_rate 0.002, but the sweep now has 0.1; *-o*" \
    sweep grid.yaml -o whole --learning-rate 0.1
refuses 2 "run sobel_seed0: started with iterations 100, but the sweep now has 20; *-o*" \
    sweep grid.yaml -o whole --iterations 20
run 0 sweep grid.yaml -o whole --iterations 105 --filter mean --seeds 1 --quiet
# The decay of a plateau depends on the number of iterations, so more iterations are a different
# training run.
plateau=(--schedule plateau --warmup 2 --filter sobel --seeds 1 --quiet)
run 0 sweep grid.yaml -o plateau "${plateau[@]}" --iterations 5
refuses 2 "run *: started with decay_at 5, but the sweep now has 8; set decay_at to 5 *-o*" \
    sweep grid.yaml -o plateau "${plateau[@]}" --iterations 8
run 0 sweep grid.yaml -o plateau "${plateau[@]}" --iterations 8 --decay-at 5
grep -q '^run,' whole/summary.csv || fail "no summary"

refuses 2 '*settings*file*nca sweep --help*' sweep
refuses 2 'no.yaml:*opened*file*directory*' sweep no.yaml
printf 'los: [L1, L2]\n' >bad.yaml
refuses 2 'bad.yaml:1:*"los"*"loss"*' sweep bad.yaml
refuses 2 '--jobs:*1*1024*"0"*' sweep grid.yaml --jobs 0
: >empty.yaml
refuses 2 'empty.yaml:*settings*some*them*empty*file*' sweep empty.yaml
[ ! -e runs/empty ] || fail "a refused sweep left a folder"
finish
