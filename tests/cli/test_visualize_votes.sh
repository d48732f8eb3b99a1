# nca visualize of a classifier: votes as an animation and as a figure, images of sets and files,
# and wrong uses.
. "$(dirname "$0")/common.sh" "$1"

size_of_gif() { od -An -tu2 -j6 -N4 "$1" | xargs; } # prints width and height

mkdir data
run 0 data synth breastmnist -o data/breastmnist.npz --count 8,4,4
run 0 train --task classify --data medmnist:breastmnist --root data -o run --iterations 2 --quiet \
    --threads 1 --n-channels 8 --hidden 16 --batch-size 2 --steps-min 6 --steps-max 6
run 0 data export breastmnist --root data --out pictures --split test
cp pictures/breastmnist/test1_*.png picture.png
image=(--data medmnist:breastmnist/test/1 --root data)

# ---- Files
run 0 visualize run "${image[@]}"
same_text out.txt run/votes.gif
same_text err.txt ""
[ "$(head -c 6 run/votes.gif)" = GIF89a ] || fail "run/votes.gif is no GIF"
run 0 visualize run/model.safetensors "${image[@]}" -o again.gif --threads 2 --kernels scalar
same_file run/votes.gif again.gif
[ "$(size_of_gif again.gif)" = "$(size_of_gif run/votes.gif)" ] || fail "another size"
run 0 visualize run "${image[@]}" -o votes.png
same_text out.txt votes.png
[ "$(head -c 4 votes.png | tail -c 3)" = PNG ] || fail "votes.png is no PNG"
run 0 visualize run "${image[@]}" -o votes.svg
grep -Eq '<title>true: (malignant|normal, benign); predicted: [a-z, ]+ \([01]\.[0-9]+\)(; wrong)?</title>' votes.svg ||
    fail "no answer: $(grep '<title>' votes.svg)"
# A file says nothing about its class; the same pixels have the same answer.
run 0 visualize run --image picture.png -o file.svg
[ "$(grep -o 'predicted: [^;<]*' file.svg)" = "$(grep -o 'predicted: [^;<]*' votes.svg)" ] ||
    fail "a file and an image of a set have different answers"
! grep -q 'true:' file.svg || fail "a file has a true class"
for option in --seed=5 --rollouts=3 --steps=40 --size=20 --fire-rate=0.9; do
    run 0 visualize run "${image[@]}" -o changed.png "$option"
    ! cmp -s votes.png changed.png || fail "$option changes nothing"
done
run 0 visualize run "${image[@]}" -o fast.gif --fps 25
! cmp -s fast.gif run/votes.gif || fail "--fps changes nothing"

# ---- Wrong uses
refuses 2 '*model.safetensors: *--image*--data*' visualize run
refuses 2 '*model.safetensors: *--image*--data*both*' visualize run "${image[@]}" --image picture.png
refuses 2 '--data: expected one image, found 4 *breastmnist/test*' \
    visualize run --data medmnist:breastmnist/test --root data
refuses 2 '--data: expected medmnist:SET/SPLIT/INDEX, found "picture.png"*--image*' \
    visualize run --data picture.png
refuses 2 '*breastmnist/test/4: *0 to 3*4*' visualize run --data medmnist:breastmnist/test/4 --root data
refuses 1 'nothing.png: *' visualize run --image nothing.png
refuses 2 '-o: *.gif*.mp4*.webm*.png*.svg*"a.txt"*' visualize run "${image[@]}" -o a.txt
refuses 2 '--steps: *6*found 5*' visualize run "${image[@]}" --steps 5
refuses 2 '--fps: *0.1*100*"0"*' visualize run "${image[@]}" --fps 0
refuses 2 '--rollouts: *1*1024*"0"*' visualize run "${image[@]}" --rollouts 0
for option in --view=alpha --scale=3 --background=white --angle=5 --damage=every=4 \
    --filmstrip=1,2 --terminal; do
    refuses 2 "${option%%=*}: *classifies images*" visualize run "${image[@]}" "$option"
done
refuses 2 '*run: expected one classifier alone, found 2 models*' visualize run run "${image[@]}"
refuses 2 '*checkpoint*no sample pool*classifier*' visualize run --grid
run 1 visualize run "${image[@]}" -o nowhere/a.png
grep -q '^nca: nowhere/a.png' err.txt || fail "$(cat err.txt)"
run 1 visualize run "${image[@]}" -o nowhere/a.gif
grep -q '^nca: nowhere/a.gif' err.txt || fail "$(cat err.txt)"
[ ! -e changed.txt ] && [ ! -e a.txt ] || fail "files were left"

# A model that grows an image has no votes.
run 0 train "${tiny[@]}" --iterations 1 -o grown --quiet
refuses 2 '--image: *grown/model.safetensors*grows an image*' visualize grown --image picture.png
refuses 2 '--rollouts: *grown/model.safetensors*grows an image*' visualize grown --rollouts 3
finish
