#!/usr/bin/env bash
# The committed seeds of the fuzzers are those that their generator makes. Skipped where other versions
# of its libraries would make other files.
set -euo pipefail
: "${NCA_SOURCE_DIR:?}"
python=/usr/bin/python3 # Debian's packages belong to it
[ -x "$python" ] || python=python3
export PYTHONDONTWRITEBYTECODE=1
versions=$("$python" -c 'import numpy, PIL, torch
print(numpy.__version__, PIL.__version__, torch.__version__)' 2>/dev/null) || versions=missing
case $versions in
    1.24.*' 9.4.'*' 1.13.0a0'*) ;;
    *) echo "skipped: needs NumPy, Pillow and PyTorch of Debian 12, found: $versions"; exit 77 ;;
esac
"$python" -W ignore "$NCA_SOURCE_DIR/tests/fuzz/make_corpus.py" --check || {
    echo "FAILED: run tests/fuzz/make_corpus.py, or change tests/fuzz/seeds" >&2
    exit 1
}

# In a copy, a changed, a missing and an additional seed are reported.
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
mkdir -p "$scratch/tests"
cp -r "$NCA_SOURCE_DIR/configs" "$scratch"
cp -r "$NCA_SOURCE_DIR/tests/fuzz" "$NCA_SOURCE_DIR/tests/fixtures" "$scratch/tests"
corpus=$scratch/tests/fuzz/corpus/settings
echo >>"$corpus/good-demo"
rm "$corpus/bad-key"
touch "$corpus/good-new" "$corpus/found-new"
expected="corpus/settings/bad-key is missing
corpus/settings/good-demo differs from the generated seed
corpus/settings/good-new is not generated"
found=$("$python" "$scratch/tests/fuzz/make_corpus.py" --check settings 2>&1) && found="no error"
[ "$found" = "$expected" ] || { echo "FAILED: $found" >&2; exit 1; }
