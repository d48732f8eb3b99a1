# The benchmark on MedMNIST: the table, the CSV and the picture; continued, not repeated; failed runs
# do not take the others with them; errors.
. "$(dirname "$0")/common.sh" "$1"
set=$(realpath "$golden/../../fixtures/breastmnist.npz")
small=(--n-channels 16 --hidden 8 --steps-min 3 --steps-max 3 --batch-size 4 --iterations 6 --warmup 2
    --threads 1 --quiet)
mkdir empty root && cp "$set" root
export HOME=$folder/empty

benchmark() { # CODE ARGUMENTS...
    local code=$1
    shift
    run "$code" benchmark-medmnist --seeds 2 --rollouts 3 "${small[@]}" "$@"
}
rows() { # FILE: the rows of a table.md
    sed -n '3,/^$/p' "$1" | grep '^|'
}
run 0 benchmark-medmnist --root root --list
[ "$(wc -l <out.txt)" = 18 ] || fail "$(cat out.txt)"
grep -qE '^breastmnist +root/breastmnist.npz$' out.txt || fail "$(cat out.txt)"
[ "$(grep -c ' no file$' out.txt)" = 17 ] || fail "$(cat out.txt)"
run 0 benchmark-medmnist --root root --list --sets breastmnist,PathMNIST
[ "$(wc -l <out.txt)" = 2 ] || fail "$(cat out.txt)"

# ---- A set with a file, and made-up ones: binary, ordinal, multi-label, RGB, a volume.
sets=breastmnist,retinamnist,chestmnist,nodulemnist3d
benchmark 0 --root root --sets $sets --synthetic 16 -o whole
for file in table.md table.csv table.png table.svg made-up/16/chestmnist.npz; do
    [ -s whole/$file ] || fail "whole/$file is missing"
done
[ ! -e whole/made-up/16/breastmnist.npz ] || fail "a set with a file was made up"
same_text <(ls whole/made-up/16 | wc -l) 3
head -n 1 whole/table.md >header.txt
same_text header.txt '| set | AUC | ACC | AUC of 3 | ACC of 3 | ResNet-18 (28) | ResNet-50 (28) | parameters | file | training | an epoch | memory | an image |'
score='[01]\.[0-9]{3} ± [01]\.[0-9]{3}'
rows whole/table.md >rows.txt
[ "$(wc -l <rows.txt)" = 4 ] || fail "$(cat whole/table.md)"
grep -qE "^\| BreastMNIST \| $score \| $score \| $score \| $score \| 0\.901 / 0\.863 \| 0\.857 / 0\.812 \| [0-9]+ \| [0-9.]+ kB \| [0-9.e-]+ s \| [0-9.e-]+ s \| [1-9][0-9]* MB \| [0-9.e-]+ ms \|$" \
    rows.txt || fail "$(cat rows.txt)"
[ "$(grep -c '^| [A-Za-z0-9]* (made-up images) |' rows.txt)" = 2 ] || fail "$(cat rows.txt)"
grep -q '^| NoduleMNIST3D, 2.5-D (made-up images) |' rows.txt || fail "$(cat rows.txt)"
grep -qF "$(sed -n 3p whole/table.md)" out.txt || fail "the table was not printed: $(cat out.txt)"
grep -q '^runs *8 done of 8$' out.txt || fail "$(cat out.txt)"
head -n 1 whole/table.csv >header.txt
same_text header.txt set,size,method,seeds,rollouts,auc,auc_deviation,accuracy,accuracy_deviation,parameters,bytes,seconds,epoch_seconds,memory,milliseconds
[ "$(sed 's/"[^"]*"/method/' whole/table.csv | awk -F, '{ print NF }' | sort -u)" = 15 ] || fail "$(cat whole/table.csv)"
[ "$(grep -c '^breastmnist,28,"nca, ' whole/table.csv)" = 2 ] || fail "$(cat whole/table.csv)"
[ "$(grep -c '"nca, .*made-up images"' whole/table.csv)" = 6 ] || fail "$(cat whole/table.csv)"
grep -q '^breastmnist,,"ResNet-18 (28)",,,0.901,,0.863,' whole/table.csv || fail "$(cat whole/table.csv)"

# The row of the CSV is the mean of the runs' scores, and the epoch is the whole set.
cat whole/runs/*breastmnist*/test.csv | awk -F, -v rows="$(grep '^breastmnist,28,"nca, one' whole/table.csv | cut -d'"' -f3)" '
    /^[0-9]/ { auc += $2 / 2; image += $10 / 2; peak = $11 > peak ? $11 : peak }
    function near(a, b) { return a - b < 1e-4 * b && b - a < 1e-4 * b }
    END { split(rows, r, ","); exit !(near(r[4], auc) && near(r[11], image * 546) && near(r[12], peak) && peak > 1e6) }' ||
    fail "means: $(cat whole/runs/*breastmnist*/test.csv) $(grep '^breastmnist,28' whole/table.csv)"

# The same command again trains and measures nothing.
touch -d 2001-01-01 whole/runs/*/*
changed() { # NAME: how many runs have a newer file
    find whole/runs -newermt 2001-01-02 -name "$1" | wc -l
}
cp -r whole before
benchmark 0 --root root --sets $sets --synthetic 16 -o whole
same_file whole/table.csv before/table.csv
same_file whole/table.md before/table.md
[ "$(changed model.safetensors) $(changed test.csv)" = '0 0' ] || fail "runs were repeated"

# Another number of rollouts measures again and trains nothing; the first rollout is the same.
benchmark 0 --root root --sets $sets --synthetic 16 -o whole --rollouts 2
head -n 1 whole/table.md | grep -q 'AUC of 2 ' || fail "$(cat whole/table.md)"
[ "$(changed model.safetensors) $(changed test.csv)" = '0 8' ] || fail "not only measured again"
[ "$(grep -c '"nca, mean.*",2,2,' whole/table.csv)" = 4 ] || fail "$(cat whole/table.csv)"
single() { grep '"nca, one' "$1" | cut -d, -f1-9; }
single before/table.csv >first.txt
single whole/table.csv >second.txt
same_file first.txt second.txt

# One seed has no deviation. Made-up files with another number of images are others, which the runs were not started with.
one=(--sets retinamnist --seeds 1 --root empty)
run 0 benchmark-medmnist --rollouts 3 "${small[@]}" "${one[@]}" --synthetic 16 -o made
grep -q '^retinamnist,28,"nca, one [^"]*",1,1,[0-9.e-]*,,[0-9.e-]*,,' made/table.csv || fail "one seed has a deviation: $(cat made/table.csv)"
! grep -qi nan made/table.csv || fail "$(cat made/table.csv)"
refuses 2 '*started with data made/made-up/16/retinamnist.npz, *made/made-up/24/retinamnist.npz*' \
    benchmark-medmnist --rollouts 3 "${small[@]}" "${one[@]}" --synthetic 24 -o made

# Other test images measure the models again: the scores of these images, not the kept ones.
one=(--root own --sets breastmnist)
mkdir own && cp "$set" own
benchmark 0 "${one[@]}" -o own_out
python3 - <<'PY'
import io, zipfile
with zipfile.ZipFile("own/breastmnist.npz") as old, zipfile.ZipFile("own/other.npz", "w") as new:
    for name in old.namelist():
        data = bytearray(old.read(name))
        if name.startswith("test_labels"):
            data[-1] ^= 1
        new.writestr(name, bytes(data))
PY
mv own/other.npz own/breastmnist.npz
touch -d 2001-01-01 own_out/runs/*/*
benchmark 0 "${one[@]}" -o own_out
[ "$(find own_out/runs -newermt 2001-01-02 -name test.csv | wc -l)" = 2 ] || fail "scores of other test images were kept"

# More iterations continue the runs and measure the new models.
one=(--root root --sets breastmnist)
scores() { cut -d'"' -f3 "$1/table.csv" | cut -d, -f1-7; }
benchmark 0 "${one[@]}" -o more --schedule constant
benchmark 0 "${one[@]}" -o more --schedule constant --iterations 12
benchmark 0 "${one[@]}" -o twelve --schedule constant --iterations 12
scores more >first.txt
scores twelve >second.txt
same_file first.txt second.txt

# ---- Stopped and continued.
long=("${one[@]}" --iterations 3000 --steps-min 200 --steps-max 200 --checkpoint-every 5 --schedule constant --jobs 2)
"$program" benchmark-medmnist --seeds 2 --rollouts 3 "${small[@]}" "${long[@]}" -o stopped >out.txt 2>err.txt &
process=$!
for _ in $(seq 600); do
    [ "$(cat stopped/runs/*/metrics.csv 2>/dev/null | wc -l)" -gt 2 ] && break
    sleep 0.05
done
kill -INT $process
wait $process
code=$?
[ $code = 130 ] || fail "after SIGINT the exit code is $code: $(cat err.txt)"
[ ! -e stopped/table.md ] || fail "a stopped benchmark has a table"
grep -q 'stopped.*the same command continues' err.txt || fail "$(cat err.txt)"

done=$(cat stopped/runs/*/metrics.csv | cut -d, -f1 | sort -n | tail -n 1)
benchmark 0 "${long[@]}" --iterations $((done + 5)) -o stopped
grep -qE "^\| BreastMNIST \| $score " stopped/table.md || fail "$(cat stopped/table.md)"

# ---- A damaged file: its runs fail, and the others are in the table.
mkdir mixed && cp "$set" mixed && echo nonsense >mixed/pneumoniamnist.npz
benchmark 1 --root mixed -o mixed_out
grep -q '^nca: run .*pneumoniamnist.* failed: .*pneumoniamnist.npz' err.txt || fail "$(cat err.txt)"
grep -qE "^\| BreastMNIST \| $score " mixed_out/table.md || fail "$(cat mixed_out/table.md)"
grep -q '^| PneumoniaMNIST (failed) | – | ' mixed_out/table.md || fail "$(cat mixed_out/table.md)"
[ -s mixed_out/table.png ] || fail "no picture"
cp "$set" mixed/pneumoniamnist.npz # the same command tries again
benchmark 0 --root mixed -o mixed_out
grep -qE "^\| PneumoniaMNIST \| $score " mixed_out/table.md || fail "$(cat mixed_out/table.md)"

# ---- Errors.
refuses 2 '*empty*nca data get*--root*--synthetic*' benchmark-medmnist --root empty -o x
refuses 2 '--sets:*"mnist"*' benchmark-medmnist --sets breastmnist,mnist -o x
run 2 benchmark-medmnist --size 29 --root root -o x
run 2 benchmark-medmnist --size 12 -o x
grep -q '^nca: --size: ' err.txt || fail "$(cat err.txt)"
run 2 benchmark-medmnist --seeds 0 -o x
run 2 benchmark-medmnist --rollouts 1 -o x
run 2 benchmark-medmnist --synthetic 3 -o x
refuses 2 '--data cannot be given here*--sets*' benchmark-medmnist --root root --data birds -o x
refuses 2 '--task cannot be given here*' benchmark-medmnist --root root --task grow -o x
run 2 benchmark-medmnist --root root --features 100000 -o x
[ ! -e x ] || fail "a refused benchmark left a folder"
benchmark 0 --root root --sets breastmnist,pathmnist -o partly
grep -q '^nca: pathmnist: no file in root; .*nca data get pathmnist' err.txt || fail "$(cat err.txt)"
finish
