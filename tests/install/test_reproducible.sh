#!/usr/bin/env bash
# What is built does not depend on the folder in which it is built: no path of the source or of the
# build is in the files that are installed. Building twice takes too long for a test;
# docs/installing.md has the commands.
set -euo pipefail
: "${NCA_SOURCE_DIR:?}" "${NCA_BUILD_DIR:?}" "${NCA_BUILD_TYPE:?}"
[ "$NCA_BUILD_TYPE" = Release ] || { echo "skipped: other builds have paths for debuggers"; exit 77; }
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

DESTDIR=$scratch cmake --install "$NCA_BUILD_DIR" --prefix /usr >"$scratch/log" || { cat "$scratch/log"; exit 1; }
[ -x "$scratch/usr/bin/nca" ] || { echo "FAILED: no program was installed" >&2; exit 1; }
if grep -rlF -e "$NCA_SOURCE_DIR" -e "$NCA_BUILD_DIR" "$scratch/usr" >&2; then
    echo "FAILED: these files name the folder of the build" >&2
    exit 1
fi

# The manual is written the same way twice.
if [ -x "$NCA_BUILD_DIR/nca_manual" ]; then
    "$NCA_BUILD_DIR/nca_manual" "$scratch/share"
    diff -r -x written "$NCA_BUILD_DIR/share" "$scratch/share" >&2 || {
        echo "FAILED: the manual differs when it is written again" >&2
        exit 1
    }
fi
