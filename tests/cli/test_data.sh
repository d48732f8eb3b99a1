# nca data list, info, get, verify: on a small artificial file, on a misbehaving server, and, if
# NCA_TEST_DATA has it, on the official BreastMNIST.
. "$(dirname "$0")/common.sh" "$1"

corpus=$(realpath "$golden/../../fuzz/corpus/medmnist")
cp "$corpus/good-grey" small.npz
server=$(dirname "$program")/tests/serve_file

# ---- list
run 0 data list --root .
[ "$(grep -c 'CC BY' out.txt)" = 18 ] || fail "the list has not 18 sets"
grep -q '^dermamnist .* CC BY-NC 4.0 ' out.txt || fail "DermaMNIST's licence is not shown"
[ "$(awk 'NR < 20 { print index($0, "CC BY") }' out.txt | sort -u | wc -l)" -le 2 ] ||
    fail "the columns of the list do not line up"
mkdir root
cp small.npz root/octmnist_64.npz
run 0 data list --root root --json
[ "$(jq -c '[.sets[] | select(.downloaded != []) | [.name, .downloaded]]' out.txt)" = '[["octmnist",[64]]]' ] ||
    fail "the list does not say what is downloaded"
refuses 2 '*"x"*nca data list --help*' data list x

# ---- info
run 0 data info dermamnist --root root
grep -q 'CC BY-NC 4.0: no commercial use' out.txt || fail "info does not warn of the licence"
grep -q ': nca data get dermamnist --root root$' out.txt ||
    fail "info does not say how to get it"
run 0 data info small.npz --json
[ "$(jq '[.classes[].train] | add' out.txt)" -gt 0 ] || fail "the classes are not counted"
run 0 data info organmnist3d --size 64 --root root --json
[ "$(jq -c '[.downloaded, .classes[0].name, (.classes | length)]' out.txt)" = '[false,"liver",11]' ] ||
    fail "info of a set that is not downloaded"
refuses 2 '*"brestmnist"*"breastmnist"*' data info brestmnist
refuses 2 '*nca data info --help*' data info
refuses 2 '--root: small.npz is a path, *' data info small.npz --root x
run 2 data info organmnist3d --size 224
grep -q '28.*64' err.txt || fail "the sizes that there are are not named: $(cat err.txt)"
run 1 data info nowhere/x.npz

if command -v python3 >/dev/null; then
    python3 - <<'END'
import zipfile
with zipfile.ZipFile("small.npz") as old, zipfile.ZipFile("strange.npz", "w") as new:
    for name in old.namelist():
        content = old.read(name)
        new.writestr(name, content[:-1] + b"\x7f" if name == "train_labels.npy" else content)
END
    run 0 data info strange.npz
    grep -q '^other  *1  *0  *0  below 0 or over 63$' out.txt || fail "a label of 127 is not counted"
    run 0 data info strange.npz --json
    [ "$(jq -c .others out.txt)" = '{"train":1,"val":0,"test":0}' ] || fail "nor in JSON"
fi
if [ "$(id -u)" = 0 ] && setpriv --reuid=54321 --clear-groups test -x "$program" 2>/dev/null; then
    stranger=(setpriv --reuid=54321 --clear-groups env -u HOME "$program") # nobody knows its home
    "${stranger[@]}" data get breastmnist >out.txt 2>err.txt && fail "got a set into no folder"
    grep -q 'no home folder .*--root' err.txt || fail "without a home: $(cat err.txt)"
    [ ! -e breastmnist.npz ] || fail "a folder was made in the place of a file"
fi

# ---- folders and tables of images
mkdir -p birds/train/crow birds/train/robin birds/test/robin
run 0 data export small.npz --split train --out exported
pictures=(exported/small/*.png)
cp "${pictures[0]}" birds/train/crow/1.png
cp "${pictures[1]}" birds/train/robin/2.png
cp "${pictures[1]}" birds/test/robin/3.png
run 0 data info birds
grep -qE '^ +1 +1 +0 +1  robin$' out.txt || fail "the classes of a folder: $(cat out.txt)"
grep -q '^nca: .*images of test with the same pixels.*test/robin/3.png' err.txt ||
    fail "an image in two splits: $(cat err.txt)"
printf 'path,label\nbirds/train/crow/1.png,crow\nbirds/train/robin/2.png,robin\n' >birds.csv
run 0 data info birds.csv --size 5 --json
[ "$(jq -c '[.width, .channels, .splits.train, .classes[1].name]' out.txt)" = '[5,1,2,"robin"]' ] ||
    fail "a table of images: $(cat out.txt)"
run 1 data info birds/train/crow
run 1 data info none.csv
grep -q 'none.csv' err.txt || fail "a missing table: $(cat err.txt)"

# ---- archives without some splits or without labels
for part in only-train only-test no-labels no-val-labels rgba colour-first volume-one-channel; do
    cp "$corpus/good-$part" "$part.npz"
    run 0 data info "$part.npz"
    run 0 data info "$part.npz" --json
    run 0 data show "$part.npz" -o one.png
    ending=png
    [ "$part" != volume-one-channel ] || ending=gif
    run 0 data montage "$part.npz" -o "sheet.$ending"
    run 0 data export "$part.npz" --out parts
    [ -s "parts/$part.csv" ] || fail "the export of $part.npz has no table"
    run 1 data verify "$part.npz" # not a published one, yet whole
    grep -q 'read to the end, no damage' out.txt || fail "verify of $part.npz: $(cat out.txt)"
done
run 0 data info only-test.npz --json
[ "$(jq -c .splits out.txt)" = '{"train":null,"val":null,"test":{"images":1,"labels":true}}' ] ||
    fail "the splits of only-test.npz: $(cat out.txt)"
run 0 data show only-test.npz
grep -q ', test, image 0 of 1$' out.txt || fail "the split that is there is not shown"
grep -Eq '^label   -?[0-9]+$' out.txt || fail "a label without a name: $(grep ^label out.txt)"
run 2 data show only-test.npz --split val
grep -q 'no images in the split val, but it has test' err.txt || fail "a missing split: $(cat err.txt)"
run 2 data montage only-test.npz --split train
run 2 data export only-test.npz --split train --out parts
grep -q 'split train' err.txt || fail "the export of a missing split: $(cat err.txt)"
run 2 data montage no-labels.npz --class 1
grep -q -- '--class: .*no labels .*split train' err.txt || fail "a class without labels: $(cat err.txt)"
run 0 data show no-labels.npz
grep -q '^label   no labels .*split train$' out.txt || fail "labels: $(cat out.txt)"
[ "$(cat parts/no-labels.csv | head -1)" = TRAIN,train0.png ] || fail "a row without a label"
run 0 data info rgba.npz
grep -q '8 x 9 pixels, RGBA' out.txt || fail "RGBA: $(cat out.txt)"
run 0 data info colour-first.npz
grep -q '8 x 9 pixels, RGB;' out.txt || fail "channels first: $(cat out.txt)"
cp "$corpus/bad-slices-or-channels" doubt.npz
run 1 data info doubt.npz
grep -qF '(N,H,W,4)' err.txt || fail "the shapes that are understood are not listed: $(cat err.txt)"
run 0 train --target medmnist:only-test.npz/test/0 "${tiny[@]}" --iterations 1 --steps-min 2 \
    --steps-max 3 -q -o run
run 1 train --target medmnist:only-test.npz/val/0 "${tiny[@]}" --iterations 1 -q -o run2
grep -q 'the file has test' err.txt || fail "a target of a missing split: $(cat err.txt)"
run 1 train --target only-test.npz "${tiny[@]}" --iterations 1 -q -o run2
grep -q 'medmnist:only-test.npz/train/0' err.txt || fail "an archive as a target: $(cat err.txt)"
rm -r parts run

# ---- -q is the same in every command
for command in list info show montage export verify synth get; do
    run 0 data "$command" --help
    grep -q -- '-q, --quiet  *Do not show progress' out.txt || fail "data $command knows no -q"
done
run 0 data montage small.npz -q -o quiet.png
same_text err.txt ""

# ---- verify
run 1 data verify small.npz
grep -q 'not in the catalogue' out.txt || fail "verify says: $(cat out.txt)"
head -c 1000 small.npz >cut.npz
mv small.npz octmnist.npz
run 1 data verify octmnist.npz
grep -q 'name      .*OCTMNIST.*train 97477' out.txt ||
    fail "a name that lies is believed: $(cat out.txt)"
mv octmnist.npz small.npz
run 1 data verify cut.npz missing.npz
[ "$(wc -l <err.txt)" = 2 ] || fail "two bad files give $(wc -l <err.txt) lines"
refuses 2 '*file*nca data verify --help*' data verify

# ---- get: all failures
fetch() { # CODE PATH-OF-THE-SERVER: gets breastmnist into the folder `got`
    run "$1" data get breastmnist --root got --quiet --url "http://127.0.0.1:$port/$2"
    [ "$1" = 0 ] || [ ! -e got/breastmnist.npz ] || fail "/$2 left a file under the real name"
}
says() {
    grep -q "$1" err.txt || fail "expected a message with \"$1\", found: $(cat err.txt)"
}
serve() { # FILE: a server of it on $port
    mkfifo hold
    exec {hold}<>hold
    rm hold
    "$server" "$1" <&"$hold" >port.txt &
    served=$!
    for _ in $(seq 100); do
        [ -s port.txt ] && break
        sleep 0.05
    done
    port=$(cat port.txt)
}
unserve() {
    kill "$served"
    wait "$served" 2>/dev/null
    exec {hold}>&-
    rm -f port.txt
}

serve small.npz
fetch 1 plain
says 'MD5\|sum'
[ ! -e got/breastmnist.npz.part ] || fail "a part with the wrong sum stayed"
fetch 1 404
says 404
fetch 1 500
fetch 1 loop
fetch 1 short
[ -s got/breastmnist.npz.part ] || fail "what came of a broken download is gone"
rm -r got
unserve
fetch 1 plain # nobody listens there now
says "127.0.0.1"
refuses 2 '*"brest"*`nca data list`*' data get brest
refuses 2 '*nca data get --help*' data get
refuses 2 '*a/b.npz*`nca data list`*' \
    data get a/b.npz

# ---- get: the real file
if [ -e "${NCA_TEST_DATA:-}/breastmnist.npz" ]; then
    official=$NCA_TEST_DATA/breastmnist.npz
    serve "$official"
    fetch 1 short
    fetch 0 redirect
    cmp -s got/breastmnist.npz "$official" || fail "what was got is another file"
    [ "$(ls got)" = breastmnist.npz ] || fail "got holds: $(ls got)"
    same_text out.txt got/breastmnist.npz
    fetch 0 404 # it is there: nobody is asked
    says 'already exists'
    cp small.npz got/breastmnist.npz
    run 1 data get breastmnist --root got --quiet
    says 'move the file away'
    rm got/breastmnist.npz
    "$program" data get breastmnist --root got --quiet --url "http://127.0.0.1:$port/trickle" \
        >out.txt 2>err.txt &
    getting=$!
    for _ in $(seq 100); do
        [ -s got/breastmnist.npz.part ] && break
        sleep 0.05
    done
    kill -INT "$getting"
    wait "$getting"
    [ $? = 130 ] || fail "a stopped download does not end with 130"
    says 'the same command continues'
    fetch 0 plain
    unserve
    run 0 data verify got/breastmnist.npz
    grep -q 'BreastMNIST, 28 pixels' out.txt || fail "verify says: $(cat out.txt)"
fi
finish
