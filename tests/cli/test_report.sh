# nca report: what is in it, what it leaves out, what it refuses.
. "$(dirname "$0")/common.sh" "$1"

run 0 train --target phantom "${tiny[@]}" --iterations 5 -o runs/a --quiet --experiment regenerating
run 0 train --target phantom "${tiny[@]}" --iterations 5 --filter scharr -o runs/b --quiet
cksum runs/*/* >before.txt
export TMPDIR=$folder/scratch
mkdir scratch

run 0 report runs/a -o a.html --rollouts 2 --threads 2
same_text out.txt a.html
for section in Training Growth 'Hidden channels' Evaluation Damage Settings; do
    grep -q "<h3>$section</h3>" a.html || fail "no section $section"
done
[ "$(grep -o 'src="data:image/' a.html | wc -l)" = 7 ] || fail "not seven pictures"
! grep -qE '(src|href)="?https?:|<script' a.html || fail "the report fetches or runs something"
grep -q '<td>learning_rate</td><td>0.002</td>' a.html || fail "the settings are not in it"
grep -q '<title>a</title>' a.html || fail "the title is not the run's name"
[ -z "$(ls scratch)" ] || fail "pictures are left in the temporary folder: $(ls scratch)"

run 0 report runs -o both.html --rollouts 0 --title 'Two & more'
[ "$(grep -c '<h2>[ab]</h2>' both.html)" = 2 ] || fail "not both runs"
! grep -q '<h3>Evaluation' both.html || fail "measured without rollouts"
grep -q '<h1>Two &amp; more</h1>' both.html || fail "the title"
cksum runs/*/* | cmp -s - before.txt || fail "a report has changed a run"
mkdir runs/c && cp runs/a/config.yaml runs/c/
run 0 report runs -o three.html --rollouts 0 --quiet
grep -q '<p>c: no model yet, or it failed; left out\.</p>' three.html || fail "the run without a model is not named"
rm -r runs/c
long=$(printf '/%.0s%s' $(seq 90) x | cut -c1-80)
sed "s|^root:.*|root: $long|" runs/a/config.yaml >long.yaml && cp long.yaml runs/a/config.yaml
run 0 report runs/a -o long.html --rollouts 0
grep -qF "<p>root: $long</p>" long.html || fail "a long setting is cut"

refuses 2 'expected a run; see `nca report --help`' report
mkdir empty
refuses 1 'empty: expected a run folder with model.safetensors in it, or a folder of such runs; found neither' report empty
refuses 2 '-o: the folder of "no/x.html" does not exist; make it first' report runs/a -o no/x.html
rm runs/b/config.yaml
run 1 report runs/b -o b.html
grep -q 'runs/b/config.yaml' err.txt || fail "what is missing is not named: $(cat err.txt)"
[ ! -e b.html ] || fail "a report of a broken run was written"
[ -z "$(ls scratch)" ] || fail "pictures are left after a failure"
TMPDIR=$folder/nowhere run 1 report runs/a -o x.html
grep -q 'set TMPDIR' err.txt || fail "no word about TMPDIR: $(cat err.txt)"
finish
