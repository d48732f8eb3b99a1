#!/usr/bin/env bash
# Models converted to PyTorch and back give the same rollouts and classes in both programs. Skipped if PyTorch
# is missing.
set -euo pipefail
: "${NCA_PROGRAM:?}" "${NCA_SOURCE_DIR:?}" "${NCA_EXAMPLES:?}"
python=/usr/bin/python3 # Debian's python3-torch belongs to it
[ -x "$python" ] || python=python3
"$python" -c 'import torch, numpy' 2>/dev/null || {
    echo "skipped: needs PyTorch and NumPy (python3-torch, python3-numpy)"
    exit 77
}
folder=$(mktemp -d "${TMPDIR:-/tmp}/nca-pytorch-XXXXXX")
trap 'rm -rf "$folder"' EXIT
PYTHONDONTWRITEBYTECODE=1 "$python" "$NCA_SOURCE_DIR/tests/model/pytorch_round_trip.py" \
    "$(realpath "$NCA_PROGRAM")" "$folder" "$(realpath "$NCA_EXAMPLES/example_classify")"
