# Picture files as targets: orientation, 16 bits and windows, slices and pages, notices.
. "$(dirname "$0")/common.sh" "$1"
corpus=$(realpath "$golden/../../fuzz/corpus")
cp "$corpus/jpeg/good-exif6-be" photo.jpg
cp "$corpus/jpeg/good-warn-extraneous" phone.jpg
cp "$corpus/tiff/good-pages" stack.tif
cp "$corpus/tiff/good-scan" scan.tif
cp "$corpus/webp/good-turned" turned.webp
cp "$corpus/npy_picture/good-middle" volume.npy
cp "$corpus/png/good-grey16" deep.png

# grow CODE ARGUMENTS...: trains one iteration into the folder `run` at the picture's own size.
grow() {
    local code=$1
    shift
    rm -rf run
    run "$code" train "${tiny[@]}" --img-size 0 --padding 0 --iterations 1 --steps-min 2 --steps-max 3 \
        -q -o run "$@"
}
says() {
    grep -q -- "$1" err.txt || fail "expected a notice with \"$1\", found: $(cat err.txt)"
}
grid() { # HEIGHT WIDTH
    "$program" info run --json >info.txt
    [ "$(jq -c '[.height, .width]' info.txt)" = "[$1,$2]" ] ||
        fail "expected a grid of $1 x $2, found $(jq -c '[.height, .width]' info.txt)"
}

grow 0 --target photo.jpg
says 'photo.jpg: rotated or mirrored according to its EXIF orientation 6'
grid 21 13
grow 0 --target photo.jpg --exif ignore
says 'orientation 6 is ignored'
grid 13 21
grow 0 --target photo.jpg --recipe medmnist
grid 13 21
grep -qx 'exif: ignore' run/config.yaml || fail "the recipe medmnist does not ignore EXIF"
grow 0 --target photo.jpg --recipe medmnist --exif apply
grid 21 13
printf 'target_path: photo.jpg\nimg_size: 0\niterations: 1\n' >reference.yaml
rm -rf run
run 0 train --config reference.yaml --n-channels 8 --pool-size 16 --hidden 16 --steps-min 2 --steps-max 3 -q -o run
grid 13 21
grow 0 --target turned.webp
grid 23 17
grow 0 --target phone.jpg
says 'extraneous bytes'

grow 0 --target scan.tif
says 'black is -'
grow 0 --target scan.tif --window=-160,240
[ ! -s err.txt ] || fail "a window that was chosen gets a notice: $(cat err.txt)"
grep -q '^window: .*-160,240' run/config.yaml || fail "the window is not in config.yaml"
grow 2 --target scan.tif --window 5
says 'window: expected auto, or LOW,HIGH'
grow 0 --target deep.png --window auto

grow 0 --target stack.tif
says 'the first of 3 pages'
grow 0 --target 'stack.tif?slice=2'
[ ! -s err.txt ] || fail "a page that was chosen gets a notice: $(cat err.txt)"
grow 2 --target 'stack.tif?slice=3'
says '3 pages; expected a slice of 0 to 2, found slice 3'
grow 0 --target volume.npy
says 'slice 4 of 9 along z'
grid 5 7
grow 0 --target 'volume.npy?axis=y&slice=1'
grid 9 7
grow 2 --target 'volume.npy?axis=y&slice=5'
says '5 slices along y, 0 to 4'
grow 2 --target 'volume.npy?page=5'
says 'axis=z, axis=y, axis=x or slice=NUMBER'
for picture in deep.png photo.jpg turned.webp; do
    grow 2 --target "$picture?slice=1"
    says "$picture.*only .npy and .tif .*slices"
done
cp deep.png really.tif # by its contents a PNG
grow 2 --target 'really.tif?axis=z'
says 'really.tif: only .npy and .tif .*slices'
grow 1 --target 'missing.png?slice=1'
says 'missing.png?slice=1: .*No such file'
grow 1 --target 'missing.npy?slice=1'
says 'missing.npy'
rm -rf run
run 0 train "${tiny[@]}" --target 'volume.npy?slice=1' --colormap viridis --iterations 1 --steps-min 2 --steps-max 3 -q
[ -e runs/volume-slice-1/model.safetensors ] || fail "the run folder is: $(ls runs)"
run 0 evaluate runs/volume-slice-1 --target 'volume.npy?slice=2' --window 0,100 --exif ignore \
    --rollouts 1 --steps 3 -q
finish
