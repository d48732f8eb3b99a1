# Training on an image of MedMNIST: the target in the model, the resulting settings, that
# config.yaml repeats the run, and the messages about missing targets.
. "$(dirname "$0")/common.sh" "$1"
fixtures=$(realpath "$golden/../../fixtures")
mkdir sets
cp "$fixtures/breastmnist.npz" sets/
export HOME=$folder # so that nobody's own sets are found
quick=(--recipe distill --iterations 2 --n-channels 8 --hidden 16 --pool-size 8 --batch-size 2 --steps-min 4
    --steps-max 6 --threads 1 --quiet)

run 0 train --target medmnist:breastmnist/train/3 --root sets "${quick[@]}"
a=runs/breastmnist-train-3
grep -qx "run         $a" out.txt || fail "$(cat out.txt)"
for line in 'target_path: "medmnist:breastmnist/train/3"' 'img_size: 0' 'padding: 0' 'root: "sets"' \
    'colormap: grey'; do
    grep -qxF "$line" $a/config.yaml || fail "no line '$line' in config.yaml"
done
run 0 info $a
grep -q 'medmnist:breastmnist/train/3' out.txt || fail "info does not tell the target: $(cat out.txt)"
grep -q '28' out.txt || fail "info does not tell the size"
run 0 train --config $a/config.yaml -o runs/again --quiet
same_file $a/model.safetensors runs/again/model.safetensors
mv sets moved # the target is in the checkpoint
run 0 train --resume $a --iterations 3 --quiet
mv moved sets

# A file given directly; options override the settings that come with the target, in any order.
run 0 train --padding 2 --colourmap viridis --target medmnist:sets/breastmnist.npz/val/1 \
    "${quick[@]}"
grep -qx 'padding: 2' runs/breastmnist-val-1/config.yaml || fail "the padding was lost"
grep -qx 'colormap: viridis' runs/breastmnist-val-1/config.yaml || fail "no colour map"
printf 'recipe: distill\npadding: 3\ntarget: medmnist:breastmnist/test/0\nroot: sets\nimg_size: 14\n' >c.yaml
run 0 train --config c.yaml "${quick[@]:2}" # --recipe would replace the padding
grep -qx 'padding: 3' runs/breastmnist-test-0/config.yaml || fail "the file's padding was lost"
grep -qx 'img_size: 14' runs/breastmnist-test-0/config.yaml || fail "the file's size was lost"

# The default root is in the user's home.
mkdir .medmnist
cp sets/breastmnist.npz .medmnist/
run 0 train --target medmnist:breastmnist/train/0 "${quick[@]}"

t=medmnist:breastmnist
refuses 2 "$t/train/6:*sets/breastmnist.npz*6*0*5*6*" \
    train --target $t/train/6 --root sets -o no
refuses 2 "$t/training/3:*\"training\"*" \
    train --target $t/training/3 --root sets -o no
refuses 1 "medmnist:brestmnist/train/3:*\"brestmnist\"*\"breastmnist\"*" \
    train --target medmnist:brestmnist/train/3 --root sets -o no
mkdir none
HOME=$PWD/none run 1 train --target "${t}_64/train/3" -o new -q
grep -q '`nca data get breastmnist --size 64`' err.txt || fail "the default folder is named: $(cat err.txt)"
refuses 1 "${t}_64/train/3:*64*\`nca data get breastmnist --size 64 --root sets\`*--root*" \
    train --target ${t}_64/train/3 --root sets -o no
[ ! -e no ] || fail "a refused training left a folder"
finish
