#!/usr/bin/env bash
# File names are unique in the repository, so that a name in a message, a debugger or a search means
# one file; C names have the project's prefixes.
set -euo pipefail
: "${NCA_SOURCE_DIR:?}" "${NCA_BUILD_DIR:?}"
cd "$NCA_SOURCE_DIR"
failed=0

folders=()
for folder in include src tests bench examples tools cmake; do
    [ ! -d "$folder" ] || folders+=("$folder")
done
twice=$(find "${folders[@]}" -type f \
    \( -name '*.[ch]' -o -name '*.def' -o -name '*.sh' -o -name '*.py' -o -name '*.cmake' \) \
    -printf '%f\n' | sort | uniq -d)
if [ -n "$twice" ]; then
    echo "FAILED: names that two files bear:" $twice >&2
    failed=1
fi

# Every external symbol starts with nca_ (public) or nca__ (internal).
if [ -e "$NCA_BUILD_DIR/libnca.a" ]; then
    odd=$(nm --defined-only --extern-only "$NCA_BUILD_DIR/libnca.a" 2>/dev/null |
        awk 'NF == 3 { print $3 }' | grep -vE '^(nca_|__asan|__odr_asan|_?_?emutls|__start|__stop)' |
        sort -u || true)
    if [ -n "$odd" ]; then
        echo "FAILED: symbols without the prefix:" $odd >&2
        failed=1
    fi
fi
[ "$failed" -eq 0 ]
