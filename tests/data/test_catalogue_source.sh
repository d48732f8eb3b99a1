#!/usr/bin/env bash
# The committed table of MedMNIST's sets is the output of its generator for the committed facts.
set -euo pipefail
: "${NCA_SOURCE_DIR:?}"
diff <("$NCA_SOURCE_DIR/tools/make_catalogue.sh") "$NCA_SOURCE_DIR/src/data/medmnist_catalogue.inc" || {
    echo "FAILED: run  tools/make_catalogue.sh > src/data/medmnist_catalogue.inc" >&2
    exit 1
}
sets=$(($(wc -l <"$NCA_SOURCE_DIR/src/data/medmnist_info.tsv") - 1))
[ "$sets" -eq 18 ] || { echo "FAILED: expected 18 sets, found $sets" >&2; exit 1; }
