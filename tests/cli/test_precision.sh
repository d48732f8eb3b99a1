# Training in bf16 from the command line: the same model from every kernel set that supports it, a
# resumed run that keeps the precision, and errors that leave no file behind.
. "$(dirname "$0")/common.sh" "$1"

refuses 2 'precision:*fp32*bf16*bf16-amx*"fp16"*' train --precision fp16

# The definition is available everywhere.
run 0 train "${tiny[@]}" --iterations 6 --precision bf16 --kernels scalar -o scalar --quiet
grep -q '^precision: bf16' scalar/config.yaml || fail "config.yaml: $(cat scalar/config.yaml)"
run 0 train "${tiny[@]}" --iterations 6 --kernels scalar -o fp32 --quiet
! cmp -s scalar/model.safetensors fp32/model.safetensors || fail "bf16 gave the bits of fp32"
run 0 train "${tiny[@]}" --iterations 2 --precision bf16 --kernels scalar -o pieces --quiet
refuses 2 'pieces/checkpoint.safetensors:*"bf16"*"fp32"*' \
    train --resume pieces --precision fp32
run 0 train --resume pieces --iterations 6 --threads 2 --quiet
same_file scalar/model.safetensors pieces/model.safetensors
# A plain model file.
run 0 evaluate pieces --rollouts 1 --quiet
run 0 train "${tiny[@]}" --iterations 6 --precision bf16-amx --kernels scalar -o scalar-amx --quiet
! cmp -s scalar/model.safetensors scalar-amx/model.safetensors || fail "bf16-amx gave the bits of bf16"

# check SET PRECISION DEFINITION: the bits of the run made with the definition, or an error
check() {
    local set=$1 precision=$2 code missing
    "$program" bench --quick --runs 1 --threads 1 --json --kernels "$set" \
        --cases "train28-$precision" >out.txt 2>err.txt
    code=$?
    [ $code != 2 ] || return 0 # the set cannot run here
    [ $code = 0 ] || fail "bench --kernels $set: $(cat err.txt)"
    missing=$(jq -r '.skipped[].missing' out.txt)
    if [ -z "$missing" ]; then
        jq -e ".results[0].case == \"train28-$precision\"" out.txt >jq.txt ||
            fail "bench: $(cat out.txt)"
        run 0 train "${tiny[@]}" --iterations 6 --precision "$precision" --kernels "$set" \
            -o "$set-$precision" --quiet
        same_file "$3/model.safetensors" "$set-$precision/model.safetensors"
    else
        jq -e ".results == [] and .skipped[0].case == \"train28-$precision\"" out.txt >jq.txt ||
            fail "bench: $(cat out.txt)"
        refuses 1 "precision:*$precision*$set*$missing*fp32*" \
            train "${tiny[@]}" --precision "$precision" --kernels "$set" -o "$set-$precision"
        [ ! -e "$set-$precision" ] || fail "a refused command made its folder"
    fi
}

for set in avx2 avx512 neon; do
    check $set bf16 scalar
    check $set bf16-amx scalar-amx
done
finish
