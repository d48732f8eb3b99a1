# The two YAML files of the PyTorch reimplementation run as they are.
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
same_text err.txt 'nca: train_config.yaml: only keys of the PyTorch reimplementation, so the recipe is medmnist; a line "recipe: distill" chooses the other
nca: device: this program computes on the CPU; the setting changes nothing
nca: models/chest.pt: a PyTorch file holds tensors only; set up by hand there: filter scharr'
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
same_text err.txt 'nca: device: this program computes on the CPU; the setting changes nothing'
[ "$(head -n 1 out.txt)" = images/grown.gif ] || fail "$(cat out.txt)"
grep -Eq '^Final loss: [0-9.e-]+ \(L2, after 20 steps\)$' out.txt || fail "no final loss: $(cat out.txt)"
[ "$(od -An -tu2 -j6 -N4 images/grown.gif | tr -s ' ')" = ' 252 252' ] ||
    fail "grown.gif has another size: $(od -An -tu2 -j6 -N4 images/grown.gif)"

# Our own model file gives the same picture and loss; what it says itself must not disagree.
cp out.txt first.txt
run 0 convert models/chest.pt chest.safetensors --filter scharr
run 0 visualize chest.safetensors --config visualize_config.yaml --steps 20 -o other.gif
same_text out.txt "$(sed 's/images.grown/other/' first.txt)"
run 0 visualize run --config visualize_config.yaml --steps 20 -o healing.gif
grep -q '^Final loss: .*(Manhattan, after 20 steps)$' out.txt || fail "$(cat out.txt)"
same_file other.gif images/grown.gif
sed -i 's/Scharr/mean/' visualize_config.yaml
sed -i 's|"mps"|cpu|' visualize_config.yaml
refuses 2 'filter: visualize_config.yaml says mean, run/model.safetensors has scharr' \
    visualize run/model.safetensors --config visualize_config.yaml --threads 1
sed -i 's/n_channels: 8/n_channels: 16/' visualize_config.yaml
refuses 2 'n_channels: visualize_config.yaml says 16, models/chest.pt has 8' \
    visualize --config visualize_config.yaml
sed -i '/model_path/d' visualize_config.yaml
refuses 2 'visualize_config.yaml: names no model (model_path); name one after `nca visualize`' \
    visualize --config visualize_config.yaml

# One key of ours, and the file is an ordinary one.
echo 'seed: 1' >>train_config.yaml
run 0 train --config train_config.yaml -o ours --quiet
grep -q '^recipe: distill' ours/config.yaml || fail "a file of ours got another recipe"

# The examples that come with the program are such files.
examples=$(realpath "$golden/../../../configs")
mkdir here && cd here || exit 1
run 0 train --config "$examples/medmnist-train.yaml" --iterations 2 --pool-size 8 --quiet
grep -q 'recipe is medmnist' err.txt || fail "medmnist-train.yaml: $(cat err.txt)"
run 0 visualize --config "$examples/medmnist-visualize.yaml" --steps 4
grep -q '^Final loss: ' out.txt || fail "medmnist-visualize.yaml: $(cat out.txt)"
finish
