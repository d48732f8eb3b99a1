#!/usr/bin/env bash
# New random predictions, more and larger than those of tests/fixtures/scores.bin, scored by
# scikit-learn and by the library. Skipped if scikit-learn is missing.
set -euo pipefail
: "${NCA_EXAMPLES:?}" "${NCA_SOURCE_DIR:?}"
. "$NCA_SOURCE_DIR/tests/debian_python.sh" sklearn numpy
scratch=$(mktemp -d "${TMPDIR:-/tmp}/nca-scores-XXXXXX")
trap 'rm -rf "$scratch"' EXIT
make_scores() { # FILE SEED CASES MOST_IMAGES
    "$python" "$NCA_SOURCE_DIR/tests/fixtures/make_scores.py" "$@"
}
make_scores "$scratch/small.bin" 1 150 12
"$NCA_EXAMPLES/test_scores_fixture" "$scratch/small.bin"
make_scores "$scratch/large.bin" 2 30 1500
"$NCA_EXAMPLES/test_scores_fixture" "$scratch/large.bin"
