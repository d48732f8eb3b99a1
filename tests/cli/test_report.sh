# nca report: its contents, what it leaves out, its errors.
. "$(dirname "$0")/common.sh" "$1"

run 0 train --target phantom "${tiny[@]}" --iterations 5 -o runs/a --quiet --experiment regenerating
run 0 train --target phantom "${tiny[@]}" --iterations 5 --filter scharr -o runs/b --quiet
cksum runs/*/* >before.txt
export TMPDIR=$folder/scratch
mkdir scratch

run 0 report runs/a -o a.html --rollouts 2 --threads 2
same_text out.txt a.html
for section in Training Growth 'Hidden channels' Evaluation Damage; do
    grep -q "<h2 id=\"part-[0-9]\"[^>]*>$section</h2>" a.html || fail "no section $section"
done
grep -q '<summary>Settings</summary>' a.html || fail "no settings"
[ "$(grep -o 'src="data:image/' a.html | wc -l)" = 4 ] || fail "not four pictures"
[ "$(grep -c '<svg class="plot"' a.html)" = 3 ] || fail "not three plots"
[ "$(grep -c '>a</h[12]>' a.html)" = 1 ] || fail "the title stands more than once"
grep -q '<p class="by">Written by nca [0-9.]* on 20[0-9-]*; 1 run\.</p>' a.html || fail "no version and date"
! grep -qE '(src|href)="?https?:|<script' a.html || fail "the report fetches or runs something"
grep -q '<td>learning_rate</td><td>0.001</td>' a.html || fail "the settings are not in it"
grep -q '<title>a</title>' a.html || fail "the title is not the run's name"
[ -z "$(ls scratch)" ] || fail "pictures are left in the temporary folder: $(ls scratch)"

grep -qE ', [0-9]+ s in the iterations\.' a.html || fail "the time is not named"
grep -q '<tr><td class="short">circle</td>.*<td class="n">[0-9]* %</td><td class="n">[0-9]* %</td></tr>' a.html ||
    fail "healed and restored are not both percentages"

# ---- A long evaluation: 50,000 steps on a logarithmic axis, and ten cuts.
run 0 report runs/b -o long.html --rollouts 1 --long --quiet
grep -q '<td class="short">50000</td>' long.html || fail "no row of 50,000 steps"
grep -q '>10,000</text>' long.html || fail "the axis is not logarithmic"
grep -q 'steps after the first of 10 cuts' long.html || fail "no plot of ten cuts"
grep -q '>1880</td>' long.html || fail "no row of the last cut"

run 0 report runs -o both.html --rollouts 0 --title 'Two & more'
[ "$(grep -c '<h2 [^>]*>[ab]</h2>' both.html)" = 2 ] || fail "not both runs"
grep -q '<h2 id="part-1" class="first">Comparison</h2>' both.html || fail "no comparison first"
grep -q '<li><a href="#part-3">b</a></li>' both.html || fail "no contents"
grep -q '<td class="short"><a href="#part-2">a</a></td>' both.html || fail "the table does not lead to the runs"
! grep -q '<h3>Evaluation' both.html || fail "measured without rollouts"
grep -q '<h1>Two &amp; more</h1>' both.html || fail "the title"
cksum runs/*/* | cmp -s - before.txt || fail "a report has changed a run"
mkdir runs/c && cp runs/a/config.yaml runs/c/
run 0 report runs -o three.html --rollouts 0 --quiet
grep -q '<p>c: omitted; .*</p>' three.html || fail "the run without a model is not named"
rm -r runs/c
long=$(printf '/%.0s%s' $(seq 90) x | cut -c1-80)
sed "s|^root:.*|root: $long|" runs/a/config.yaml >long.yaml && cp long.yaml runs/a/config.yaml
run 0 report runs/a -o long.html --rollouts 0
grep -qF "<p>root: $long</p>" long.html || fail "a long setting is cut"

refuses 2 '*nca report --help*' report
mkdir empty
refuses 1 'empty: expected a run folder with model.safetensors, * sweep; *' report empty
refuses 2 '-o: the folder of "no/x.html" does not exist; *' report runs/a -o no/x.html

# ---- Every command that takes a list of runs takes the folder of a sweep as the list of its runs.
mkdir -p sweep/runs && cp -r runs/a runs/b sweep/runs/
run 0 report sweep -o sweep.html --rollouts 2 --quiet
grep -q '; 2 runs\.' sweep.html || fail "not the runs of the sweep"
# A run that explodes without damage too counts as healed, but not as restored.
grep -q '<th[^>]*>restored</th><th[^>]*>training loss</th>' sweep.html || fail "the comparison does not have the column restored"
# A deviation has its own digits; a small one has an exponent.
run 0 report sweep/runs/a -o digits.html --rollouts 3 --quiet
"$program" evaluate sweep/runs/a --rollouts 3 --steps 80,500 --no-damage >table.txt
for column in 1 2; do
    spread=$(sed -n 's/^L2  *//p' table.txt | sed 's/   */\n/g' | sed -n ${column}p)
    grep -qF "<td class=\"n\">$spread</td>" digits.html || fail "not \"$spread\" of nca evaluate"
done
# A diverged run (L2 above 1) is named, and no value of it is in bold.
grep -q '<td>diverged</td>\|<td class="n">diverged</td>' sweep.html || fail "no run is diverged"
grep '>diverged</td>' sweep.html | grep -q '<strong>\|<b>' && fail "a diverged run is best"
# The table calls a target as the sheet of a sweep does.
cp "$golden/../../../examples/photo.png" .
run 0 train --target photo.png "${tiny[@]}" --iterations 1 -o targets/p --quiet
run 0 train --target phantom "${tiny[@]}" --iterations 1 -o targets/q --quiet
run 0 report targets -o targets.html --rollouts 0 --quiet
grep -q '<td class="short">photo</td>' targets.html || fail "the target is not called photo"
! has_page || run 0 export sweep -o page.html
run 0 visualize sweep -o growth.gif
run 2 evaluate sweep
grep -q 'found 2; .*sweep/runs/a' err.txt || fail "evaluate: $(cat err.txt)"
run 2 info sweep
grep -q 'found 2; .*sweep/runs/a' err.txt || fail "info: $(cat err.txt)"
rm -r sweep/runs/b
run 0 info sweep
grep -q '^sweep/runs/a/model.safetensors$' out.txt || fail "info of the only run: $(cat out.txt)"

# ---- Many runs take little space: details folded, no animation, every picture stored once.
for copy in 1 2 3; do cp -r sweep/runs/a sweep/runs/c$copy; done
run 0 report sweep -o many.html --rollouts 2 --quiet
[ "$(grep -c '<details><summary>Training' many.html)" = 4 ] || fail "not folded"
! grep -q 'image/gif' many.html || fail "an animation"
[ "$(grep -o 'src="data:image/[^"]*"' many.html | sort | uniq -d | wc -l)" = 0 ] || fail "a picture is in it twice"
grep -q 'Same picture as above</a>' many.html || fail "no word of the same picture"

mkdir named && cp -r runs/a named/x_sobel_seed1 && cp -r runs/b named/x_scharr_seed1
run 0 report named -o named.html --rollouts 0 --quiet
for name in sobel scharr; do
    grep -q "<td class=\"short\"><a href=\"#part-[23]\">$name</a></td>" named.html || fail "not the short name $name"
done

# ---- Unreadable runs are reported, the rest is written, and the exit code is 1.
parts() { # MESSAGE IN-REPORT: of a report on the run "broken"
    run 1 report broken -o broken.html --rollouts 0 --quiet
    grep -q "$1" err.txt || fail "not said: $(cat err.txt)"
    grep -q '>Growth</h2>' broken.html || fail "the rest is missing"
    grep -q "$2" broken.html || fail "the report does not say it"
}
cp -r runs/a broken && rm broken/config.yaml
parts 'broken: settings: broken/config.yaml: ' 'broken/config.yaml'
! grep -q '<summary>Settings' broken.html || fail "settings from nowhere"
cp runs/a/config.yaml broken/ && rm broken/metrics.csv
parts 'broken: loss: broken/metrics.csv: cannot be read' 'metrics.csv: cannot be read'
mkfifo broken/metrics.csv
run 1 info broken
[ "$(grep -c 'broken/metrics.csv: expected a file, found a pipe' err.txt)" = 1 ] || fail "info: $(cat err.txt)"
grep -q '^parameters ' out.txt || fail "info: the rest is missing"
parts 'broken/metrics.csv: expected a file, found a pipe' 'metrics.csv'
rm broken/metrics.csv && sed '3s/^2,/9007199254740993,/; 4s/^3,/3,x/' runs/a/metrics.csv >broken/metrics.csv
alarm=$SECONDS
parts 'broken/metrics.csv: 2 lines are not valid rows' '2 lines are not valid rows'
run 1 info broken --json
grep -q '2 lines are not valid rows' err.txt || fail "info: $(cat err.txt)"
sed '4s/^3,/3,x/' runs/a/metrics.csv >broken/metrics.csv
run 1 info broken
grep -q '1 line is not a valid row' err.txt || fail "info: $(cat err.txt)"
head -c 4096 /dev/zero | tr '\0' x >broken/metrics.csv
run 1 info broken
grep -q 'metrics.csv: the file has no rows' err.txt || fail "info: $(cat err.txt)"
mkdir young && cp runs/a/config.yaml young/
for command in info evaluate report; do
    run 1 $command young
    grep -q 'young: the run has no model yet' err.txt || fail "$command: $(cat err.txt)"
done
[ $((SECONDS - alarm)) -lt 120 ] || fail "it took too long"
mkdir pair && cp -r runs/a pair/ && mkdir pair/z && cp runs/a/config.yaml pair/z/ && echo x >pair/z/model.safetensors
run 1 report pair -o pair.html --rollouts 0 --quiet
grep -q 'pair/z/model.safetensors: ' err.txt || fail "$(cat err.txt)"
grep -q '<h2 [^>]*>a</h2>' pair.html || fail "the run that can be read is not in it"
rm pair/a/model.safetensors
run 1 report pair -o none.html --rollouts 0 --quiet
[ ! -e none.html ] || fail "a report on nothing"

mkdir worse && cp -r pair/z worse/y && cp -r pair/z worse/z
run 1 report worse -o none.html --rollouts 0 --quiet
[ "$(grep -c 'model.safetensors: ' err.txt)" = 2 ] || fail "not one message for each run: $(cat err.txt)"
truncate -s 2M sweep/sheet.png
run 0 report sweep -o large.html --rollouts 0 --quiet
grep -q 'sweep/sheet\.png\.</p>' large.html || fail "no word of a sheet that is too large"

# ---- The first signal ends it.
"$program" report runs/b -o signal.html --rollouts 90000 --quiet 2>signal.txt &
pid=$!
sleep 1
kill -TERM $pid
wait $pid
[ $? = 143 ] || fail "SIGTERM: not 143: $(cat signal.txt)"
[ ! -e signal.html ] || fail "a report that was stopped was written"
[ -z "$(ls scratch)" ] || fail "pictures are left after a failure"
TMPDIR=$folder/nowhere run 1 report runs/a -o x.html
grep -q 'set TMPDIR' err.txt || fail "no word about TMPDIR: $(cat err.txt)"
finish
