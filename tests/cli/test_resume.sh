# Stopping and resuming: by SIGINT, by SIGTERM, by kill -9 at any moment, in several parts. The
# model and the rows of the metrics (except for the seconds) are those of an uninterrupted run.
. "$(dirname "$0")/common.sh" "$1"

rows() {
    cut -d, -f1-9 "$1/metrics.csv"
}

same_run() {
    same_file whole/model.safetensors "$1/model.safetensors"
    rows whole >whole.csv
    rows "$1" >other.csv
    same_file whole.csv other.csv
}

length=120
run 0 train "${tiny[@]}" --iterations $length -o whole --quiet

# In several parts, with other threads and kernels.
run 0 train "${tiny[@]}" --iterations 50 -o pieces --quiet
run 0 train --resume pieces --iterations 51 --threads 1 --quiet
run 0 train --resume pieces --iterations $length --kernels scalar --quiet
same_run pieces
# A finished run says so and suggests what to do; nothing is written.
touch -d '2020-01-01' pieces/*
run 0 train --resume pieces --quiet
same_run pieces
grep -q "pieces: this run is finished after $length iterations.*--resume pieces --iterations 240" err.txt ||
    fail "$(cat err.txt)"
[ ! -s out.txt ] || fail "a finished run looks like a training: $(cat out.txt)"
[ -z "$(find pieces -newermt 2021-01-01 -type f)" ] || fail "rewritten: $(find pieces -newermt 2021-01-01)"
# Missing outputs are made again, and so are newly requested ones.
rm pieces/filmstrip.png
run 0 train --resume pieces --quiet
grep -q 'this run is finished' err.txt && [ -s pieces/filmstrip.png ] || fail "$(cat err.txt)"
run 0 train --resume pieces --quiet --model-path pieces/copy.safetensors
same_file pieces/model.safetensors pieces/copy.safetensors
# A cosine schedule ends with its run.
run 0 train "${tiny[@]}" --schedule cosine --iterations 4 -o cosine --quiet
run 0 train --resume cosine
grep -q 'finished.*cosine.*--config cosine/config.yaml --iterations 8 -o' err.txt || fail "$(cat err.txt)"

# A plateau continues at its current rate: its decay still ends where the run was to end.
brief=("${tiny[@]}" --schedule plateau --warmup 2 --steps-min 5 --steps-max 9)
run 0 train "${brief[@]}" --iterations 12 -o plateau --quiet
run 0 train --resume plateau
grep -q 'finished after 12 iterations.*--resume plateau --iterations 24' err.txt || fail "$(cat err.txt)"
run 0 train --resume plateau --iterations 15 --quiet
run 0 train --resume plateau --iterations 20 --quiet
run 0 train "${brief[@]}" --iterations 20 --decay-at 12 -o straight --quiet
same_file plateau/model.safetensors straight/model.safetensors
grep -qx 'decay_at: 12' plateau/config.yaml || fail "$(grep decay_at plateau/config.yaml)"
run 0 train --config plateau/config.yaml --iterations 25 -o copy --quiet
run 0 train --resume straight --iterations 25 --quiet
same_file copy/model.safetensors straight/model.safetensors
run 0 train "${brief[@]}" --iterations 25 -o slower --quiet # decays until the end
cmp -s slower/model.safetensors straight/model.safetensors && fail "decay_at changes nothing"
# Settings that the program derived from the number of iterations are derived again; options are
# kept.
printf 'target_path: phantom\niterations: 4000\nschedule: plateau\ndecay_at: 4000\nextension: 1800\nwarmup: 60\n' >old.yaml
run 0 train --config old.yaml "${tiny_default[@]}" --iterations 6 -o refit --quiet
for line in 'decay_at: 6' 'extension: 0' 'warmup: 3'; do
    grep -qx "$line" refit/config.yaml || fail "expected $line, found: $(cat refit/config.yaml)"
    grep -q "${line%%:*}: .* because iterations is 6" err.txt || fail "no notice: $(cat err.txt)"
done
run 0 train --config old.yaml "${tiny_default[@]}" --iterations 6 --extension 300 --warmup 2 --decay-at 5 -o chosen --quiet --experiment growing
for line in 'decay_at: 5' 'extension: 300' 'warmup: 2'; do
    grep -qx "$line" chosen/config.yaml || fail "expected $line, found: $(cat chosen/config.yaml)"
done
run 2 train --resume plateau --iterations 30 --decay-at 30
grep -q 'decay_at cannot change on resume' err.txt || fail "$(cat err.txt)"

# More iterations than fit into the time before the signal; the rows are written at each checkpoint.
for signal in INT TERM; do
    "$program" train "${tiny[@]}" --iterations 1000000 --checkpoint-every 7 -o "stop$signal" --quiet \
        2>err.txt &
    pid=$!
    wait_rows "stop$signal" 10
    kill -$signal $pid
    wait $pid
    code=$?
    case $signal$code in
    INT130 | TERM143) ;;
    *) fail "SIG$signal: exit code $code" ;;
    esac
    grep -q "continue with: nca train --resume stop$signal$" err.txt || fail "$(cat err.txt)"
    last=$(tail -n 1 "stop$signal/metrics.csv" | cut -d, -f1)
    run 0 train --resume "stop$signal" --iterations $((last + 20)) --quiet
    run 0 train "${tiny[@]}" --iterations $((last + 20)) -o "same$signal" --quiet
    same_file "stop$signal/model.safetensors" "same$signal/model.safetensors"
done

"$program" train "${tiny[@]}" --iterations 1000000 --checkpoint-every 7 -o killed --quiet &
pid=$!
wait_rows killed 10
kill -9 $pid
wait $pid 2>/dev/null
last=$(wc -l <killed/metrics.csv)
printf '99999,1' >>killed/metrics.csv # a row cut short
run 0 train --resume killed --iterations $((last + 20)) --quiet
run 0 train "${tiny[@]}" --iterations $((last + 20)) -o unkilled --quiet
same_file killed/model.safetensors unkilled/model.safetensors
rows killed >other.csv
rows unkilled >whole.csv
same_file whole.csv other.csv
[ -z "$(ls killed | grep tmp | grep -v safetensors)" ] || fail "left behind: $(ls killed)"

# Temporary files of a killed program are removed by the next one; files with similar names are
# kept.
touch killed/model.safetensors.0123456789abcdef.tmp killed/metrics.csv.0123456789abcde.tmp \
    killed/mine.0123456789abcdef.tmp
run 0 train --resume killed --iterations $((last + 21)) --quiet
[ ! -e killed/model.safetensors.0123456789abcdef.tmp ] || fail "a half-written model is left"
[ -e killed/metrics.csv.0123456789abcde.tmp ] && [ -e killed/mine.0123456789abcdef.tmp ] ||
    fail "another's files are gone: $(ls killed)"

# Two at once would overwrite each other's files: the second is refused, and the first is not
# disturbed.
"$program" train "${tiny[@]}" --iterations 1000000 --checkpoint-every 7 -o busy --quiet 2>first.txt &
pid=$!
wait_rows busy 10
busy='busy: another training is running in this folder; wait for it, or choose another folder with -o'
refuses 2 "$busy" train --resume busy --quiet
refuses 2 "$busy" train "${tiny[@]}" --iterations 5 -o busy --overwrite --quiet
kill -INT $pid
wait $pid
last=$(tail -n 1 busy/metrics.csv | cut -d, -f1)
[ "$(wc -l <busy/metrics.csv)" = $((last + 1)) ] || fail "busy/metrics.csv lacks rows"
run 0 train --resume busy --iterations $((last + 5)) --quiet

run 2 train --resume pieces --learning-rate 0.5
grep -q learning_rate err.txt || fail "a changed learning rate: $(cat err.txt)"
run 2 train --resume pieces --iterations 3
grep -q 'iterations: expected at least 120' err.txt || fail "$(cat err.txt)"

# Also before the running training has written a checkpoint.
"$program" train "${tiny[@]}" --iterations 1000000 --checkpoint-every 0 -o early --quiet 2>first.txt &
pid=$!
wait_rows early 0
[ ! -e early/checkpoint.safetensors ] || fail "a checkpoint was written too early"
refuses 2 "early: another training is running in this folder; *" train --resume early --quiet
kill -9 $pid
wait $pid 2>/dev/null
# Only what works is offered for a run without a checkpoint.
refuses 2 'early: *no checkpoint*--overwrite*' train "${tiny[@]}" -o early --quiet
! grep -q -- --resume err.txt || fail "a resume is offered: $(cat err.txt)"
run 1 train --resume early --quiet
grep -q 'no checkpoint to resume.*--config early/config.yaml --overwrite' err.txt || fail "$(cat err.txt)"
rm early/config.yaml
run 1 train --resume early --quiet
grep -q 'no checkpoint to resume' err.txt && ! grep -q -- --config err.txt || fail "$(cat err.txt)"
refuses 2 'pieces: *--resume pieces*--overwrite*' train "${tiny[@]}" -o pieces --quiet

# The summary has the time of all sessions, as the metrics have.
run 0 train "${tiny[@]}" --iterations 4 -o timed --quiet
sed -i -E '$s/[0-9.]+$/500.000/' timed/metrics.csv
run 0 train --resume timed --iterations 6 --quiet
grep -qE '^time +50[0-9]\.[0-9] s in the iterations$' out.txt || fail "$(grep ^time out.txt)"

# Stopped in the stability test, which begins after the checkpoint: the message and the resume say that
# the test is left, also if the folder has the pictures of an earlier end.
unsteady=("${tiny[@]}" --recipe robust --warmup 0 --seed 1 --iterations 3)
run 0 train "${unsteady[@]}" -o tested --quiet
"$program" train --resume tested --iterations 5 --extension 300 --checkpoint-every 0 2>err.txt >out.txt &
pid=$!
for _ in $(seq 6000); do
    [ -n "$(find tested/checkpoint.safetensors -newer tested/comparison.png)" ] && break
    sleep 0.01
done
kill -INT $pid
wait $pid
[ $? = 130 ] || fail "a stopped stability test: exit code $?"
grep -q 'stopped after iteration 5 of 5 and before the stability test; continue with: nca train --resume tested$' err.txt ||
    fail "$(cat err.txt)"
"$program" train --resume tested --quiet 2>err.txt &
pid=$!
wait_rows tested 6
kill -INT $pid
wait $pid
grep -q 'training is extended by 300 iterations' err.txt || fail "no test: $(cat err.txt)"
grep -q 'stopped after iteration [0-9]* of 305; continue with' err.txt || fail "$(cat err.txt)"
! grep -q 'is finished' err.txt || fail "called finished before the test: $(cat err.txt)"
# Stopped in the extension, and resumed to its end, which gives one piece of advice.
run 0 train --resume tested --quiet
! grep -q 'is finished' err.txt || fail "called finished in the extension: $(cat err.txt)"
[ "$(grep -c -- --iterations err.txt)" -le 1 ] || fail "two pieces of advice: $(cat err.txt)"
[ "$(tail -n 1 tested/metrics.csv | cut -d, -f1)" = 305 ] || fail "$(tail -n 1 tested/metrics.csv)"

# Rows after a gap are not discarded: the resume is refused.
run 0 train "${tiny[@]}" --iterations 3 -o gap --quiet
sed -i 3d gap/metrics.csv
cp gap/metrics.csv before.csv
refuses 1 'gap/metrics.csv: *iteration 3, but row 2 is missing or damaged; *' \
    train --resume gap --iterations 5 --quiet
same_file before.csv gap/metrics.csv
mv gap/metrics.csv kept.csv
run 0 train --resume gap --iterations 5 --quiet
finish
