#!/usr/bin/env bash
# A machine without any of the libraries that are opened at need: the program starts, does what
# needs none of them, and otherwise says what to install. Empty files with the libraries' names,
# which the loader finds first, hide the real ones.
set -euo pipefail
: "${NCA_PROGRAM:?}" "${NCA_SOURCE_DIR:?}" "${NCA_FILES_AT_NEED:?}"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
set_file=$NCA_SOURCE_DIR/tests/fixtures/breastmnist.npz
corpus=$NCA_SOURCE_DIR/tests/fuzz/corpus
cp "$corpus/jpeg/good-grey" "$scratch/grey.jpg"
cp "$corpus/png/good-grey1" "$scratch/grey.png"
cp "$corpus/tiff/good-white" "$scratch/grey.tif"
cp "$corpus/webp/good-small" "$scratch/small.webp"

fail() {
    echo "FAILED: $*" >&2
    exit 1
}

mkdir "$scratch/hidden"
for file in $NCA_FILES_AT_NEED; do
    : >"$scratch/hidden/$file"
done

without() { # ARGUMENTS...: the program's exit code; what it said is in $scratch/said
    LD_LIBRARY_PATH=$scratch/hidden "$NCA_PROGRAM" "$@" >"$scratch/said" 2>&1
}

# asks_for LIBRARY PACKAGE ARGUMENTS...
asks_for() {
    local library=$1 package=$2 status=0
    shift 2
    without "$@" || status=$?
    [ "$status" -eq 1 ] || { cat "$scratch/said" >&2; fail "nca $*: exit code $status, not 1"; }
    grep -q "need $library\.so.*cannot be loaded.*install the package $package " "$scratch/said" ||
        { cat "$scratch/said" >&2; fail "nca $*: does not ask for $package"; }
}

tiny=(--recipe distill --target phantom --img-size 8 --padding 4 --iterations 2 --pool-size 16 --batch-size 2
    --steps-min 4 --steps-max 6 --quiet)

without --version || fail "the program does not start"
grep -q '^nca ' "$scratch/said" || fail "the program does not say its version"

# Training keeps its model and says what its pictures need.
asks_for libcairo libcairo2 train "${tiny[@]}" -o "$scratch/run"
without info "$scratch/run" || { cat "$scratch/said" >&2; fail "the trained model is not read"; }

asks_for libOpenCL ocl-icd-libopencl1 train "${tiny[@]}" --device 'gpu!' -o "$scratch/device"
without train "${tiny[@]}" --device gpu -o "$scratch/device" || true
grep -q '^nca: device: the CPU is used: .*ocl-icd-libopencl1' "$scratch/said" ||
    { cat "$scratch/said" >&2; fail "nca train --device gpu: does not say why the CPU is used"; }
without info --devices || fail "nca info --devices fails without OpenCL"

asks_for libyaml-0 libyaml-0-2 train --resume "$scratch/run"
asks_for libgif libgif7 visualize "$scratch/run" -o "$scratch/growth.gif"
asks_for libcairo libcairo2 visualize "$scratch/run" -o "$scratch/strip.png"
asks_for libzip libzip4 rollout "$scratch/run" -o "$scratch/states.npz"
asks_for libzip libzip4 convert "$scratch/run/model.safetensors" "$scratch/model.pt"
asks_for libzip libzip4 data info "$set_file"
asks_for libcrypto libssl3 data verify "$set_file"
asks_for libcurl libcurl4 data get breastmnist --root "$scratch/sets"
asks_for libspng libspng0 train "${tiny[@]}" --target "$scratch/grey.png" -o "$scratch/other"
asks_for libjpeg libjpeg62-turbo train "${tiny[@]}" --target "$scratch/grey.jpg" -o "$scratch/other"
asks_for libtiff libtiff6 train "${tiny[@]}" --target "$scratch/grey.tif" -o "$scratch/other"
asks_for libwebp libwebp7 train "${tiny[@]}" --target "$scratch/small.webp" -o "$scratch/other"
for file in growth.gif strip.png states.npz model.pt; do
    [ ! -e "$scratch/$file" ] || fail "$file was left behind"
done

# With the libraries back, the pictures are written as promised.
"$NCA_PROGRAM" train --quiet --resume "$scratch/run" >"$scratch/said" 2>&1 ||
    { cat "$scratch/said" >&2; fail "the training does not go on"; }
[ -s "$scratch/run/filmstrip.png" ] || fail "the pictures did not come"
