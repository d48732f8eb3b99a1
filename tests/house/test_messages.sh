#!/usr/bin/env bash
# All output of the program to standard error goes through src/cli/messages.c, which makes external
# text harmless to a terminal. The library writes nothing.
set -euo pipefail
: "${NCA_SOURCE_DIR:?}"
cd "$NCA_SOURCE_DIR"
failed=0
if grep -nE '\bstderr\b|\bperror\(|\bpsignal\(|\bv?dprintf\(|write\(STDERR_FILENO' src/cli/*.[ch] src/cli/*/*.[ch] |
    grep -v '^src/cli/messages\.c:' >&2; then
    echo "FAILED: standard error is written to beside src/cli/messages.c" >&2
    failed=1
fi
if grep -rnE '\bstderr\b|\bperror\(|(^|[^A-Za-z0-9_.])printf\(' --include='*.[ch]' \
    src/base src/model src/config src/data src/render src/page src/serve src/backend src/rollout src/train \
    src/measure src/runs src/core src/network src/tape src/kernels >&2; then
    echo "FAILED: the library prints" >&2
    failed=1
fi
# A path on standard output goes through shown(), which leaves it unchanged for a program that reads
# it.
if grep -nE '(^|[^A-Za-z0-9_.])printf\([^;]*[ ,(](path|[a-z>.-]*(path|folder|csv|output)\.text|run_file\()' \
    src/cli/*.c src/cli/*/*.c | grep -v 'shown(' >&2; then
    echo "FAILED: a path is printed without shown()" >&2
    failed=1
fi
grep -q 'nca_clean_text' src/cli/messages.c || failed=1
[ "$failed" -eq 0 ]
