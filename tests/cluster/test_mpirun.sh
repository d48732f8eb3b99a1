#!/usr/bin/env bash
# The program started by mpirun with 2, 3 and 4 processes: every command that uses them gives the
# bits of one process.
. "$(dirname "$0")/launch.sh"

# ---- Training. Five samples: uneven parts, and with six processes one without a part.
# A checkpoint has the name of its folder, so all have the same.
alone train --config small.yaml -o run --quiet
mv run one
for ranks in 2 3 4 6; do
    together $ranks 0 train --config small.yaml -o run --quiet
    [ "$(grep -c 'processes work together' err.txt)" = 1 ] || fail "$(cat err.txt)"
    same one run
    cmp -s one/checkpoint.safetensors run/checkpoint.safetensors ||
        fail "$ranks processes: another checkpoint"
    sha256sum run/model.safetensors
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

# ---- The program alone does not know MPI.
ldd "$program" | grep -qi mpi && fail "the program is linked with MPI"
finish
