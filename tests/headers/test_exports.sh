#!/usr/bin/env bash
# The shared library exports exactly the functions of tests/headers/exported.txt, and those are what
# the public headers declare: nothing internal, no name lost without notice. After a change that is
# meant:
#
#     tests/headers/test_exports.sh --write [BUILD_FOLDER]     writes the list again
set -euo pipefail
if [ "${1:-}" = --write ]; then
    NCA_SOURCE_DIR=$(cd "$(dirname "$0")/../.." && pwd)
    NCA_BUILD_DIR=${2:-$NCA_SOURCE_DIR/build/debug}
fi
: "${NCA_SOURCE_DIR:?}" "${NCA_BUILD_DIR:?}"
list=$NCA_SOURCE_DIR/tests/headers/exported.txt
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
failed=0

complain() {
    echo "FAILED: $*" >&2
    failed=1
}

exported_by() { # LIBRARY
    nm -D --defined-only "$1" | awk '$2 != "A" { sub(/@.*/, "", $3); print $3 }' | sort -u
}

# A static build has the same objects: they are linked here, once with their own visibility, without
# the version script that would hide unmarked functions.
if [ -e "$NCA_BUILD_DIR/libnca.so" ]; then
    library=$NCA_BUILD_DIR/libnca.so
else
    library=$scratch/libnca.so
    "${CC:-cc}" -shared -o "$library" -Wl,--whole-archive "$NCA_BUILD_DIR/libnca.a" \
        -Wl,--no-whole-archive
fi
exported_by "$library" >"$scratch/exported"
if [ "${1:-}" = --write ]; then
    cp "$scratch/exported" "$list"
    echo "$(wc -l <"$list") names in $list"
    exit 0
fi

if ! diff -u "$list" "$scratch/exported" >"$scratch/difference"; then
    complain "the exported names are not those of tests/headers/exported.txt." \
        "If that is meant: tests/headers/test_exports.sh --write"
    sed -n '3,$p' "$scratch/difference" | grep '^[-+]' >&2
fi
odd=$(grep -vE '^nca_[a-z]' "$scratch/exported" || true)
[ -z "$odd" ] || complain "exported but not public:" $odd

# Exactly the functions of the public headers are marked for export.
for header in "$NCA_SOURCE_DIR"/include/nca/*.h; do
    [ "${header##*/}" = nca.h ] ||
        sed -E 's/^#define NCA_API.*//' "$header"
done | tr '\n' ' ' | sed 's/\*\//\n/g; s/;/\n/g' | sed 's/\/\*.*//' |
    grep -oE 'NCA_API .*' | grep -oE '\bnca_[a-z0-9_]+ *[([]' | tr -d ' ([' | sort -u >"$scratch/marked"
unmarked=$(comm -13 "$scratch/marked" "$scratch/exported")
[ -z "$unmarked" ] || complain "exported, but in no public header:" $unmarked
absent=$(comm -23 "$scratch/marked" "$scratch/exported")
[ -z "$absent" ] || complain "marked NCA_API, but not exported:" $absent
declared=$(echo '#include "nca/nca.h"' | "${CC:-cc}" -x c -std=c17 -I"$NCA_SOURCE_DIR/include" -E -P - |
    tr '\n' ' ' | tr ';' '\n' | grep -v typedef | grep -oE '\bnca_[a-z0-9_]+ *\(' | tr -d ' (' |
    sort -u | comm -23 - "$scratch/exported")
[ -z "$declared" ] || complain "declared in a public header without NCA_API:" $declared

[ "$failed" -eq 0 ]
echo "$(wc -l <"$scratch/exported") exported names"
