#!/usr/bin/env bash
# A machine without the tools of the web page builds a program that is complete except for the page.
set -euo pipefail
: "${NCA_SOURCE_DIR:?}" "${NCA_BUILD_DIR:?}" "${CC:?}"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

fail() {
    echo "FAILED: $*" >&2
    cat "$scratch/said" >&2
    exit 1
}

configure() { # EXPECTED CODE, OPTIONS: in a fresh folder
    local expected=$1 code=0
    shift
    rm -rf "$scratch/build"
    cmake -S "$NCA_SOURCE_DIR" -B "$scratch/build" -G Ninja -DCMAKE_C_COMPILER="$CC" -DNCA_TESTS=OFF \
        "$@" >"$scratch/said" 2>&1 || code=$?
    [ "$((code != 0))" -eq "$expected" ] || fail "cmake $*: exit code $code"
}

# ---- Configuring
configure 0 -DNCA_NODE=/nowhere/node -DNCA_NPM=/nowhere/npm
[ "$(grep -c 'web page is not built.*node, npm' "$scratch/said")" = 1 ] || fail "not one line about the page"
! grep -qE ' ci --silent|page.html' "$scratch/build/build.ninja" || fail "the build still makes the page"
ninja -C "$scratch/build" CMakeFiles/nca_hosted.dir/src/page/template.c.o >"$scratch/said" 2>&1 ||
    fail "the library does not compile without the page"

configure 0 -DNCA_WASM_CLANG=/bin/false
grep -q 'web page is not built.*clang' "$scratch/said" || fail "a clang without WebAssembly is taken"

configure 1 -DNCA_WEB=ON -DNCA_NODE=/nowhere/node
grep -q 'not found: node' "$scratch/said" || fail "no reason"

configure 0 -DNCA_WEB=OFF
! grep -q 'web page' "$scratch/said" || fail "a page that is not wanted is missed"

# ---- The program of that configuration
program=$NCA_BUILD_DIR/tests/nca_without_page
cd "$scratch"
refuses() {
    local code=0
    timeout 300 "$program" "$@" >"$scratch/said" 2>&1 || code=$?
    [ "$code" = 1 ] || fail "nca $*: expected exit code 1, found $code"
    grep -q 'without the web page.*node' "$scratch/said" || fail "nca $* does not say what to install"
}
model=$NCA_SOURCE_DIR/examples/head.safetensors
refuses export "$model" -o page.html
refuses play "$model" --no-open
refuses train --img-size 8 --iterations 1 --live --no-open -o run
[ ! -e page.html ] && [ ! -e run ] || fail "something was written"
"$program" train --img-size 8 --iterations 1 --batch-size 2 -o run --quiet >"$scratch/said" 2>&1 ||
    fail "a training without --live does not run"
refuses watch run --no-open
