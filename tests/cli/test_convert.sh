# Converting models to PyTorch files and back: the same parameters and bytes, messages, errors.
. "$(dirname "$0")/common.sh" "$1"

run 0 train "${tiny[@]}" --iterations 3 -o run --quiet --filter scharr --no-output-bias
run 0 convert run a.pt
same_text out.txt a.pt
grep -q '^nca: a.pt: .*filter scharr$' err.txt || fail "$(cat err.txt)"
run 0 convert run/model.safetensors b.PTH
same_file a.pt b.PTH

# Back again: the parameters are bit-identical, so the same random seed grows the same picture.
run 0 convert a.pt c.safetensors --filter scharr
grep -q '^nca: a.pt: assumed.*: --column-order channel --filter-scale 1/16 --boundary zero --fire-rate 0.5$' err.txt || fail "$(cat err.txt)"
run 0 visualize run -o one.gif --steps 12 --background white
run 0 visualize c.safetensors -o two.gif --steps 12 --size 12 --background white
run 0 visualize a.pt -o three.gif --steps 12 --size 12 --filter scharr --background white
same_file one.gif two.gif
same_file one.gif three.gif
run 0 convert c.safetensors d.pt
same_file a.pt d.pt

# What the file does not specify.
run 0 convert a.pt e.safetensors
grep -q '^nca: a.pt: assumed.*: --filter sobel --column-order channel --filter-scale 1/8 --boundary zero --fire-rate 0.5$' err.txt || fail "$(cat err.txt)"
run 0 convert a.pt f.safetensors --filter Scharr --target phantom --img-size 8 --padding 2
run 0 visualize f.safetensors -o f.gif --steps 12
grep -q '^L2 loss after 12 steps' out.txt || fail "no loss: $(cat out.txt)"
run 0 convert a.pt g.safetensors --filter mean --img-size 20
run 0 info g.safetensors
grep -q 'grid             20 x 20, padding 0' out.txt || fail "the grid: $(cat out.txt)"
! grep -qE 'iterations|seed' out.txt || fail "info names what is not known: $(cat out.txt)"
run 0 info a.pt --filter scharr --json
grep -q '"filter": "scharr"' out.txt || fail "info: $(cat out.txt)"

# The file can hold an output bias; the reference's module cannot.
run 0 train "${tiny[@]}" --iterations 2 -o bias --quiet --angle 30 --boundary circular
run 0 convert bias bias.pt
grep -q 'angle 30, boundary circular' err.txt || fail "$(cat err.txt)"
grep -q 'update_module.2.bias; .*bias=True' err.txt || fail "$(cat err.txt)"
run 0 convert bias.pt bias.safetensors --filter sobel
run 0 convert bias.safetensors again.pt
same_file bias.pt again.pt
run 0 train "${tiny[@]}" --iterations 2 -o direct --quiet --angle 30 --boundary circular --model-path direct.pt
same_file bias.pt direct.pt
grep -q 'direct.pt: the network has an output bias' err.txt || fail "$(cat err.txt)"

refuses 2 'expected a model and *file; see `nca convert --help`' convert a.pt
refuses 2 'OUT:*.pt*.pth*.safetensors*"a.onnx"*' \
    convert a.pt a.onnx
refuses 2 '--filter: *PyTorch models (.pt) only; c.safetensors *' \
    convert c.safetensors x.pt --filter mean
refuses 2 'filter:*"prewitt"*' \
    convert a.pt x.safetensors --filter prewitt
refuses 2 '--target, --img-size and --padding: * only tensors; * .safetensors*' \
    convert run x.pt --img-size 4
refuses 2 '--img-size and --padding: the model has a target, *; give --target *' \
    convert run x.safetensors --img-size 4
refuses 1 'no.pt:*opened*file*directory*' convert no.pt x.safetensors
# The file of a classifier describes its model: nothing is assumed, lost or mentioned.
set=$(realpath "$golden/../../fixtures/breastmnist.npz")
run 0 train --task classify --data "$set" --iterations 3 --n-channels 8 --hidden 8 --steps-min 3 --steps-max 3 --batch-size 2 \
    --features 3 --filter scharr --angle 20 --boundary circular --fire-rate 0.75 -o votes --quiet
run 0 convert votes votes.pt
[ ! -s err.txt ] || fail "$(cat err.txt)"
run 0 convert votes.pt votes.safetensors
[ ! -s err.txt ] || fail "$(cat err.txt)"
same_file votes/model.safetensors votes.safetensors
run 0 convert votes.safetensors again.pt
same_file votes.pt again.pt
run 0 info votes.pt
grep -q 'boundary *circular' out.txt || fail "$(cat out.txt)"
refuses 2 '*boundary circular*leave the option out*' convert votes.pt x.safetensors --boundary zero
refuses 2 '--target, --img-size and --padding: *classifier*' convert votes x.safetensors --img-size 40
refuses 2 '--target, --img-size and --padding: *classifier*' convert votes x.safetensors --target phantom

head -c 300 a.pt >cut.pt
run 1 convert cut.pt x.safetensors
grep -q '^nca: cut.pt: ' err.txt || fail "$(cat err.txt)"
run 1 convert a.pt nowhere/x.pt
[ ! -e x.pt ] && [ ! -e x.safetensors ] || fail "a refused command left a file"
finish
