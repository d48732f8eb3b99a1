# nca predict with tiny classifiers: lines, files, folders, archives, images that do not fit, what
# nca info says of a classifier.
. "$(dirname "$0")/common.sh" "$1"

small=(--task classify --img-size 10 --n-channels 8 --hidden 8 --threads 1 --batch-size 4
    --steps-min 4 --steps-max 4 --iterations 12 --warmup 1 --quiet)
mkdir root
for set in breastmnist retinamnist chestmnist vesselmnist3d; do
    run 0 data synth "$set" -o "root/$set.npz" --count 24,12,12 --quiet
done
run 0 train "${small[@]}" --data root/breastmnist.npz -o breast
run 0 train "${small[@]}" --data root/retinamnist.npz --n-channels 10 -o retina
run 0 train "${small[@]}" --data root/chestmnist.npz --n-channels 20 -o chest
run 0 train "${small[@]}" --data root/vesselmnist3d.npz -o vessel
run 0 data export breastmnist --root root --split test -o images --quiet
run 0 data export retinamnist --root root --split test -o images --quiet
mv images/breastmnist grey && mv images/retinamnist colour

# ---- Lines.
run 0 predict breast grey/test0_0.png grey/test1_1.png
same_text err.txt ""
[ "$(wc -l <out.txt)" = 2 ] || fail "not two lines: $(cat out.txt)"
grep -qE '^grey/test0_0\.png  (malignant|normal, benign)  0\.[0-9]{3} ± 0\.[0-9]{3}$' out.txt ||
    fail "$(cat out.txt)"
run 0 predict breast grey/test0_0.png --rollouts 1
grep -qE '  0\.[0-9]{3}$' out.txt || fail "one rollout has a deviation: $(cat out.txt)"

# ---- An image has the same prediction alone, in a folder, in an archive, and in an evaluation.
run 0 predict breast grey -o -
cp out.txt folder.csv
head -n 1 folder.csv | grep -qx 'path,class,probability,deviation,entropy,p_malignant,"p_normal, benign"' ||
    fail "$(head -n 1 folder.csv)"
[ "$(wc -l <folder.csv)" = 13 ] || fail "not 12 images: $(cat folder.csv)"
run 0 predict breast medmnist:breastmnist/test --root root -o archive.csv --threads 2 --kernels scalar
same_text out.txt "$(printf 'archive.csv\n12 predictions')"
run 0 evaluate breast --predictions evaluated.csv --quiet
python3 - folder.csv archive.csv evaluated.csv <<'PY' || fail "the predictions differ"
import csv, re, sys
tables = [list(csv.DictReader(open(name))) for name in sys.argv[1:]]
def index(row):
    return int(re.search(r"test/?(\d+)", row["path"]).group(1))
tables = [sorted(table, key=index) for table in tables]
for rows in zip(*tables):
    for key in "class", "probability", "deviation", "entropy", "p_malignant":
        assert len({row[key] for row in rows}) == 1, rows
PY
run 0 predict breast medmnist:root/breastmnist.npz/test/7 -o -
grep '^medmnist:root/breastmnist.npz/test/7,' out.txt | cut -d, -f2- >one.txt
grep '^medmnist:breastmnist/test/7,' archive.csv | cut -d, -f2- | cmp -s - one.txt ||
    fail "an image alone has another prediction"
for options in "--seed 1" "--rollouts 2" "--steps 3" "--size keep" "--size 12" "--precision int8"; do
    # shellcheck disable=SC2086
    run 0 predict breast grey -o other.csv --quiet $options
    ! cmp -s folder.csv other.csv || fail "$options changes nothing"
done

# ---- One command may name more images of an archive than files may be open.
many=()
for _ in {1..60}; do many+=(medmnist:root/breastmnist.npz/test/7); done
(ulimit -n 40 && run 0 predict breast "${many[@]}" --rollouts 1 --quiet && [ "$(wc -l <out.txt)" = 60 ]) ||
    fail "the archive is opened for every image"

# ---- A set is read from the root of the run.
run 0 train "${small[@]}" --data medmnist:breastmnist --root root -o rooted
run 0 predict rooted medmnist:breastmnist/test/1
run 0 visualize rooted --data medmnist:breastmnist/test/1 -o rooted.svg
refuses 1 'breastmnist: nowhere/breastmnist.npz not found*' predict rooted medmnist:breastmnist/test/1 --root nowhere

# ---- Probabilities that are not finite numbers are no predictions.
python3 - <<'PY'
import json, shutil, struct
data = bytearray(open("breast/model.safetensors", "rb").read())
size = struct.unpack("<Q", data[:8])[0]
for name, about in json.loads(data[8:8 + size]).items():
    if name == "update.b2":
        start, end = about["data_offsets"]
        for at in range(8 + size + start, 8 + size + end, 4):
            data[at:at + 4] = struct.pack("<f", 3e38)
open("wild.safetensors", "wb").write(data)
PY
run 1 predict wild.safetensors grey/test0_0.png grey/test1_1.png -o wild.json
[ "$(jq -c . wild.json)" = '[]' ] || fail "numbers that are not finite: $(cat wild.json)"
grep -q '^nca: grey/test0_0.png: .*not finite' err.txt || fail "$(cat err.txt)"
grep -q '^nca: 2 of 2 images have no prediction' err.txt || fail "$(cat err.txt)"
run 1 predict wild.safetensors grey/test0_0.png

# ---- Labels are needed to evaluate, not to predict.
python3 - <<'PY'
import zipfile
with zipfile.ZipFile("root/breastmnist.npz") as old, zipfile.ZipFile("unlabelled.npz", "w") as new:
    for name in old.namelist():
        if "labels" not in name:
            new.writestr(name, old.read(name))
PY
run 0 predict breast medmnist:unlabelled.npz/test -o unlabelled.csv
cut -d, -f2- unlabelled.csv >a.txt && cut -d, -f2- archive.csv >b.txt
same_file a.txt b.txt
refuses 1 'unlabelled.npz: expected labels*' evaluate breast --data unlabelled.npz

# ---- Volumes as three slices; labels; JSON.
run 0 predict vessel medmnist:vesselmnist3d/test --root root -o slices.csv
run 0 evaluate vessel --predictions evaluated.csv --quiet
cut -d, -f2- slices.csv >a.txt && cut -d, -f3- evaluated.csv >b.txt
same_file a.txt b.txt
run 0 predict chest medmnist:chestmnist/test/0 --root root
grep -q '^medmnist:chestmnist/test/0  ' out.txt || fail "$(cat out.txt)"
run 0 predict chest medmnist:chestmnist/test --root root -o chest.json
run 0 predict breast grey -o breast.json
python3 - <<'PY' || fail "the JSON is not as documented"
import json
chest, breast = json.load(open("chest.json")), json.load(open("breast.json"))
assert len(chest) == len(breast) == 12
for row in chest:
    p = row["probabilities"]
    assert len(p) == 14 and row["probability"] == max(p.values())
    assert set(row["labels"]) == {name for name in p if p[name] > 0.5}
for row in breast:
    assert row["probabilities"][row["class"]] == row["probability"] >= 0.5
    assert 0 <= row["entropy"] <= 1 and row["deviation"] > 0
PY

# ---- Figures that explain predictions.
run 0 predict breast grey --explain figures -o explained.csv --quiet
cmp -s explained.csv folder.csv || fail "--explain changes the predictions"
grep -qx 'nca: wrote 12 figures to figures' err.txt || fail "$(cat err.txt)"
[ "$(ls figures | wc -l)" = 12 ] || fail "not 12 figures: $(ls figures)"
[ "$(head -c 4 figures/test0_0.png | tail -c 3)" = PNG ] || fail "no figure of grey/test0_0.png"
# Each is the figure of nca visualize, with the true class of an image of a set.
run 0 predict breast medmnist:breastmnist/test/3 --root root --explain sets --rollouts 1
run 0 visualize breast --data medmnist:breastmnist/test/3 --root root -o votes.png
same_file sets/breastmnist-test-3.png votes.png
run 0 predict breast medmnist:root/breastmnist.npz/test/3 --explain sets --rollouts 1 --seed 4
[ "$(ls sets)" = breastmnist-test-3.png ] || fail "another name for a path: $(ls sets)"
! cmp -s sets/breastmnist-test-3.png votes.png || fail "--seed does not change the figure"
# Equal names are numbered, and no image is replaced.
mkdir -p pair/a pair/b
cp grey/test0_0.png pair/a/scan.png && cp grey/test1_1.png pair/b/SCAN.png && cp grey/test1_1.png pair/c.png
run 0 predict breast pair --explain pair-figures
[ "$(ls pair-figures | xargs)" = '00000-scan.png 00001-SCAN.png 00002-c.png' ] ||
    fail "names: $(ls pair-figures)"
cksum pair/*/* pair/*.png >before.txt
refuses 2 '--explain: *pair/b/SCAN.png*another folder' predict breast pair --explain pair/b
refuses 2 '--explain: *pair/c.png*another folder' predict breast pair --explain pair/a/..
cksum pair/*/* pair/*.png | cmp -s - before.txt || fail "an image was replaced"
run 1 predict breast grey/test0_0.png no.png --explain some
[ "$(ls some)" = test0_0.png ] || fail "figures: $(ls some)"
refuses 1 'votes.png: *' predict breast grey/test0_0.png --explain votes.png

# ---- Images that cannot be used are named, the others have a prediction, the exit code is 1.
mkdir -p mixed/inner
cp grey/test0_0.png mixed/ && cp grey/test1_1.png mixed/inner/
cp colour/test2_2.png mixed/colour.png
head -c 90 grey/test0_0.png >mixed/broken.png
echo notes >mixed/readme.txt
run 1 predict breast mixed no.png
[ "$(wc -l <out.txt)" = 2 ] || fail "not two predictions: $(cat out.txt)"
for name in mixed/broken.png mixed/colour.png no.png; do
    grep -q "^nca: $name: " err.txt || fail "$name is not named: $(cat err.txt)"
done
grep -q 'colour.png: expected a grey image.*colour' err.txt || fail "$(cat err.txt)"
grep -q '3 of 5 images' err.txt || fail "the failures are not counted: $(cat err.txt)"
! grep -q readme err.txt || fail "a text is an image: $(cat err.txt)"
run 1 predict breast mixed -o mixed.csv
[ "$(wc -l <mixed.csv)" = 3 ] || fail "not two rows: $(cat mixed.csv)"
run 0 predict retina grey/test0_0.png
grep -q 'grey images.*RGB: 1' err.txt || fail "$(cat err.txt)"
run 0 predict retina colour/test0_0.png
same_text err.txt ""

# ---- Other proportions and transparency.
cat >make_png.py <<'PY'
import struct, sys, zlib
def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
width, height = 20, 12
rows = b"".join(b"\0" + bytes([x * 9, x * 9, x * 9, 128]) * 1 + bytes([7, 7, 7, 255]) * (width - 1)
                for x in range(height))
open(sys.argv[1], "wb").write(b"\x89PNG\r\n\x1a\n" +
    chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)) +
    chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))
PY
python3 make_png.py wide.png
run 0 predict breast wide.png
grep -q 'stretched: 1' err.txt || fail "$(cat err.txt)"
grep -q 'transparent.*black: 1' err.txt || fail "$(cat err.txt)"
run 0 predict breast wide.png grey/test0_0.png --size keep
! grep -q stretched err.txt || fail "an image with its own size is stretched: $(cat err.txt)"

# ---- Messages.
run 0 train "${tiny[@]}" --iterations 1 -o grows --quiet
refuses 2 'grows/model.safetensors: expected a model that classifies*' predict grows grey/test0_0.png
refuses 2 '*model*nca predict --help*' predict
refuses 2 'expected images after the model*' predict breast
refuses 2 'medmnist:breastmnist: expected medmnist:SET/SPLIT*' predict breast medmnist:breastmnist
refuses 2 '*root/breastmnist.npz/test' predict breast root/breastmnist.npz
refuses 1 'breastmnist: nowhere/breastmnist.npz not found; *--root*nca data get breastmnist' \
    predict breast medmnist:breastmnist/test --root nowhere
refuses 2 'unknown set "breastmnis"; *"breastmnist"*' predict breast medmnist:breastmnis/test
refuses 2 'medmnist:breastmnist/test/12: *0 to 11*' predict breast medmnist:breastmnist/test/12 --root root
refuses 2 '*retinamnist/test: expected images with 1 channel*3 channels' \
    predict breast medmnist:retinamnist/test --root root
refuses 2 '--output: *.csv*.json*"a.txt"' predict breast grey -o a.txt
refuses 2 '--output: the folder of "no/a.csv" *' predict breast grey -o no/a.csv
refuses 2 '--size: *keep*"0"' predict breast grey --size 0
mkdir empty
refuses 2 'empty: *no images' predict breast empty

# ---- Stopped, it leaves no file.
"$program" predict breast grey --rollouts 1024 --steps 1000000 -o late.csv >out.txt 2>err.txt &
sleep 1
kill -INT $! 2>/dev/null
wait $!
[ $? = 130 ] || fail "a stopped prediction ends with another code"
grep -q 'stopped; no file was written' err.txt || fail "$(cat err.txt)"
[ ! -e late.csv ] || fail "a stopped prediction left a file"
[ -z "$(ls | grep tmp)" ] || fail "a stopped prediction left a temporary file"

# ---- nca info.
run 0 info breast
for line in 'task  *classify' '  kind  *binary-class' '  images  *10 x 10, grey' '  steps  *4' \
    '  read-out  *mean, softmax' '  temperature  *1' '  input scale  *2' '  input offset  *-1' \
    '    1  *normal, benign' '  data  *root/breastmnist.npz'; do
    grep -qx "$line" out.txt || fail "info has no line $line: $(cat out.txt)"
done
! grep -qE 'experiment|grid' out.txt || fail "info shows what only growth has: $(cat out.txt)"
run 0 info retina --json
python3 - out.txt <<'PY' || fail "the JSON of info: $(cat out.txt)"
import json, sys
info = json.load(open(sys.argv[1]))
c = info["classifier"]
assert info["task"] == "classify" and c["kind"] == "ordinal-regression" and len(c["classes"]) == 5
assert c["scale"] == [2, 2, 2] and c["offset"] == [-1, -1, -1] and c["readout"] == "mean"
assert (c["height"], c["width"], c["steps"], c["temperature"]) == (10, 10, 4, 1)
PY
run 0 info grows --json
grep -q '"task": "grow"' out.txt && ! grep -q classifier out.txt || fail "$(cat out.txt)"
finish
