# nca report on classifiers: its sections, several runs, labels, data that cannot be read.
. "$(dirname "$0")/common.sh" "$1"

small=(--task classify --img-size 10 --n-channels 20 --hidden 8 --threads 1 --batch-size 4
    --steps-min 4 --steps-max 4 --iterations 12 --warmup 1 --quiet)
mkdir data
for set in breastmnist chestmnist; do
    run 0 data synth "$set" -o "data/$set.npz" --count 24,12,20 --quiet
done
run 0 train "${small[@]}" --data medmnist:breastmnist --root data -o runs/breast
cp out.txt ended.txt

# ---- A training says what to do with its model.
grep -qx 'next  *nca evaluate runs/breast' ended.txt || fail "no evaluation: $(cat ended.txt)"
grep -qx ' *nca predict runs/breast IMAGE' ended.txt || fail "no prediction: $(cat ended.txt)"
for plot in loss validation; do
    grep -qx "[a-z]* *runs/breast/$plot.png" ended.txt || fail "$plot.png is not named"
    [ -s runs/breast/$plot.png ] && [ -s runs/breast/$plot.svg ] || fail "no $plot.png or $plot.svg"
done
cksum runs/*/* >before.txt

# ---- One run.
run 0 report runs/breast -o one.html --rollouts 2 --quiet
same_text out.txt one.html
same_text err.txt ""
for section in Training Scores Classes 'ROC and precision-recall curves' Certainty \
    'Accuracy over steps' 'Most wrong images' 'Least certain images'; do
    grep -q "<h2 id=\"part-[0-9]\"[^>]*>$section</h2>" one.html || fail "no section $section"
done
grep -qE 'The model is that after iteration [0-9]+( of 12)?, loss .*; [0-9]+ s in the iterations\.' one.html ||
    fail "the iteration of the model is not named"
! grep -qE '>(Growth|Hidden channels|Damage)</h2>' one.html || fail "sections of a growth"
grep -q '<summary>Settings</summary>' one.html || fail "no settings"
# Loss, validations, confusion, ROC, precision and recall, reliability, coverage, steps.
[ "$(grep -c '<svg class="plot' one.html)" = 8 ] || fail "not eight plots: $(grep -c '<svg class="plot' one.html)"
! grep -qE '(src|href)="?https?:|<script' one.html || fail "the report fetches or runs something"
run 0 evaluate runs/breast --rollouts 2 --json a.json --predictions p.csv --quiet
python3 - one.html a.json p.csv <<'PY' || fail "the report and nca evaluate differ"
import csv, json, math, re, sys
page, report = open(sys.argv[1]).read(), json.load(open(sys.argv[2]))
rows = list(csv.DictReader(open(sys.argv[3])))
for name, key in (("AUC", "auc"), ("accuracy", "accuracy"), ("log loss", "log_loss"), ("ECE", "ece")):
    cells = "".join('<td class="n">%.3f</td>' % report[part][key]
                    for part in ("scores", "one_rollout", "with_temperature"))
    assert re.search(r"<td[^>]*>%s</td>%s</tr>" % (name, re.escape(cells)), page), (name, cells)
galleries = re.findall(r'<div class="gallery">(.*?)</div>', page, re.S)
def names(text):
    return re.findall(r"<figcaption><strong>test/(\d+)</strong>", text)
def p_true(row):
    return float(row["p_" + row["true_class"]])
wrong = [i for i, row in enumerate(rows) if row["class"] != row["true_class"]]
assert len(galleries) == (2 if wrong else 1)
if wrong:
    worst = sorted(wrong, key=lambda i: p_true(rows[i]))[:12]
    assert names(galleries[0]) == [str(i) for i in worst], (names(galleries[0]), worst)
    row = rows[worst[0]]
    caption = "<strong>test/%d</strong><br>true: %s (%.2f)<br>predicted: %s (%.2f)" % (
        worst[0], row["true_class"], p_true(row), row["class"], float(row["probability"]))
    assert caption in page, caption
assert "%d of 20 images have a wrong class" % len(wrong) in page
unsure = sorted(range(20), key=lambda i: -float(rows[i]["entropy"]))[:12]
assert names(galleries[-1]) == [str(i) for i in unsure], (names(galleries[-1]), unsure)
PY
run 0 report runs/breast -o again.html --rollouts 2 --threads 2 --root data
same_file one.html again.html
cksum runs/*/* | cmp -s - before.txt || fail "a report has changed a run"
run 0 report runs/breast -o none.html --rollouts 0
! grep -q '>Scores</h2>' none.html || fail "measured without rollouts"
grep -q '>Training</h2>' none.html || fail "no training"

# ---- The data are not there.
run 1 report runs/breast -o missing.html --root nowhere
grep -q '^nca: breast: test images: medmnist:breastmnist: .*nowhere' err.txt || fail "$(cat err.txt)"
grep -q '<p>breast: test images: .*nowhere' missing.html || fail "the report does not say it"
grep -q '>Training</h2>' missing.html && ! grep -q '>Scores</h2>' missing.html || fail "not only the rest"
mv data/breastmnist.npz data/breastmnist.hidden
run 1 report runs/breast -o missing.html
mv data/breastmnist.hidden data/breastmnist.npz

# ---- Labels, a set without validation images, and several runs, also with one that grows.
run 0 train "${small[@]}" --data data/chestmnist.npz -o runs/chest
run 0 report runs/chest -o labels.html --rollouts 1 --quiet
grep -q '>Labels</h2>' labels.html || fail "labels are called classes"
grep -q 'images have one or more wrong labels' labels.html || fail "no number of wrong images"
grep -qE '<br>true: (none|[a-z ]+ \([01]\.[0-9]{2}\))' labels.html || fail "no true labels"
! grep -q 'mean of 1' labels.html || fail "a column of a mean of one rollout"
run 0 data export breastmnist --root data --split test -o images --quiet
mkdir -p 'birds/train/a' 'birds/train/b' 'birds/test/a' 'birds/test/b'
for i in 0 2 4 6; do cp images/breastmnist/test${i}_0.png birds/train/a/; done
for i in 1 3 5 7; do cp images/breastmnist/test${i}_1.png birds/train/b/; done
cp images/breastmnist/test8_0.png birds/test/a/ && cp images/breastmnist/test9_1.png birds/test/b/
run 0 train "${small[@]}" --data birds -o folder
[ ! -e folder/validation.png ] || fail "a plot of no validations"
run 0 report folder -o folder.html --rollouts 2 --quiet
grep -q '<strong>test[89]_[01].png</strong>' folder.html || fail "the files are not named"
! grep -q temperature folder.html || fail "a temperature without validation images"
run 0 train "${tiny[@]}" --iterations 1 --target phantom -o runs/grows --quiet
run 0 report runs -o both.html --rollouts 2 --quiet
[ "$(grep -c '>Comparison</h2>' both.html)" = 1 ] || fail "not one comparison"
grep -q '<th[^>]*>data</th><th>run</th><th class="n">AUC</th>' both.html || fail "no scores are compared"
grep -q 'L2, 80 steps' both.html || fail "no losses are compared"
for name in grows breast chest; do
    part=$(grep -o "<h2 id=\"part-[0-9]\">$name</h2>" both.html | grep -o 'part-[0-9]')
    grep -q "<a href=\"#$part\">$name</a></td>" both.html || fail "the table does not lead to $name"
done
grep -q '>Growth</h3>' both.html && grep -q '>Scores</h3>' both.html || fail "sections are missing"

# ---- Stopped, it leaves no file. With this many rollouts the report takes far longer than the wait.
"$program" report runs/breast -o late.html --rollouts 1024 >out.txt 2>err.txt &
process=$!
sleep 0.3
kill -INT $process
wait $process
code=$?
[ $code = 130 ] || fail "a stopped report ends with $code"
[ ! -e late.html ] || fail "a stopped report left a file"
finish
