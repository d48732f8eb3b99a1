#!/usr/bin/env bash
# The program started by mpirun with 2, 3 and 4 processes: every command that uses them gives the
# bits of one process.
. "$(dirname "$0")/launch.sh"

# ---- Training. Five samples: uneven parts, and with six processes one without a part. (Two and three
# are below.) A checkpoint has the name of its folder, so all have the same.
alone train --config small.yaml -o run --quiet
mv run one
for ranks in 4 6; do
    together $ranks 0 train --config small.yaml -o run --quiet
    [ "$(grep -c 'processes work together' err.txt)" = 1 ] || fail "$(cat err.txt)"
    same one run
    cmp -s one/checkpoint.safetensors run/checkpoint.safetensors ||
        fail "$ranks processes: another checkpoint"
    rm -rf run
done

# A run moves between numbers of processes. Settings of the file would be fitted to 3 iterations;
# those of options are not.
together 3 0 train --config small.yaml -o moved --iterations 3 --warmup 2 --decay-at 8 --extension 0 --quiet
together 2 0 train --resume moved --iterations 6 --quiet
alone train --resume moved --iterations 7 --quiet
together 4 0 train --resume moved --iterations 8 --quiet
cmp -s <(rows one) <(rows moved) || fail "a run that moved has other losses"
cmp -s one/model.safetensors moved/model.safetensors || fail "a run that moved has other weights"

# ---- Classification: other data travels with the samples.
classes=(train --task classify --data "$NCA_SOURCE_DIR/tests/fixtures/breastmnist.npz" --n-channels 12 --hidden 16 --batch-size 6
    --steps-min 4 --steps-max 6 --iterations 3 --threads 1 --quiet)
alone "${classes[@]}" -o class1
together 3 0 "${classes[@]}" -o class3
same class1 class3

# ---- Models: evaluation, prediction, a large grid in strips.
for command in "evaluate one --rollouts 5 --steps 5,10 --no-damage --threads 1" \
    "rollout one --steps 20 --size 300x24 --threads 1 -o OUT.npz"; do
    alone ${command/OUT/alone}
    cp out.txt alone.txt
    together 3 0 ${command/OUT/together}
    cmp -s <(sed 's/together/alone/' out.txt) alone.txt || fail "$command: $(diff out.txt alone.txt)"
done
cmp -s alone.npz together.npz || fail "a grid in strips differs"

# ---- Devices of the processes: an OpenCL driver gives the same bits. The second process may have none.
export POCL_CACHE_DIR=${POCL_CACHE_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/pocl} XDG_CACHE_HOME=$folder/cache
mkdir none-here
if "$program" info --devices | grep -q '^opencl:0 .*'; then
    together 2 0 train --config small.yaml -o run --quiet --device 'opencl!'
    same one run
    rm -rf run
    together 2 0 rollout one --steps 20 --size 300x24 --threads 1 --device 'opencl!' -o together.npz
    cmp -s alone.npz together.npz || fail "a grid in strips on two devices differs"
    strict=(train --config small.yaml -o run --quiet --device 'opencl!')
    mpirun -n 1 "$program" "${strict[@]}" : -n 1 -x OCL_ICD_VENDORS="$PWD/none-here" "$program" >out.txt 2>err.txt </dev/null &&
        fail "a process without the device was not found"
    grep -q '^nca: process 1 of 2: device: opencl!: ' err.txt || fail "$(cat err.txt)"
    rm -rf run
fi

# ---- Without the library of MPI, and with one that cannot be read.
mkdir broken
echo broken >broken/libmpi.so.40
OMPI_COMM_WORLD_SIZE=2 LD_LIBRARY_PATH=$PWD/broken "$program" help >out.txt 2>err.txt
[ $? = 1 ] && grep -q '^nca: .*libmpi.so.40, which cannot be loaded.*install the package' err.txt ||
    fail "expected an error that names the library: $(cat err.txt)"

# ---- No space for the files of rank 0: the job ends with its message.
mkdir disk
if mount -t tmpfs -o size=100k none disk 2>/dev/null; then
    together 2 1 train --config small.yaml -o disk/run --quiet --checkpoint-every 1 --iterations 500
    grep -q '^nca: .*No space left on device' err.txt || fail "a full disk: $(cat err.txt)"
    umount disk
fi

# ---- The program alone does not know MPI.
ldd "$program" | grep -qi mpi && fail "the program is linked with MPI"
finish
