#!/usr/bin/env bash
# A copied tree whose build folder belongs to the original: make says so and what to do, and builds
# nothing there.
set -euo pipefail
: "${NCA_SOURCE_DIR:?}" "${NCA_BUILD_DIR:?}"
command -v make >/dev/null || { echo "skipped: make is not here"; exit 77; }
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

fail() {
    echo "FAILED: $*" >&2
    exit 1
}

mkdir -p "$scratch/build/release" "$scratch/tools"
cp "$NCA_SOURCE_DIR/Makefile" "$scratch"
printf '#!/bin/sh\ntouch began\n' >"$scratch/tools/setup.sh"
chmod +x "$scratch/tools/setup.sh"
cd "$scratch"
grep CMAKE_HOME_DIRECTORY "$NCA_BUILD_DIR/CMakeCache.txt" >build/release/CMakeCache.txt
for target in release demo test fuzz bench install; do
    ! make "$target" >said 2>&1 || fail "make $target builds in the original"
    grep -q "$NCA_SOURCE_DIR" said && grep -q 'make clean' said || fail "make $target: $(cat said)"
    [ ! -e began ] || fail "make $target began"
done
make clean >said 2>&1 || fail "$(cat said)"
make release >said 2>&1 || true
[ -e began ] || fail "make does not begin after make clean: $(cat said)"

# Through a link to it, the folder is the same one.
rm began
mkdir -p build/release
echo "CMAKE_HOME_DIRECTORY:INTERNAL=$scratch" >build/release/CMakeCache.txt
ln -s . here
make -C here release >said 2>&1 || true
[ -e began ] || fail "a link is taken for a copy: $(cat said)"
