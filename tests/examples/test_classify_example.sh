#!/usr/bin/env bash
# The example names the classes of an image with a model that the program trained, and reports errors.
set -euo pipefail
: "${NCA_PROGRAM:?}" "${NCA_EXAMPLES:?}" "${NCA_SOURCE_DIR:?}"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
classify=$NCA_EXAMPLES/example_classify

fail() {
    echo "FAILED: $*" >&2
    exit 1
}

"$NCA_PROGRAM" train --task classify --data "$NCA_SOURCE_DIR/tests/fixtures/breastmnist.npz" \
    --iterations 4 --n-channels 8 --hidden 8 --steps-min 3 --steps-max 3 --batch-size 2 --quiet \
    -o "$scratch/run" >"$scratch/log" 2>&1 || { cat "$scratch/log" >&2; fail "training"; }
model=$scratch/run/model.safetensors
"$NCA_PROGRAM" data export "$NCA_SOURCE_DIR/tests/fixtures/breastmnist.npz" --split test --out "$scratch" --quiet >"$scratch/log"
photo=$(ls "$scratch"/breastmnist/test0_*.png) # grey, as the images the model was trained on

"$classify" "$model" "$photo" 4 >"$scratch/a" || fail "exit code $?"
[ "$(wc -l <"$scratch/a")" -eq 2 ] || fail "$(cat "$scratch/a")"
grep -qE '^0\.[0-9]{6}  ± 0\.[0-9]{6}  malignant$' "$scratch/a" || fail "$(cat "$scratch/a")"
grep -qE '  normal, benign$' "$scratch/a" || fail "$(cat "$scratch/a")"
awk '{ sum += $1 } END { exit !(sum > 0.99999 && sum < 1.00001) }' "$scratch/a" || fail "the sum"
"$classify" "$model" "$photo" 4 | cmp - "$scratch/a" || fail "two runs differ"
"$classify" "$model" "$photo" 1 | cmp -s - "$scratch/a" && fail "the rollouts are ignored"

p=$("$NCA_PROGRAM" predict "$model" "$photo" --rollouts 4 -o - | tail -n 1 | sed 's/.*,\([^,]*\),[^,]*$/\1/')
[ "$(printf %.6f "$p")" = "$(awk '/malignant$/ { print $1 }' "$scratch/a")" ] || fail "nca predict says $p"

status=0
"$classify" "$model" "$NCA_SOURCE_DIR/examples/photo.png" 2>"$scratch/said" || status=$?
[ "$status" -eq 1 ] && grep -q 'grey image' "$scratch/said" || fail "a colour image: $status"
status=0
"$classify" "$NCA_SOURCE_DIR/examples/head.safetensors" "$photo" 2>"$scratch/said" || status=$?
[ "$status" -eq 1 ] && grep -q 'not a classifier' "$scratch/said" || fail "a growing model: $status"
status=0
"$classify" "$model" "$scratch/missing.png" 2>"$scratch/said" || status=$?
[ "$status" -eq 1 ] && grep -q 'missing\.png' "$scratch/said" || fail "a missing image: $status"
status=0
"$classify" 2>/dev/null || status=$?
[ "$status" -eq 2 ] || fail "no arguments give exit code $status"
