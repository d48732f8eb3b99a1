#!/usr/bin/env bash
# The PyTorch side of the benchmark of classifiers computes what nca computes: the loss of an
# iteration and the norms of its gradients, in every variant. Skipped if PyTorch is missing.
set -euo pipefail
: "${NCA_PROGRAM:?}" "${NCA_SOURCE_DIR:?}"
. "$NCA_SOURCE_DIR/tests/debian_python.sh" torch
command -v jq >/dev/null || { echo "skipped: there is no jq"; exit 77; }
folder=$(mktemp -d "${TMPDIR:-/tmp}/nca-peer-XXXXXX")
trap 'rm -rf "$folder"' EXIT
export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1
peer=$NCA_SOURCE_DIR/bench/pytorch_classify.py
cd "$folder"

# The fire rate is 1, because the two programs draw their fire masks in different ways, and the batch
# is the whole set, so its order does not matter. The snapshot after iteration 5 has the weights from
# which iteration 6 starts.
"$NCA_PROGRAM" data synth bloodmnist -o set.npz --count 16,8,8 --quiet >/dev/null
"$NCA_PROGRAM" train --task classify --data set.npz -o run --iterations 6 --snapshot-every 5 \
    --batch-size 16 --fire-rate 1 --steps-min 6 --steps-max 6 --n-channels 16 --filter learned \
    --class-loss cross-entropy --readout mean --features 0 --input-range symmetric --boundary zero \
    --label-smoothing 0 --shift 0 --brightness 0 --contrast 0 --noise 0 --optimiser adam --average-decay 0 --warmup 0 --learning-rate 0.01 --threads 2 --quiet \
    >said.txt 2>&1 || { cat said.txt >&2; exit 1; }
"$python" "$peer" --model run/snapshots/000005.safetensors --data set.npz \
    --steps 6 --threads 1 >peer.json

row=$(awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i }
    $1 == 6 { printf "{\"loss\": %s, \"taps\": %s, \"w1\": %s, \"b1\": %s, \"w2\": %s, \"b2\": %s}",
        $at["loss"], $at["norm_taps"], $at["norm_w1"], $at["norm_b1"], $at["norm_w2"], $at["norm_b2"] }' \
    run/metrics.csv)
jq -e --argjson ours "$row" 'length >= 8 and ([.[] | to_entries[] |
    (.value - $ours[.key] | fabs) <= 1e-4 * ([$ours[.key], 0.01] | max)] | length >= 48 and all)' peer.json >/dev/null || {
    echo "FAILED: nca: $row; PyTorch: $(cat peer.json)" >&2
    exit 1
}
# The loss is not that of a guess, so the weights matter.
jq -e --argjson ours "$row" '($ours.loss - 2.0794 | fabs) > 0.005 and $ours.taps > 0' -n >/dev/null || {
    echo "FAILED: nothing was learned: $row" >&2
    exit 1
}

# At fire rate 0.5 variants agree with each other, and a case can be measured and served.
"$python" "$peer" --threads 1 --cases classify16 --variants gather-cl,depthwise-cl \
    --check >/dev/null
"$python" "$peer" --threads 1 --cases predict32 --variants fused-cl --serve \
    <<<'' | jq -se '.[0].ready and .[1].images_per_second > 0 and .[1].alive_share == 1' >/dev/null || {
    echo "FAILED: --serve" >&2
    exit 1
}
