#!/usr/bin/env bash
# Every public header compiles alone, in C17 and in C++17, without a warning; nca.h includes all of
# them; and every function that they declare exists in the library.
set -euo pipefail
: "${NCA_SOURCE_DIR:?}" "${NCA_BUILD_DIR:?}" "${CC:?}"
cd "$NCA_SOURCE_DIR/include"
warnings=(-Wall -Wextra -Wundef -pedantic -Werror)
failed=0
count=0

complain() {
    echo "FAILED: $*" >&2
    failed=1
}

for header in nca/*.h; do
    count=$((count + 1))
    for language in c:c17 c++:c++17; do
        printf '#include "%s"\n#include "%s"\n' "$header" "$header" |
            "$CC" -x "${language%%:*}" "-std=${language##*:}" "${warnings[@]}" -I. -fsyntax-only - ||
            complain "$header does not compile alone as ${language##*:}"
    done
    [ "$header" = nca/nca.h ] || grep -q "#include \"$header\"" nca/nca.h ||
        complain "nca/nca.h does not include $header"
done
[ "$count" -ge 10 ] || complain "only $count public headers found"

# The declared functions: the name before a "(" in a statement that is no typedef.
declared=$(echo '#include "nca/nca.h"' | "$CC" -x c -std=c17 -I. -E -P - | tr '\n' ' ' |
    tr ';' '\n' | grep -v typedef | grep -oE '\bnca_[a-z0-9_]+ *\(' | tr -d ' (' | sort -u)
if [ -e "$NCA_BUILD_DIR/libnca.so" ]; then
    defined=$(nm -D --defined-only "$NCA_BUILD_DIR/libnca.so")
else
    defined=$(nm --defined-only "$NCA_BUILD_DIR/libnca.a")
fi
defined=$(awk 'NF == 3 && $2 == "T" { sub(/@.*/, "", $3); print $3 }' <<<"$defined" | sort -u)
[ "$(wc -l <<<"$declared")" -ge 50 ] || complain "only these functions found: $declared"
missing=$(comm -23 <(echo "$declared") <(echo "$defined"))
[ -z "$missing" ] || complain "declared in a public header, defined nowhere:" $missing

[ "$failed" -eq 0 ]
echo "$count headers, $(wc -l <<<"$declared") functions"
