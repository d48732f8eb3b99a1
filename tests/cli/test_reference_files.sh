# The two YAML files of the PyTorch reimplementation work unchanged.
. "$(dirname "$0")/common.sh" "$1"

mkdir models images
cat >train_config.yaml <<'END'
target_path: "phantom"
model_path: "models/chest.pt"
ani_path: "images/chest.gif"
device: "cuda"
iterations: 4
learning_rate: 0.001
img_size: 12
padding: 1
n_channels: 8
batch_size: 4
pool_size: 16
filter: "Scharr"
loss: "Manhattan"
damage: True
END
run 0 train --config train_config.yaml -o run --quiet --threads 2
grep -q '^nca: train_config.yaml: .*medmnist.*recipe: robust' err.txt ||
    fail "the recipe is not named: $(cat err.txt)"
grep -q '^nca: device: ' err.txt || fail "the device is not named: $(cat err.txt)"
grep -q '^nca: models/chest.pt: .*filter scharr$' err.txt || fail "the filter is not named: $(cat err.txt)"
[ "$(wc -l <err.txt)" = 3 ] || fail "more than three notices: $(cat err.txt)"
for line in 'recipe: medmnist' 'experiment: regenerating' 'output_bias: false' 'loss: Manhattan'; do
    grep -q "^$line" run/config.yaml || fail "config.yaml lacks \"$line\""
done
[ "$(head -c 2 models/chest.pt)" = PK ] || fail "chest.pt is no zip"
[ "$(head -c 6 images/chest.gif)" = GIF89a ] || fail "chest.gif is no GIF"

cat >visualize_config.yaml <<'END'
target_path: "phantom"
model_path: "models/chest.pt"
ani_path: "images/grown.gif"
device: "mps"
img_size: 12
padding: 1
n_channels: 8
filter: "Scharr"
END
run 0 visualize --config visualize_config.yaml --steps 20
grep -q '^nca: device: ' err.txt || fail "$(cat err.txt)"
[ "$(head -n 1 out.txt)" = images/grown.gif ] || fail "$(cat out.txt)"
grep -Eq '^Final loss: [0-9.e-]+ \(L2, after 20 steps\)$' out.txt || fail "no final loss: $(cat out.txt)"
[ "$(od -An -tu2 -j6 -N4 images/grown.gif | tr -s ' ')" = ' 252 252' ] ||
    fail "grown.gif has another size: $(od -An -tu2 -j6 -N4 images/grown.gif)"

# Our own model file gives the same picture and loss; the YAML file must not contradict it.
cp out.txt first.txt
run 0 convert models/chest.pt chest.safetensors --filter scharr
run 0 visualize chest.safetensors --config visualize_config.yaml --steps 20 -o other.gif
same_text out.txt "$(sed 's/images.grown/other/' first.txt)"
run 0 visualize run --config visualize_config.yaml --steps 20 -o healing.gif
grep -q '^Final loss: .*(Manhattan, after 20 steps)$' out.txt || fail "$(cat out.txt)"
same_file other.gif images/grown.gif
sed -i 's/Scharr/mean/' visualize_config.yaml
sed -i 's|"mps"|cpu|' visualize_config.yaml
refuses 2 'filter:*visualize_config.yaml*run/model.safetensors*' \
    visualize run/model.safetensors --config visualize_config.yaml --threads 1
sed -i 's/n_channels: 8/n_channels: 16/' visualize_config.yaml
refuses 2 'n_channels:*visualize_config.yaml*16*models/chest.pt*8*' \
    visualize --config visualize_config.yaml
sed -i '/model_path/d' visualize_config.yaml
refuses 2 'visualize_config.yaml: *model_path; *' \
    visualize --config visualize_config.yaml

# `iterations` is the number of steps to grow, and damage: True cuts after the frame of step i + 1
# if i is a positive multiple of iterations / 10.
sed -e 's/^iterations: .*/iterations: 60/' -e 's|models/chest|models/grown|' -e 's/Manhattan/L2/' \
    train_config.yaml >longer.yaml
run 0 train --config longer.yaml -o grown --quiet --threads 2
# frames FILE: the duration of a GIF, in frames of 1/20 s. Equal frames are merged.
frames() {
    python3 - "$1" <<'END'
import sys
data = open(sys.argv[1], "rb").read()
def blocks(at):
    while data[at]:
        at += data[at] + 1
    return at + 1
def table(flags):
    return 3 * (2 << (flags & 7)) if flags & 0x80 else 0
at, ticks = 13 + table(data[10]), 0
while data[at] != 0x3B:
    if data[at] == 0x21:
        ticks += data[at + 4] | data[at + 5] << 8 if data[at + 1] == 0xF9 else 0
        at = blocks(at + 2)
    else:
        at = blocks(at + 11 + table(data[at + 9]))
print(ticks / 5)
END
}
visualize_file() {
    cat >"$1" <<END
target_path: "phantom"
model_path: "models/grown.pt"
ani_path: "images/$1.gif"
iterations: $2
img_size: 12
padding: 1
n_channels: 8
filter: "Scharr"
loss: "L2"
damage: $3
END
}
visualize_file whole.yaml 500 False
visualize_file cut.yaml 500 True
run 0 visualize --config whole.yaml
same_text err.txt ''
grep -Eq '^Final loss: [0-9.e-]+ \(L2, after 500 steps\)$' out.txt || fail "$(cat out.txt)"
if command -v python3 >/dev/null; then
    # 500 frames, the last of them one second longer; no frame of the seed, no pause at a cut.
    [ "$(frames images/whole.yaml.gif)" = 520.0 ] || fail "$(frames images/whole.yaml.gif) frames"
    run 0 visualize --config cut.yaml
    [ "$(frames images/cut.yaml.gif)" = 520.0 ] || fail "$(frames images/cut.yaml.gif) frames"
fi
# same_until ITERATIONS STEP: the first cut is not visible before STEP.
same_until() {
    visualize_file whole.yaml "$1" False
    visualize_file cut.yaml "$1" True
    for step in $(($2 - 1)) "$2"; do
        run 0 visualize --config whole.yaml --filmstrip "$step" -o whole.png
        run 0 visualize --config cut.yaml --filmstrip "$step" -o cut.png
        if [ "$step" = "$2" ]; then
            ! cmp -s whole.png cut.png || fail "$1 iterations: no cut is seen after step $step"
        else
            same_file whole.png cut.png
        fi
    done
}
same_until 500 52
same_until 45 11
# final_loss ITERATIONS DAMAGE [OPTIONS]
final_loss() {
    visualize_file other.yaml "$1" "$2"
    run 0 visualize --config other.yaml "${@:3}"
    sed -n 's/^Final loss: //p' out.txt
}
[ "$(final_loss 11 True)" = "$(final_loss 11 False)" ] || fail "a tenth of 11 has no whole multiple below 11"
[ "$(final_loss 5 True)" != "$(final_loss 5 False)" ] || fail "a cut after the last frame is part of the loss"
[ "$(final_loss 500 True --steps 11)" = "$(final_loss 11 False)" ] || fail "--steps is not as iterations"
[ "$(final_loss 500 True --steps 200)" = "$(final_loss 200 True)" ] || fail "--steps is not as iterations"
[ "$(final_loss 200 True --damage every=300)" = "$(final_loss 200 False)" ] || fail "--damage is not instead"

# Each file given to the other command.
cp models/grown.pt before.pt
run 2 train --config whole.yaml -o other --quiet
grep -q 'whole.yaml: .*nca visualize --config' err.txt || fail "$(cat err.txt)"
[ ! -e other ] || fail "a refused training left a folder"
same_file before.pt models/grown.pt
# With only some of the keys it is still not a file for training; missing keys have their default.
for left_out in iterations img_size padding n_channels 'iterations\|img_size\|padding\|n_channels\|filter\|loss\|damage' target_path; do
    grep -v "^\($left_out\):" whole.yaml >part.yaml
    run 2 train --config part.yaml -o other --quiet
    grep -q 'part.yaml: .*nca visualize --config' err.txt || fail "without $left_out: $(cat err.txt)"
    [ ! -e other ] || fail "without $left_out: a refused training left a folder"
    same_file before.pt models/grown.pt
    run 0 visualize --config part.yaml --steps 4
done
printf 'target_path: phantom\nmodel_path: some.pt\niterations: 1\nimg_size: 12\npadding: 1\nn_channels: 8\n' >part.yaml
run 0 train --config part.yaml -o part --quiet
echo 'ani_path: images/some.gif' >>part.yaml
run 2 train --config part.yaml -o option --quiet
run 0 train --config part.yaml -o option --pool-size 32 --quiet
run 0 visualize --config longer.yaml
grep -q 'longer.yaml: .*nca train --config' err.txt || fail "$(cat err.txt)"
grep -q 'after 240 steps\|after 192 steps' out.txt || fail "steps of a training: $(cat out.txt)"

# Devices as PyTorch writes them; null is automatic.
for device in cuda cuda:0 cuda:1 mps:0; do
    sed "s/^device: .*/device: $device/" train_config.yaml >device.yaml
    run 0 train --config device.yaml -o device --overwrite --quiet --iterations 1
    grep -q '^nca: device: ' err.txt || fail "$device: $(cat err.txt)"
done
"$program" info --devices >devices.txt || fail "no list of devices"
grep -q '^cpu ' devices.txt || fail "the CPU is no device: $(cat devices.txt)"
for device in '' null '~' cpu cpu:0 auto; do
    ! grep -q '^gpu:' devices.txt || break
    sed "s/^device: .*/device: $device/" train_config.yaml >device.yaml
    run 0 train --config device.yaml -o device --overwrite --quiet --iterations 1
    ! grep -q '^nca: device: ' err.txt || fail "$device: $(cat err.txt)"
done
for device in cuda:x gpux '"null"' cuda:0:1 cpux auto:1 'cuda!!'; do
    sed "s/^device: .*/device: $device/" train_config.yaml >device.yaml
    run 2 train --config device.yaml -o device --overwrite --quiet --iterations 1
    grep -q 'device.yaml:4: device: .*cpu, cuda, mps' err.txt || fail "$(cat err.txt)"
done

# With one of our keys it is an ordinary file.
echo 'seed: 1' >>train_config.yaml
run 0 train --config train_config.yaml -o ours --quiet
grep -q '^recipe: robust' ours/config.yaml || fail "a file of ours got another recipe"

# The examples shipped with the program are such files.
examples=$(realpath "$golden/../../../configs")
mkdir here && cd here || exit 1
run 0 train --config "$examples/medmnist-train.yaml" --iterations 2 --pool-size 8 --quiet
grep -q 'recipe is medmnist' err.txt || fail "medmnist-train.yaml: $(cat err.txt)"
run 0 visualize --config "$examples/medmnist-visualize.yaml" --steps 4
grep -q '^Final loss: ' out.txt || fail "medmnist-visualize.yaml: $(cat out.txt)"
finish
