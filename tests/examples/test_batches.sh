#!/usr/bin/env bash
# The example reads a set's batches, gives the same result for any batch size, and reports errors.
set -euo pipefail
: "${NCA_SOURCE_DIR:?}" "${NCA_EXAMPLES:?}"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
batches=$NCA_EXAMPLES/example_batches
set=$NCA_SOURCE_DIR/tests/fixtures/breastmnist.npz

fail() {
    echo "FAILED: $*" >&2
    exit 1
}

"$batches" "$set" 4 7 >"$scratch/a" || fail "exit code $?"
grep -qx '6 images in 2 batches' "$scratch/a" || fail "$(cat "$scratch/a")"
grep -qE '^class 0 +3 images +mean .* malignant$' "$scratch/a" || fail "$(cat "$scratch/a")"
grep -qE '^class 1 +3 images +mean .* normal, benign$' "$scratch/a" || fail "$(cat "$scratch/a")"
"$batches" "$set" 1 8 >"$scratch/b"
grep -qx '6 images in 6 batches' "$scratch/b" || fail "$(cat "$scratch/b")"
cmp <(tail -n 2 "$scratch/a") <(tail -n 2 "$scratch/b") || fail "the order changes the means"

status=0
"$batches" "$scratch/missing.npz" 2>"$scratch/said" || status=$?
[ "$status" -eq 1 ] || fail "a missing file gives exit code $status"
grep -q 'missing\.npz' "$scratch/said" || fail "the message does not name the file"
status=0
"$batches" 2>/dev/null || status=$?
[ "$status" -eq 2 ] || fail "no arguments give exit code $status"
