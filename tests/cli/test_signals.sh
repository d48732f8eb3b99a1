# External causes that end training: a terminal that closes, a reader that exits, a limit on the
# size of files. The completed work is saved, and temporary files of a killed program are removed by
# the next one.
. "$(dirname "$0")/common.sh" "$1"

long=(train "${tiny[@]}" --iterations 1000000 --checkpoint-every 1000000)

# saved FOLDER: all rows are in the checkpoint, so that no iteration is repeated.
saved() {
    local last
    last=$(tail -n 1 "$1/metrics.csv" | cut -d, -f1)
    run 0 train --resume "$1" --iterations "$last" --quiet
    [ "$(tail -n 1 "$1/metrics.csv" | cut -d, -f1)" = "$last" ] || fail "$1: rows were lost"
    grep -q "iterations  $last" out.txt || fail "$1: $(cat out.txt)"
}

# ---- A terminal that closes sends SIGHUP, often more than once.
"$program" "${long[@]}" -o hup --quiet 2>err.txt &
pid=$!
wait_rows hup 5
kill -HUP $pid
kill -HUP $pid 2>/dev/null
wait $pid
code=$?
[ $code = 129 ] || fail "SIGHUP: exit code $code"
grep -q 'continue with: nca train --resume hup$' err.txt || fail "$(cat err.txt)"
saved hup

# nohup ignores it.
(trap '' HUP; exec "$program" "${long[@]}" -o nohup --quiet 2>err.txt) &
pid=$!
wait_rows nohup 5
kill -HUP $pid
sleep 0.3
kill -0 $pid 2>/dev/null || fail "SIGHUP ended a training that nohup started"
kill -TERM $pid
wait $pid
[ $? = 143 ] || fail "SIGTERM after an ignored SIGHUP: $(cat err.txt)"

# ---- A reader that exits. A progress line without a reader ends training in the normal way.
mkfifo gone
"$program" "${long[@]}" -o pipe 2>gone &
pid=$!
head -n 1 gone >first.txt
for _ in $(seq 400); do
    kill -0 $pid 2>/dev/null || break
    sleep 0.1
done
kill -KILL $pid 2>/dev/null && fail "a training without a reader goes on"
wait $pid
code=$?
[ $code = 141 ] || fail "SIGPIPE: exit code $code"
grep -q iteration first.txt || fail "$(cat first.txt)"
saved pipe

# Results without a reader: training is complete, and there is no message.
"$program" train "${tiny[@]}" --iterations 3 -o short --quiet 2>err.txt | true
[ "${PIPESTATUS[0]}" = 141 ] || fail "a closed pipe: exit code ${PIPESTATUS[0]}"
same_text err.txt ""
[ -s short/comparison.png ] || fail "pictures are missing"
[ -z "$(ls short | grep tmp)" ] || fail "left behind: $(ls short)"

# ---- A limit on the size of files is reported as a write error.
(ulimit -f 4; trap '' XFSZ; exec "$program" train "${tiny[@]}" --iterations 9 -o limit --quiet >out.txt 2>err.txt)
ignored=$?
(ulimit -f 4; exec "$program" train "${tiny[@]}" --iterations 9 -o limited --quiet >out.txt 2>err.txt)
code=$?
[ $ignored = 1 ] && [ $code = 1 ] || fail "ulimit -f: exit codes $ignored, $code"
grep -q 'ulimit -f' err.txt || fail "$(cat err.txt)"
[ "$(wc -l <err.txt)" = 1 ] || fail "more than one line: $(cat err.txt)"
[ -z "$(ls limited | grep tmp)" ] || fail "left behind: $(ls limited)"

# ---- Temporary files of killed programs are removed by the next one; other files are kept.
left=0123456789abcdef.tmp
mkdir -p short/snapshots
for file in checkpoint.safetensors config.yaml metrics.csv events.csv growth.gif loss.svg \
    filmstrip.png snapshots/000100.safetensors; do
    echo half >"short/$file.$left"
done
echo half >short/events.csv.tmp
echo mine >"short/notes.$left"
run 0 train --resume short --iterations 4 --quiet
[ "$(find short -name '*tmp')" = "short/notes.$left" ] || fail "left behind: $(find short -name '*tmp')"

cat >sweep.yaml <<'END'
recipe: distill
iterations: 2
img_size: 8
padding: 2
n_channels: 8
hidden: 16
pool_size: 16
seed: [0, 1]
END
mkdir -p grid/runs
for file in sheet.gif sheet.png summary.csv summary.md; do
    echo half >"grid/$file.$left"
done
run 0 sweep sweep.yaml -o grid --quiet
[ -z "$(find grid -name '*tmp')" ] || fail "left behind: $(find grid -name '*tmp')"

# A temporary file of any other command is removed when its target is next written.
echo half >"page.html.$left"
echo half >"other.html.$left"
run 0 report short -o page.html --rollouts 0 --quiet
[ "$(ls ./*tmp)" = "./other.html.$left" ] || fail "left behind: $(ls ./*tmp)"

# The folder of pictures of a report. One whose owner is running is kept, and so is one of another
# report.
mkdir temporary
export TMPDIR=$PWD/temporary
mkdir -m 700 temporary/nca-report-abc123 temporary/nca-report-abcdef temporary/nca-report-mine
touch temporary/nca-report-abc123/growth.gif "temporary/nca-report-abc123/growth.gif.$left" \
    temporary/nca-report-abcdef/strip.png
exec 9<temporary/nca-report-abcdef
flock 9
run 0 report short -o report.html --rollouts 0 --quiet
exec 9<&-
[ "$(ls temporary | tr '\n' ' ')" = 'nca-report-abcdef nca-report-mine ' ] || fail "$(ls temporary)"
finish
