# --init: training starts from a model's weights, and can be repeated, resumed and retried.
. "$(dirname "$0")/common.sh" "$1"
# The settings of a run except those of the automaton, which come from the model.
plain=(--img-size 8 --padding 2 --pool-size 16 --batch-size 2 --threads 2 --steps-min 4 --steps-max 6
    --learning-rate 0.001 --extension 0 --quiet)

digest() { sed -n 's/^init_digest: "\(.*\)"/\1/p' "$1/config.yaml"; }

run 0 train "${tiny[@]}" --hidden 12 --angle 30 --boundary circular --output-bias --iterations 4 \
    --quiet -o cat
run 0 train --init cat --img-size 9 "${plain[@]:2}" --iterations 6 -o dog
for line in 'n_channels: 8' 'hidden: 12' 'boundary: circular' 'output_bias: true' 'init: "cat"'; do
    grep -qx "$line" dog/config.yaml || fail "config.yaml has no line $line"
done
[ "$(grep '^angle' dog/config.yaml)" = "$(grep '^angle' cat/config.yaml)" ] || fail "the angle differs"
[ "$(digest dog | wc -c)" = 17 ] || fail "no digest: $(digest dog)"
run 0 info dog/init.safetensors
run 0 train --iterations 1 --init cat "${plain[@]}" -o first
run 0 train --iterations 1 "${plain[@]}" --n-channels 8 --hidden 12 -o drawn
cmp -s first/model.safetensors drawn/model.safetensors && fail "the weights were drawn"

# Repeated from its folder: from config.yaml, and from the copy if the model has changed.
run 0 train --config dog/config.yaml --quiet -o again
same_file dog/model.safetensors again/model.safetensors
same_file dog/init.safetensors again/init.safetensors
run 0 train --resume cat --iterations 5 --quiet
refuses 2 '*digest '"$(digest dog)"' (init_digest)*' train --config dog/config.yaml --quiet -o changed
[ ! -e changed ] || fail "a folder was made"
run 0 train --config dog/config.yaml --init dog/init.safetensors --quiet -o copied
same_file dog/model.safetensors copied/model.safetensors

# Stopped and resumed, without the model.
run 0 train --init dog/init.safetensors --img-size 9 "${plain[@]:2}" --iterations 3 --schedule constant -o half
run 0 train --init dog/init.safetensors --img-size 9 "${plain[@]:2}" --iterations 6 --schedule constant -o whole
mv dog elsewhere
run 0 train --resume half --iterations 6 --quiet
same_file half/model.safetensors whole/model.safetensors
refuses 2 '*init cannot change*' train --resume half --init cat --iterations 7 --quiet
mv elsewhere dog

# Mismatches are reported; nothing is written.
refuses 2 '*n_channels 8 (settings: 10), hidden 12 (settings: 20)*' train --init cat --n-channels 10 \
    --hidden 20 --quiet -o wrong
refuses 2 '*filter sobel (settings: learned)*' train --init cat --filter learned --quiet -o wrong
refuses 1 'init: nowhere: *' train --init nowhere --quiet -o wrong
refuses 2 '*init_digest*' train --init cat --init-digest 12 --quiet -o wrong
[ ! -e wrong ] || fail "a folder was made"

# Other settings of the automaton may differ.
run 0 train --init cat --fire-rate 0.75 --boundary zero "${plain[@]}" --iterations 2 -o other
grep -qx 'boundary: zero' other/config.yaml || fail "the boundary is not the one given"

# A run initialised from its own model replaces that model.
cp -r cat own
run 0 train --init own "${plain[@]}" --iterations 3 -o own --overwrite
same_file own/init.safetensors cat/model.safetensors

# A PyTorch file: properties that it does not specify are as in the settings.
run 0 convert cat cat.pt
run 0 train --init cat.pt --angle 30 --boundary circular "${plain[@]}" --iterations 3 -o torch
run 0 train --init cat "${plain[@]}" --iterations 3 -o own_format
[ "$(digest torch)" = "$(digest own_format)" ] || fail "the PyTorch file has other weights"

# Retried: the same start with another random seed.
run 3 train --init cat "${plain[@]}" --retry 1 --iterations 200 --learning-rate 10 --step-size 1000 \
    --no-normalise-gradient --steps-min 40 --steps-max 60 -o retried
grep -q 'seed 1' err.txt || fail "no retry: $(cat err.txt)"
same_file retried/init.safetensors cat/model.safetensors

# A sweep starts all its runs from the model.
{
    printf 'init: cat\nlearning_rate: [0.001, 0.002]\niterations: 3\noutput: sweep\n'
    printf 'img_size: 8\npadding: 2\npool_size: 16\nbatch_size: 2\nsteps_min: 4\nsteps_max: 6\nextension: 0\nwarmup: 0\n'
} >sweep.yaml
run 0 sweep sweep.yaml --quiet
for rate in 0.001 0.002; do
    same_file "sweep/runs/learning_rate-$rate/init.safetensors" cat/model.safetensors
    grep -qx 'hidden: 12' "sweep/runs/learning_rate-$rate/config.yaml" || fail "hidden is not the model's"
done
run 0 sweep sweep.yaml --quiet
grep -q '2 done of 2' out.txt || fail "the sweep is not found finished: $(cat out.txt)"
refuses 2 '*hidden 12 (settings: 13)*' sweep sweep.yaml --hidden 13 --quiet -o other_sweep
finish
