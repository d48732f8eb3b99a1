# Devices: the list, the notices, and the same files from every device.
. "$(dirname "$0")/common.sh" "$1"

# The kernels of this program are built anew; what PoCL keeps for itself may be there.
export POCL_CACHE_DIR=${POCL_CACHE_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/pocl}
export XDG_CACHE_HOME=$PWD/cache

run 0 info --devices
grep -q '^cpu .* cores' out.txt || fail "the CPU is not listed: $(cat out.txt)"
run 0 info --devices --json
jq -e '.[0].device == "cpu" and (map(has("memory") and has("problem")) | all)' out.txt >/dev/null ||
    fail "no JSON: $(cat out.txt)"
refuses 2 '*--devices*' info model.safetensors --devices
refuses 2 '*model file or a run folder*' info
refuses 2 '*--device*tpu*' rollout "$golden/../../../examples/head.safetensors" --device tpu
refuses 2 '*--kernels*' bench --device gpu --kernels scalar

small=(train "${tiny[@]}" --target phantom --batch-size 3 --steps-min 6 --steps-max 9 --seed 5 --quiet
    --overwrite)

# No machine has so many. Otherwise the CPU is used, and a notice says so.
run 0 "${small[@]}" --iterations 1 -o none --device gpu:4321
grep -q '^nca: device: the CPU is used: ' err.txt || fail "no notice: $(cat err.txt)"
refuses 1 '*device: gpu:4321!:*' "${small[@]}" --iterations 1 -o none --device 'gpu:4321!'
# A machine without drivers.
mkdir none-here
OCL_ICD_VENDORS=$PWD/none-here run 0 info --devices
grep -q 'no other device: ' out.txt || fail "expected a reason: $(cat out.txt)"
OCL_ICD_VENDORS=$PWD/none-here refuses 1 '*device: opencl!: *--devices*' "${small[@]}" --iterations 1 -o none \
    --device 'opencl!'
# Its pictures are drawn in fp32, so it may use the device.
XDG_CACHE_HOME=$PWD/other run 0 "${small[@]}" --iterations 1 -o low --device opencl --precision bf16 \
    --kernels scalar
grep -q '^nca: device: the CPU is used: .*fp32' err.txt || fail "no notice of bf16: $(cat err.txt)"

run 0 info --devices
if ! grep -q '^\(gpu\|opencl\):0 ' out.txt || grep -q 'cannot be used' out.txt; then
    [ "$failures" = 0 ] || finish
    echo "no OpenCL device to compare with: $(tail -n 1 out.txt)" >&2
    exit 77
fi

# A training on the CPU, on a device, and one that moves from one to the other and back.
run 0 "${small[@]}" --iterations 9 -o cpu
run 0 "${small[@]}" --iterations 9 -o gpu --device 'opencl!'
grep -q '^nca: device: \(gpu\|opencl\):0, ' err.txt || fail "the device is not named: $(cat err.txt)"
grep -q '^nca: device: building the kernels' err.txt || fail "nothing was built: $(cat err.txt)"
same_file cpu/model.safetensors gpu/model.safetensors
run 0 "${small[@]}" --iterations 3 -o moved --device opencl
! grep -q 'building' err.txt || fail "built again: $(cat err.txt)"
run 0 train --resume moved --iterations 6 --device cpu --quiet
run 0 train --resume moved --iterations 9 --device opencl --quiet
same_file cpu/model.safetensors moved/model.safetensors

# Models run forward.
for device in cpu opencl; do
    run 0 rollout cpu/model.safetensors --steps 20 --batch 2 --device $device
    mv out.txt rollout.$device
    run 0 evaluate cpu/model.safetensors --rollouts 2 --steps 10,20 --json - --device $device
    mv out.txt evaluate.$device
    run 0 visualize cpu/model.safetensors --steps 12 -o $device.gif --device $device
done
same_file rollout.cpu rollout.opencl
same_file evaluate.cpu evaluate.opencl
same_file cpu.gif opencl.gif

# A classifier: trained, asked, and scored.
mkdir root
run 0 data synth breastmnist -o root/breastmnist.npz --count 24,12,12 --quiet
classify=(train --task classify --data root/breastmnist.npz --warmup 1 --img-size 10 --n-channels 8 --hidden 8 --batch-size 4
    --steps-min 4 --steps-max 4 --loss-steps 2 --iterations 4 --seed 3 --quiet)
for device in cpu opencl; do
    run 0 "${classify[@]}" -o classes-$device --device $device
    run 0 predict classes-cpu medmnist:breastmnist/test --root root --rollouts 3 --device $device --quiet \
        -o predicted-$device.csv
done
same_file classes-cpu/model.safetensors classes-opencl/model.safetensors
same_file classes-cpu/validation.csv classes-opencl/validation.csv
same_file predicted-cpu.csv predicted-opencl.csv

# Kernels that were kept and are damaged are built again.
for size in 1000 0; do
    truncate -s $size cache/nca/opencl-*.bin
    run 0 rollout cpu/model.safetensors --steps 20 --batch 2 --device opencl
    grep -q 'building the kernels' err.txt || fail "damaged kernels were used: $(cat err.txt)"
    same_file rollout.cpu out.txt
done

# A folder that cannot be made: a notice, and the same result.
touch file
XDG_CACHE_HOME=$PWD/file run 0 rollout cpu/model.safetensors --steps 20 --batch 2 --device opencl
grep -q 'the kernels are not kept for the next time: .*/file' err.txt || fail "no notice: $(cat err.txt)"
same_file rollout.cpu out.txt

# Two processes that build the same kernels at once.
rm -r cache
"$program" rollout cpu/model.safetensors --steps 20 --batch 2 --device opencl >other.txt 2>/dev/null &
run 0 rollout cpu/model.safetensors --steps 20 --batch 2 --device opencl
wait $! || fail "the other of two processes: exit code $?"
same_file rollout.cpu out.txt
same_file rollout.cpu other.txt

# Too little memory: what is needed, and what would fit. PoCL can be told how much it has.
if grep -q PoCL <("$program" info --devices); then
    POCL_MEMORY_LIMIT=1 run 1 train --recipe distill --target phantom \
        --img-size 128 --padding 0 --batch-size 16 --steps-min 64 --steps-max 64 --memory-limit 4GiB --iterations 1 \
        -o large --device 'opencl!' --quiet
    grep -q '^nca: .* needs .*lower memory_limit to at most ' err.txt || fail "$(cat err.txt)"
fi

finish
