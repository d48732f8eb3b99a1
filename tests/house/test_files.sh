#!/usr/bin/env bash
# There is one way to open a file: src/base/file.c (nca/files.h for the program) refuses anything
# but a regular file without waiting for it, and writes files as a whole, never through a link. No
# other code opens files by name, except at the places below.
set -euo pipefail
: "${NCA_SOURCE_DIR:?}"
cd "$NCA_SOURCE_DIR"

# FILE, then the functions it may call.
allowed() {
    case $1 in
    src/base/file.c | src/base/file_write.c) ;;
    src/data/part_file.c) grep -q 'O_NOFOLLOW' <<<"$2" ;;           # a download, locked and continued
    src/data/unnamed_file.c) grep -qE 'O_TMPFILE|tmpfile\(' <<<"$2" ;; # without a name
    src/render/video.c) grep -q 'tmpfile()' <<<"$2" ;;              # what ffmpeg says
    src/cli/page/serve_options.c) grep -q '"re"' <<<"$2" ;;              # a key, which a pipe may bring
    src/cli/main.c) grep -q '"/dev/null"' <<<"$2" ;;                # in place of a closed stream
    *) grep -q 'O_DIRECTORY' <<<"$2" ;;                             # a folder, to lock or to sync
    esac
}

failed=0
files=0
while IFS=: read -r file line text; do
    files=$((files + 1))
    if ! allowed "$file" "$text"; then
        echo "FAILED: $file:$line opens a file beside src/base/file.c: $text" >&2
        failed=1
    fi
done < <(grep -rnE --include='*.[ch]' \
    '(^|[^A-Za-z0-9_.>])(fopen|fopen64|freopen|tmpfile|open|open64|openat|creat|mkstemp|mkostemp)\(' src)
[ "$files" -ge 5 ] || { echo "FAILED: only $files calls found" >&2; failed=1; }

# Predictable temporary names.
if grep -rnE '"%s\.(tmp|temp|new|part)"' src >&2; then
    echo "FAILED: a temporary name that can be predicted; nca/files.h has a writer" >&2
    failed=1
fi
[ "$failed" -eq 0 ]
echo "$files calls are where they may be"
