#!/usr/bin/env bash
# Tests the page in a browser. NCA_SCREENSHOTS may name a folder for pictures of its main states.
#
#   tests/web/run.sh BUILD [FILE.test.mjs...]
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
build=$(cd "$1" && pwd)
shift
files=("$@")
[ ${#files[@]} -gt 0 ] || files=("$here"/browser/*.test.mjs)

# Installs exactly what the lock file names; again only if that has changed.
modules=$build/tests-web
mkdir -p "$modules"
if ! cmp -s "$here/package-lock.json" "$modules/package-lock.json"; then
    cp "$here/package.json" "$here/package-lock.json" "$modules/"
    (cd "$modules" && npm ci --silent --no-audit --no-fund --ignore-scripts) || {
        rm -f "$modules/package-lock.json"
        echo "run.sh: npm could not fetch the tests' libraries: is there a network?" >&2
        exit 1
    }
fi

export NCA_SOURCE_DIR=$here/../.. NCA_BUILD_DIR=$build NCA_TEST_MODULES=$modules/node_modules
export NCA_MODEL=${NCA_MODEL:-$NCA_SOURCE_DIR/examples/head.safetensors}
export NCA_PAGE=$build/tests-web/page.html
"$build/nca" export "$NCA_MODEL" -o "$NCA_PAGE" >/dev/null
# One file at a time: on two cores, two browsers at once are slower than one after the other.
failed=0
for file in "${files[@]}"; do
    node --test --test-concurrency=1 "$file" || failed=1
done
exit $failed
