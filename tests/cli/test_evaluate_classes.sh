# Evaluations of tiny classifiers: table, files, repeatability, options of the other task, data that
# does not fit, stopping.
. "$(dirname "$0")/common.sh" "$1"

small=(--task classify --img-size 10 --n-channels 8 --hidden 8 --threads 1 --batch-size 4
    --steps-min 4 --steps-max 4 --iterations 12 --warmup 1 --quiet)
mkdir root
for set in breastmnist retinamnist chestmnist; do
    run 0 data synth "$set" -o "root/$set.npz" --count 24,12,12 --quiet
done
run 0 train "${small[@]}" --data medmnist:breastmnist --root root -o runs/breast
run 0 train "${small[@]}" --data root/retinamnist.npz -o retina
run 0 train "${small[@]}" --n-channels 20 --data root/chestmnist.npz -o chest

# ---- The table, from the run's own images.
run 0 evaluate runs/breast
cp out.txt table.txt
sed -n 2p table.txt | grep -qx \
    '12 images of test, medmnist:breastmnist, 10x10; 16 rollouts of 4 steps, seed 0' || fail "$(cat table.txt)"
for row in AUC accuracy 'balanced accuracy' 'log loss' 'Brier score' ECE '0  malignant' \
    '1  normal, benign' 'accuracy, by entropy' 'accuracy, by spread'; do
    grep -qF "$row  " table.txt || fail "no line of $row in $(cat table.txt)"
done
grep -q 'mean of 16 *one rollout *temperature ' table.txt || fail "no heading: $(cat table.txt)"
grep -qx 'steps (1 rollout)  *2  *4  *8  *16  *64' table.txt || fail "no steps: $(cat table.txt)"
grep -qx 'least certain left out  *0 %  *10 %  *20 %  *50 %' table.txt || fail "no coverage"
! grep -q ' $' table.txt || fail "blanks at the end of a line"
[ "$(wc -L <table.txt)" -le 100 ] || fail "the table is wider than 100 columns"
for name in retina chest; do
    run 0 evaluate "$name" --rollouts 2
    [ "$(wc -L <out.txt)" -le 100 ] || fail "the table of $name is wider than 100 columns"
done
grep -q '^label  *AUC  *recall  *precision' out.txt || fail "labels are not named: $(cat out.txt)"

# ---- Threads, kernels and the way to the data have no effect; other options have.
few=(--rollouts 2)
run 0 evaluate runs/breast "${few[@]}" --csv - --quiet
cp out.txt a.csv
head -n 1 a.csv | grep -qx 'part,class,at,measure,value' || fail "$(head -n 1 a.csv)"
for options in "--threads 2 --kernels scalar" "--data root/breastmnist.npz" "--seed 0 --split test" \
    "--size 10" "--steps 4" "--steps 2,4,8,16,64" "--step-rollouts 1"; do
    # shellcheck disable=SC2086
    run 0 evaluate runs/breast/model.safetensors "${few[@]}" --csv b.csv --quiet $options
    cmp -s a.csv b.csv || fail "$options changes something"
done
for options in "--seed 1" "--rollouts 3" "--steps 3" "--steps 1,3" "--size keep" "--size 12" \
    "--split val" "--split train" "--precision int8" "--fire-rate 0.9" "--step-rollouts 2"; do
    # shellcheck disable=SC2086
    run 0 evaluate runs/breast "${few[@]}" --csv b.csv --quiet $options
    ! cmp -s a.csv b.csv || fail "$options changes nothing"
done
run 0 evaluate runs/breast "${few[@]}" --size keep --quiet
grep -q ', 28x28; ' out.txt || fail "the images were resized: $(cat out.txt)"

# ---- Files.
run 0 evaluate runs/breast "${few[@]}" --json - --predictions p.csv --benchmark results --quiet
python3 - out.txt p.csv results <<'PY' || fail "the files do not agree: $(cat p.csv)"
import csv, glob, json, sys
report = json.load(open(sys.argv[1]))
rows = list(csv.DictReader(open(sys.argv[2])))
names = [c["name"] for c in report["classes"]]
assert names == ["malignant", "normal, benign"], names
assert len(rows) == report["images"] == 12
right = sum(row["class"] == row["true_class"] for row in rows)
assert abs(right / 12 - report["scores"]["accuracy"]) < 1e-9
assert sum(map(sum, report["confusion"])) == 12
assert rows[3]["path"] == "test/3" and abs(float(rows[3]["p_malignant"]) +
                                           float(rows[3]["p_normal, benign"]) - 1) < 1e-9
assert [r["steps"] for r in report["over_steps"]] == [2, 4, 8, 16, 64]
assert report["one_rollout"]["steps"] == 4 and report["with_temperature"]["accuracy"] <= 1
name = glob.glob(sys.argv[3] + "/*")
expected = "%s/breastmnist_10_test_[AUC]%.3f_[ACC]%.3f@breast.csv" % (
    sys.argv[3], report["scores"]["auc"], report["scores"]["accuracy"])
assert name == [expected], (name, expected)
lines = [line.split(",") for line in open(expected)]
assert all(abs(float(l[2]) - float(r["p_normal, benign"])) < 1e-9 for l, r in zip(lines, rows))
PY
run 0 evaluate runs/breast "${few[@]}" --calibrated warm.safetensors --json a.json --quiet
run 0 info warm.safetensors --json
python3 - <<'PY' || fail "the temperature is not in the model"
import json
report, info = json.load(open("a.json")), json.load(open("out.txt"))
assert abs(info["classifier"]["temperature"] / report["temperature"] - 1) < 1e-9
PY
run 0 evaluate warm.safetensors --data root/breastmnist.npz "${few[@]}" --csv b.csv --quiet
! cmp -s a.csv b.csv || fail "the temperature changes nothing"

# ---- Plots, and scores of corrupted images.
run 0 evaluate runs/breast "${few[@]}" --plots plots --quiet
cp out.txt plain.txt
for plot in roc precision-recall confusion reliability risk-coverage accuracy-over-steps; do
    [ "$(head -c 4 plots/$plot.png | tail -c 3)" = PNG ] || fail "no $plot.png"
    grep -q '<svg' plots/$plot.svg || fail "no $plot.svg"
done
grep -q 'medmnist:breastmnist, test' plots/roc.svg || fail "the plot does not name its images"
[ "$(ls plots | wc -l)" = 12 ] || fail "other files: $(ls plots)"
run 0 evaluate runs/breast "${few[@]}" --plots plots --robustness --quiet
head -n "$(wc -l <plain.txt)" out.txt | cmp -s - plain.txt || fail "the first table is another one"
grep -q '^rotation .*' out.txt && grep -q '^size x 2 ' out.txt || fail "no robustness: $(cat out.txt)"
for file in robustness.png corruptions.png robustness.csv robustness.json; do
    [ -s plots/$file ] || fail "no $file"
done
[ "$(wc -l <plots/robustness.csv)" = 28 ] || fail "not 27 rows: $(cat plots/robustness.csv)"
auc=$(sed -n 's/^one_rollout,.*,auc,//p' a.csv)
grep -q "^none,0,0,$auc," plots/robustness.csv || fail "not the score of one rollout, $auc"
run 0 evaluate runs/breast "${few[@]}" --robustness --step-rollouts 2 --quiet
grep -q ', 2 rollouts of 4 steps' out.txt || fail "not the rollouts of --step-rollouts: $(cat out.txt)"
run 0 evaluate chest "${few[@]}" --plots labels --split val --steps 2,4 --quiet
grep -q 'root/chestmnist.npz, val' labels/confusion.svg || fail "plots of labels"

# ---- Own folders: a broken image, other classes, colours, no split of that name.
mkdir -p birds/test/malignant 'birds/test/normal, benign'
run 0 data export breastmnist --root root --split test -o images --quiet
for i in 0 2 4; do cp images/breastmnist/test${i}_0.png birds/test/malignant/; done
for i in 1 3 5; do cp images/breastmnist/test${i}_1.png 'birds/test/normal, benign/'; done
run 0 evaluate runs/breast --data birds "${few[@]}" --quiet
grep -q '^6 images of test, birds' out.txt || fail "$(cat out.txt)"
grep -q 'no images of val' err.txt || fail "a missing temperature is not explained: $(cat err.txt)"
head -c 90 images/breastmnist/test0_0.png >birds/test/malignant/broken.png
run 1 evaluate runs/breast --data birds "${few[@]}"
grep -q 'birds/test/malignant/broken.png: .*skip' err.txt || fail "$(cat err.txt)"
run 0 evaluate runs/breast --data birds --skip-broken "${few[@]}" --quiet
grep -q 'left out: 1' err.txt || fail "$(cat err.txt)"
rm birds/test/malignant/broken.png
refuses 2 'birds: *split val has no images*' evaluate runs/breast --data birds --split val
refuses 2 '--calibrated: birds has no images of val *' \
    evaluate runs/breast --data birds --calibrated x.safetensors
# Without splits they are those of the model's random seed, and a model that has left its run folder
# may have seen the images that are measured.
for class in 0 1; do
    mkdir -p drawn/$class && cp images/breastmnist/*_$class.png drawn/$class
done
run 0 train "${small[@]}" --data drawn --seed 7 -o runs/drawn
cp runs/drawn/model.safetensors left.safetensors
run 0 evaluate runs/drawn "${few[@]}" --predictions a.csv --quiet
! grep -q 'run folder' err.txt || fail "a notice in the run folder: $(cat err.txt)"
run 0 evaluate left.safetensors --data drawn "${few[@]}" --seed 3 --predictions b.csv --quiet
grep -q '^nca: drawn: left.safetensors is not in its run folder; .* 7, .*train, val and test$' err.txt ||
    fail "no notice of the splits: $(cat err.txt)"
[ "$(cut -d, -f1 a.csv)" = "$(cut -d, -f1 b.csv)" ] || fail "other images: $(cat a.csv b.csv)"
cp runs/breast/model.safetensors alone.safetensors
run 0 evaluate alone.safetensors --data birds "${few[@]}" --quiet
! grep -q 'run folder' err.txt || fail "a notice of fixed splits: $(cat err.txt)"
mv birds/test/malignant birds/test/benign
refuses 2 'birds: *"malignant"*"benign"*' evaluate runs/breast --data birds
refuses 2 'medmnist:retinamnist: expected images with 1 channel*found 3' \
    evaluate runs/breast --data medmnist:retinamnist --root root
run 2 evaluate retina --data root/breastmnist.npz
grep -q 'expected the 5 classes of the model, found 2' err.txt || fail "$(cat err.txt)"
grep -q 'grey.*RGB' err.txt || fail "grey images are not mentioned: $(cat err.txt)"
refuses 2 '*expected the 2 classes*found 14 labels' evaluate runs/breast --data root/chestmnist.npz
refuses 1 'medmnist:breastmnist: *' evaluate runs/breast --root nowhere
run 1 evaluate runs/breast --data nothing.npz
grep -q 'nothing.npz' err.txt || fail "$(cat err.txt)"
refuses 2 'alone.safetensors: *config.yaml*--data' evaluate alone.safetensors

# ---- Options.
refuses 2 '--split: *train*val*test*"all"' evaluate runs/breast --split all
refuses 2 '--rollouts: *1*1024*"0"' evaluate runs/breast --rollouts 0
refuses 2 '--steps: *0' evaluate runs/breast --steps 0
refuses 2 '--size: *keep*"8x9"' evaluate runs/breast --size 8x9
refuses 2 '--csv - and --json - *' evaluate runs/breast --csv - --json -
refuses 2 '--predictions: the folder of "no/p.csv" does not exist; *' \
    evaluate runs/breast --predictions no/p.csv
refuses 2 '--calibrated: *.safetensors*"x.pt"' evaluate runs/breast --calibrated x.pt
refuses 2 '--robustness *--csv -*--plots*' evaluate runs/breast --robustness --csv -
refuses 2 '--plots: the folder of "no/plots" does not exist; *' evaluate runs/breast --plots no/plots
refuses 1 'p.csv: *' evaluate runs/breast "${few[@]}" --plots p.csv --quiet
for option in --target=phantom --angle=3 --long --cuts=2 --no-damage --output=a.png \
    --healing-plot=a.png --damage-at=3 --curve-every=2 --colormap=grey; do
    refuses 2 "${option%%=*} is for a model that grows *classifies*" evaluate runs/breast "$option"
done
run 0 train "${tiny[@]}" --iterations 1 -o grows --quiet
for option in --data=root/breastmnist.npz --split=test --predictions=p.csv --benchmark=x \
    --step-rollouts=2 --plots=x --robustness --skip-broken --calibrated=x.safetensors; do
    refuses 2 "${option%%=*} is for a model that classifies *grows*" evaluate grows "$option"
done
refuses 2 'runs/breast/model.safetensors: *classifies images; nca predict *' rollout runs/breast

# ---- Stopped, it leaves no file.
"$program" evaluate runs/breast --rollouts 1024 --steps 5000 --csv late.csv >out.txt 2>err.txt &
sleep 1
kill -TERM $!
wait $!
[ $? = 143 ] || fail "a stopped evaluation ends with another code"
grep -qx 'nca: stopped; no file was written' err.txt || fail "$(cat err.txt)"
[ ! -e late.csv ] && [ ! -s out.txt ] || fail "a stopped evaluation left something"
finish
