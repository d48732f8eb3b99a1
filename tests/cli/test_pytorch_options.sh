# Properties that a state dict does not specify: given by options in every command, found in the
# file, or assumed with a notice; unused options are reported.
. "$(dirname "$0")/common.sh" "$1"
torch=$golden/../../fixtures/torch
everything=(--filter scharr --column-order filter --filter-scale 1 --boundary circular --fire-rate 0.75)

says() {
    grep -qF -- "$1" err.txt || fail "not said: $1; but: $(cat err.txt)"
}

# No options: one notice, written as the options that would give the same.
run 0 convert "$torch/fc0_fc1.pt" assumed.safetensors
says 'fc0_fc1.pt: assumed, because the file does not contain it: --filter sobel --column-order channel --filter-scale 1/8 --boundary zero --fire-rate 0.5'
[ "$(wc -l <err.txt)" = 1 ] || fail "more than one notice: $(cat err.txt)"
run 0 convert "$torch/fc0_fc1.pt" same.safetensors --filter sobel --column-order channel \
    --filter-scale 1/8 --boundary zero --fire-rate 0.5
same_text err.txt ''
same_file assumed.safetensors same.safetensors
# All options: no notice, and the model has these properties.
run 0 convert "$torch/fc0_fc1.pt" said.safetensors "${everything[@]}"
same_text err.txt ''
run 0 info said.safetensors --json
for part in '"filter": "scharr"' '"boundary": "circular"' '"fire_rate": 0.75'; do
    grep -qF "$part" out.txt || fail "$part: $(cat out.txt)"
done
# Some options: the rest is assumed.
run 0 info "$torch/fc0_fc1.pt" --boundary circular --filter scharr
says ': --column-order channel --filter-scale 1/16 --fire-rate 0.5'

# The same options in every command that takes a model give the same automaton.
grow=(--steps 6 --size 9)
run 0 rollout said.safetensors "${grow[@]}" -o said.npz --quiet
run 0 rollout "$torch/fc0_fc1.pt" "${everything[@]}" "${grow[@]}" -o direct.npz --quiet
same_text err.txt ''
same_file said.npz direct.npz
run 0 visualize said.safetensors "${grow[@]}" -o said.gif
run 0 visualize "$torch/fc0_fc1.pt" "${everything[@]}" "${grow[@]}" -o direct.gif
same_text err.txt ''
same_file said.gif direct.gif
run 0 evaluate said.safetensors --target phantom --img-size 8 --rollouts 2 --steps 4 --no-damage --csv -
mv out.txt said.csv
run 0 evaluate "$torch/fc0_fc1.pt" "${everything[@]}" --target phantom --img-size 8 --rollouts 2 \
    --steps 4 --no-damage --csv -
same_file said.csv out.txt
cp said.safetensors fc0_fc1.safetensors
if has_page; then
    run 0 export fc0_fc1.safetensors -o said.html
    run 0 export "$torch/fc0_fc1.pt" "${everything[@]}" -o direct.html
    same_text err.txt ''
    same_file said.html direct.html
fi
run 0 bench --quick --cases infer72-seed --threads 1 --kernels scalar --model "$torch/fc0_fc1.pt" \
    "${everything[@]}"
same_text err.txt ''

# Several models: one option for all, or one for each in order; our own models need none.
run 0 convert "$torch/reference.pt" mine.safetensors --filter mean
"$program" export "$torch/fc0_fc1.pt" mine.safetensors "$torch/conv1_conv2.pt" -o two.html \
    --filter scharr --filter laplacian --boundary circular >out.txt 2>err.txt ||
    grep -q 'built without the web page' err.txt || fail "nca export: $(cat err.txt)"
says 'fc0_fc1.pt: assumed, because the file does not contain it: --column-order channel --filter-scale 1/16 --fire-rate 0.5'
says 'conv1_conv2.pt: assumed, because the file does not contain it: --column-order channel --filter-scale 1/8 --fire-rate 0.5'
run 0 visualize "$torch/fc0_fc1.pt" "$torch/conv1_conv2.pt" --filter scharr --filter laplacian \
    --boundary zero --boundary circular --filter-scale 1 --column-order filter --fire-rate 1 \
    --size 9 --steps 3 -o two.gif
same_text err.txt ''
refuses 2 '--filter: given 3 times for 2 PyTorch models; *' \
    export "$torch/fc0_fc1.pt" "$torch/fc0_fc1.pt" -o x.html "${everything[@]:2}" \
    --filter mean --filter mean --filter mean
# The number of values and the values are checked before any file is read, so there are no notices.
refuses 2 '--filter: given 3 times for 2 PyTorch models; *' \
    play "$torch/fc0_fc1.pt" "$torch/fc0_fc1.pt" --no-open --filter mean --filter mean --filter mean
refuses 2 'filter: *"zzz"*' \
    visualize "$torch/fc0_fc1.pt" "$torch/fc0_fc1.pt" -o x.gif --filter mean --filter zzz
refuses 2 '--filter-scale: *"zzz"*' \
    export "$torch/fc0_fc1.pt" "$torch/fc0_fc1.pt" -o x.html --filter-scale 1 --filter-scale zzz
refuses 2 '--filter: given 2 times for 3 PyTorch models; *' \
    export "$torch/fc0_fc1.pt" "$torch/fc0_fc1.pt" "$torch/fc0_fc1.pt" -o x.html "${everything[@]:2}" \
    --filter mean --filter mean

# What the file contains besides the weights.
run 0 info "$torch/foreign.pt"
says 'the weights under "model_state_dict"; not used: optimizer (1 tensor)'
says 'no code of them was run: objects of numpy.core.multiarray.scalar'
[ ! -e nca-was-run ] || fail 'code of a checkpoint was run'
run 0 info "$torch/beside.pt"
says ': head.weight [2, 7], mean [3]'
run 0 info "$torch/sobel_grouped.pt"
says 'perceive.weight [12, 1, 3, 3] is sobel, scale 1'
says ': --boundary zero --fire-rate 0.5'
run 0 info "$torch/state_dict.safetensors"
says 'state_dict.safetensors: assumed'
run 0 info "$torch/learned.pt"
says 'learned filters found in the file: perceive.weight [12, 1, 3, 3]'
run 0 info "$torch/learned_four.pt"
grep -q '^  filter  *learned, 3$' out.txt || fail "$(cat out.txt)"
run 0 info "$torch/no_identity.pt"
says 'perceive.weight [12, 1, 3, 3]; the identity, which is not among them, was added'
run 1 info "$torch/no_identity_nine.pt"
says '"perceive.weight" [36, 1, 3, 3]: none of the perception kernels of channel 0 is the identity'
run 2 info "$torch/learned.pt" --filter sobel
says 'are learned; filter sobel was requested'
run 2 info "$torch/reference.pt" --filter learned
says 'no perception kernels'
run 0 info "$torch/sobel_grouped.pt" --filter learned
says 'learned filters found in the file'
run 1 info "$torch/old_form4.pt"
says 'before PyTorch 1.6'
run 2 info "$torch/sobel_grouped.pt" --filter scharr
says 'are sobel; filter scharr was requested'

refuses 2 '--column-order:*"row"*' \
    info "$torch/fc0_fc1.pt" --column-order row
for scale in 0 -1 1/0 1/ x 8x; do
    refuses 2 "--filter-scale: expected a number greater than 0, *1/8, found \"$scale\"" \
        info "$torch/fc0_fc1.pt" --filter-scale="$scale"
done
run 2 info "$torch/fc0_fc1.pt" --boundary wall
says 'boundary: expected one of zero, circular, reflect or replicate'
run 2 info "$torch/fc0_fc1.pt" --fire-rate 2
says 'fire_rate'
for option in column-order filter-scale boundary; do
    refuses 2 "--$option: *PyTorch models (.pt) only; said.safetensors *" \
        info said.safetensors --$option zero
done
# The same in the commands that take several models, if none of them is a PyTorch file.
printf 'model_path: said.safetensors\nfilter: sobel\n' >visualize.yaml
for option in filter column-order filter-scale boundary; do
    only="--$option: *PyTorch models (.pt) only; *"
    refuses 2 "$only" visualize said.safetensors --$option zero "${grow[@]}" -o x.gif
    refuses 2 "$only" export said.safetensors mine.safetensors -o x.html --$option zero
    refuses 2 "$only" play said.safetensors --no-open --$option zero
    refuses 2 "$only" export said.safetensors -o x.html --$option zero --$option zero
done
refuses 2 '--boundary: *PyTorch models (.pt) only; said.safetensors *' \
    visualize --config visualize.yaml --boundary zero -o x.gif
[ ! -e x.gif ] && [ ! -e x.html ] || fail "a refused command wrote a file"
# Another fire rate can be given for every model.
run 0 convert said.safetensors slow.safetensors --fire-rate 0.25
run 0 info slow.safetensors --json
grep -q '"fire_rate": 0.25' out.txt || fail "fire rate: $(cat out.txt)"
finish
