# nca data synth, show, montage, export: on artificial sets, and on the official BreastMNIST if
# NCA_TEST_DATA has it.
. "$(dirname "$0")/common.sh" "$1"

png_size() { # FILE: "WIDTH HEIGHT COLOURTYPE", from the header
    od -An -tu1 -j16 -N10 "$1" | awk '{ print $3 * 256 + $4, $7 * 256 + $8, $10 }'
}

# ---- synth
run 0 data synth bloodmnist -o blood.npz --count 20,4,8
same_text out.txt blood.npz
run 0 data synth BloodMNIST -o again.npz --count 20,4,8
cmp -s blood.npz again.npz || fail "the same seed gives other bytes"
run 0 data synth bloodmnist -o other.npz --count 20,4,8 --seed 1
! cmp -s blood.npz other.npz || fail "another seed gives the same bytes"
run 0 data info blood.npz --json
[ "$(jq -c '[[.classes[].train], [.classes[].val], [.classes[].test]] | map(add)' out.txt)" = '[20,4,8]' ] ||
    fail "synth made other counts: $(cat out.txt)"
run 0 data synth chestmnist --count 6
[ -e chestmnist.npz ] || fail "synth has no default name"
run 0 data synth organmnist3d -o organs.npz --count 5,1,1
for count in 1,2 1,2,3,4 x -1 1,,2 99999999; do
    refuses 2 "--count:*16777216*\"$count\"*" \
        data synth bloodmnist -o no.npz --count="$count"
done
run 2 data synth bloodmnist --size 29
run 2 data synth blodmnist
run 1 data synth bloodmnist -o nowhere/x.npz
[ ! -e no.npz ] || fail "a refused synth left a file"

# ---- show
run 0 data show blood.npz --index 3 -o shown.png --scale 2
[ "$(png_size shown.png)" = "56 56 2" ] || fail "shown.png is $(png_size shown.png)"
grep -Eq '^label   [0-7]$' out.txt || fail "show names no label: $(head -3 out.txt)"
[ "$(grep -c '^[] .:=+*#%@-]*$' out.txt)" -ge 28 ] || fail "show draws no picture"
run 0 data show chestmnist.npz --index 1
run 0 data show organs.npz --axis y --slice 3
grep -q 'slice 3 along y' out.txt || fail "show does not name the slice"
refuses 2 '--index:*0*19*"20"*' data show blood.npz --index 20
refuses 2 '--axis and --slice: for volumes only; *' data show blood.npz --slice 0
refuses 2 '-o:*.png*"x.jpg"*' data show blood.npz -o x.jpg
refuses 2 '--split:*"dev"*' data show blood.npz --split dev
refuses 2 '--colormap:*"jet"*' \
    data show blood.npz --colormap jet
mkdir empty
refuses 1 'empty/breastmnist_64.npz: *: nca data get breastmnist --size 64 --root empty' \
    data show breastmnist --size 64 --root empty

# ---- montage
run 0 data montage blood.npz --rows 2 --cols 3 --scale 2
same_text out.txt blood_train_montage.png
[ "$(png_size blood_train_montage.png)" = "168 112 2" ] || fail "the montage has another size"
cp blood_train_montage.png first.png
run 0 data montage blood.npz --rows 2 --cols 3 --scale 2
cmp -s first.png blood_train_montage.png || fail "the same seed gives another montage"
for option in --seed=1 --class=3 --split=test --cols=4; do
    run 0 data montage blood.npz --rows 2 --cols 3 --scale 2 -o changed.png "$option"
    ! cmp -s first.png changed.png || fail "$option changes nothing"
done
cp blood.npz bloodmnist.npz # known by its name
run 0 data montage bloodmnist.npz --class "immature granulocytes(myelocytes, metamyelocytes and promyelocytes)" -o class.png
run 0 data montage chestmnist.npz --rows 1 --cols 2 -o grey.png
[ "$(png_size grey.png)" = "56 28 0" ] || fail "a grey montage is no grey PNG: $(png_size grey.png)"
run 0 data montage chestmnist.npz --rows 1 --cols 2 --colormap viridis -o viridis.png
[ "$(png_size viridis.png)" = "56 28 2" ] || fail "a coloured montage is no RGB PNG"
run 0 data montage organs.npz --rows 2 --cols 2
[ "$(head -c 6 organs_train_montage.gif)" = GIF89a ] || fail "a montage of volumes is no animation"
run 0 data montage organs.npz --rows 2 --cols 2 --slice 5 -o slice.png
run 0 data montage blood.npz -o all.png # 20 images: 5 in a row
[ "$(png_size all.png)" = "140 112 2" ] || fail "few images make no square: $(png_size all.png)"
run 0 data montage blood.npz --cols 7 -o all.png
[ "$(png_size all.png)" = "196 84 2" ] || fail "few images fill no rows: $(png_size all.png)"
run 0 data montage blood.npz --rows 6 --cols 7 -o all.png
[ "$(png_size all.png)" = "196 168 2" ] || fail "a grid that was asked for has shrunk"
refuses 2 '-o:*.gif*"x.png"*' data montage organs.npz -o x.png
refuses 2 '--class:*"neutrofil"*"neutrophil"*' \
    data montage bloodmnist.npz --class neutrofil
refuses 2 '--rows:*1*1000*"0"*' data montage blood.npz --rows 0

# ---- export
run 0 data export blood.npz --out images
[ "$(ls images)" = "$(printf 'blood\nblood.csv')" ] || fail "export left: $(ls images)"
[ "$(ls images/blood | wc -l)" = 32 ] || fail "export wrote $(ls images/blood | wc -l) files"
[ "$(cut -d, -f1 images/blood.csv | sort | uniq -c | tr -s ' \n' ' ')" = ' 8 TEST 20 TRAIN 4 VALIDATION ' ] ||
    fail "the table counts otherwise"
while IFS=, read -r split name label; do
    [ "${name%_*}" != "$name" ] && [ "${name##*_}" = "$label.png" ] && [ -e "images/blood/$name" ] ||
        fail "the row $split,$name,$label does not fit"
done <images/blood.csv
run 0 data show blood.npz --index 3 -o three.png
cmp -s three.png images/blood/train3_*.png || fail "an exported image is not the one shown"
cp images/blood.csv whole.csv
rm images/blood.csv
for split in test train val; do
    run 0 data export blood.npz --out images --split "$split"
done
[ "$(sort whole.csv)" = "$(sort images/blood.csv)" ] || fail "splits one by one give another table"
run 0 data export blood.npz --out images
cmp -s whole.csv images/blood.csv || fail "an export again gives another table"
run 0 data export chestmnist.npz --out images --split val
[ "$(head -1 images/chestmnist.csv | tr ',' '\n' | wc -l)" = 16 ] || fail "14 labels are not in the table"
run 0 data export organs.npz --out images --split test
[ "$(head -c 6 images/organs/test0_0.gif)" = GIF89a ] || fail "a volume is no animation"
run 0 data info images/blood.csv --json # the table is read back
[ "$(jq -c '[.splits.train, .splits.val, .splits.test]' out.txt)" = '[20,4,8]' ] || fail "$(cat out.txt)"
refuses 2 '*--out*DIR*nca data export --help*' data export blood.npz
touch file
run 1 data export blood.npz --out file

# ---- the real set
if [ -e "${NCA_TEST_DATA:-}/breastmnist.npz" ]; then
    run 0 data show breastmnist --root "$NCA_TEST_DATA" --index 4
    grep -q '^label   0 (malignant)$' out.txt || fail "the label is: $(head -2 out.txt)"
    run 0 data montage breastmnist --root "$NCA_TEST_DATA"
    [ "$(png_size breastmnist_train_montage.png)" = "560 560 0" ] || fail "the montage's size"
fi
finish
