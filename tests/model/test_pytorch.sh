#!/usr/bin/env bash
# Models converted to PyTorch and back give the same rollouts and classes in both programs. Skipped if PyTorch
# is missing.
set -euo pipefail
: "${NCA_PROGRAM:?}" "${NCA_SOURCE_DIR:?}" "${NCA_EXAMPLES:?}"
. "$NCA_SOURCE_DIR/tests/debian_python.sh" torch numpy
folder=$(mktemp -d "${TMPDIR:-/tmp}/nca-pytorch-XXXXXX")
trap 'rm -rf "$folder"' EXIT
"$python" "$NCA_SOURCE_DIR/tests/model/pytorch_round_trip.py" \
    "$(realpath "$NCA_PROGRAM")" "$folder" "$(realpath "$NCA_EXAMPLES/example_classify")"
