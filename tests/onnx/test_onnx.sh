#!/usr/bin/env bash
# ONNX files of models give the results of the program. Skipped if python3-onnx is missing.
set -euo pipefail
: "${NCA_PROGRAM:?}" "${NCA_SOURCE_DIR:?}" "${NCA_EXAMPLES:?}"
. "$NCA_SOURCE_DIR/tests/debian_python.sh" onnx numpy
folder=$(mktemp -d "${TMPDIR:-/tmp}/nca-onnx-XXXXXX")
trap 'rm -rf "$folder"' EXIT
"$python" "$NCA_SOURCE_DIR/tests/onnx/onnx_files.py" \
    "$(realpath "$NCA_PROGRAM")" "$folder" "$(realpath "$NCA_EXAMPLES/example_classify")"
