# The tour of the README: its commands run as written, in order. Training is made short and small;
# commands that need a network, a browser or a terminal are left out.
. "$(dirname "$0")/common.sh" "$1"
source=$(realpath "$golden/../../..")
ln -s "$source/configs" "$source/examples" .
cp "$source/docs/images/breastmnist.png" photo.png
export HOME=$folder/home
mkdir -p "$HOME/.medmnist"
run 0 data synth breastmnist -o "$HOME/.medmnist/breastmnist.npz"

sed '1,/^## A tour/d; /^### From C/,$d' "$source/README.md" |
    sed -n '/^```sh/,/^```$/p' | grep '^nca ' | sed 's/ *#.*//' >commands.txt
[ "$(wc -l <commands.txt)" -gt 25 ] || fail "the tour has only: $(cat commands.txt)"

short=(--threads 2 --quiet --iterations 3)
small=(--img-size 8 --padding 2 --hidden 16 --pool-size 16)
while read -r line; do
    read -ra words <<<"$line"
    more=(--quiet)
    case $line in
    *--terminal* | 'nca play'* | 'nca data get'*) continue ;;
    'nca sweep'*) more=(--list) ;;
    'nca train --resume'*) ;;
    'nca train --config configs/medmnist-train'*) more=("${short[@]}" --pool-size 8) ;;
    'nca train --config runs/photo'*) ;;
    'nca train --config configs/demo'*) more=("${short[@]}" "${small[@]}" --warmup 0) ;;
    'nca train --task classify'*) more=("${short[@]}" --hidden 16 --steps-min 4 --steps-max 4) ;;
    'nca train'*) more=("${short[@]}" "${small[@]}") ;;
    'nca evaluate runs/breast'*) more=(--quiet --rollouts 2) ;;
    'nca evaluate'*) more=(--quiet --rollouts 2 --steps 8 --damage-at 8) ;;
    *'visualize --config'*) more=(--quiet --steps 12) ;;
    esac
    run 0 "${words[@]:1}" "${more[@]}"
done <commands.txt
same_file runs/photo/model.safetensors runs/again/model.safetensors
for file in photo.gif photo.html strip.png wide.gif hidden.png photo.pt photo.safetensors medmnist.gif \
    evaluation.png states.npz sheet.png votes.gif; do
    [ -s "$file" ] || fail "the tour makes no $file"
done

# README names every settings file, and that of the classification is the command of the tour.
for file in configs/*.yaml; do
    grep -q "$file" "$source/README.md" || fail "README does not name $file"
done
run 0 train --config configs/breast.yaml "${short[@]}" --hidden 16 --steps-min 4 --steps-max 4 -o runs/settings
diff <(grep -v '^output:' runs/breast/config.yaml) <(grep -v '^output:' runs/settings/config.yaml) ||
    fail "configs/breast.yaml has other settings"
same_file runs/breast/model.safetensors runs/settings/model.safetensors

# The sets that the sweep needs are listed before it.
sed -n 's/.*medmnist:\([a-z0-9]*\).*/\1/p' configs/medmnist-grid.yaml | sort -u >needed.txt
for file in "$source/README.md" configs/medmnist-grid.yaml; do
    while read -r set; do
        grep -q "nca data get $set$" "$file" || fail "$file does not say how to get $set"
    done <needed.txt
done
finish
