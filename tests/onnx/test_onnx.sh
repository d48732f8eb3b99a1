#!/usr/bin/env bash
# ONNX files of models give the results of the program. Skipped if python3-onnx is missing.
set -euo pipefail
: "${NCA_PROGRAM:?}" "${NCA_SOURCE_DIR:?}" "${NCA_EXAMPLES:?}"
python=/usr/bin/python3 # Debian's python3-onnx belongs to it
[ -x "$python" ] || python=python3
"$python" -c 'import onnx, numpy' 2>/dev/null || {
    echo "skipped: needs onnx and NumPy (python3-onnx, python3-numpy)"
    exit 77
}
folder=$(mktemp -d "${TMPDIR:-/tmp}/nca-onnx-XXXXXX")
trap 'rm -rf "$folder"' EXIT
PYTHONDONTWRITEBYTECODE=1 "$python" "$NCA_SOURCE_DIR/tests/onnx/onnx_files.py" \
    "$(realpath "$NCA_PROGRAM")" "$folder" "$(realpath "$NCA_EXAMPLES/example_classify")"
