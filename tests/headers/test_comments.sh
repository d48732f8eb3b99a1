#!/usr/bin/env bash
# The comment of every function that can fail names its statuses, or a function with the same
# errors; the comment of every opaque type says which threads may use it.
set -euo pipefail
: "${NCA_SOURCE_DIR:?}"
statuses=$(sed -nE 's/^ *X\(([A-Z_]+),.*/\1/p' "$NCA_SOURCE_DIR/include/nca/status.h" | grep -v '^OK$' |
    paste -sd'|')
silent=$(awk -v statuses="NCA_($statuses)" '
    FNR == 1 { comment = "" }
    /^ *\/\*/ { comment = ""; inside = 1 }
    inside { comment = comment " " $0; if (/\*\//) inside = 0; next }
    /^NCA_API nca_status / && comment !~ statuses && comment !~ /[Ee]rrors/ {
        print FILENAME ": no errors: " $0
    }
    /^typedef struct nca_[a-z0-9_]+ nca_[a-z0-9_]+;/ && comment !~ /thread/ {
        print FILENAME ": no threads: " $0
    }
    /;/ { comment = "" }' "$NCA_SOURCE_DIR"/include/nca/*.h)
if [ -n "$silent" ]; then
    echo "FAILED: comments of public headers that say too little:" >&2
    echo "$silent" >&2
    exit 1
fi
