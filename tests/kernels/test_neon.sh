#!/usr/bin/env bash
# The ARM kernels on any machine: cross-compiled and run in an emulator of the processor. Every NEON
# kernel gives the bits of the scalar set, and whole rollouts, gradients and a small training run
# give the bits of this machine's own build.
set -euo pipefail
: "${NCA_SOURCE_DIR:?}" "${NCA_EXAMPLES:?}"

skip() {
    echo "skipped: $*"
    exit 77
}
[ "$(uname -m)" != aarch64 ] || skip "this processor is one; check_bits_neon runs its kernels"
command -v aarch64-linux-gnu-gcc >/dev/null ||
    skip "there is no aarch64-linux-gnu-gcc (Debian: gcc-aarch64-linux-gnu)"
[ -e "$(aarch64-linux-gnu-gcc -print-file-name=libc.a)" ] ||
    skip "that compiler lacks a C library (Debian: libc6-dev-arm64-cross)"
qemu=$(command -v qemu-aarch64 || command -v qemu-aarch64-static) ||
    skip "there is no qemu-aarch64 (Debian: qemu-user)"

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
fail() {
    echo "FAILED: $*" >&2
    exit 1
}

scalar_digests() { # FILE
    grep '^digest [a-z]* scalar ' "$1"
}

"$NCA_EXAMPLES/check_bits" >"$scratch/here.txt" || fail "check_bits fails on this machine's own sets"
scalar_digests "$scratch/here.txt" >"$scratch/expected.txt" || fail "check_bits prints no digest"

check() { # COMPILER
    local build=$scratch/$1
    # The scripts' CC and CFLAGS are those of this machine's build.
    env -u CC -u CFLAGS cmake -G Ninja -S "$NCA_SOURCE_DIR" -B "$build" \
        --toolchain "$NCA_SOURCE_DIR/cmake/aarch64.cmake" \
        -DCMAKE_C_COMPILER="$1" -DNCA_CORE_ONLY=ON -DNCA_WERROR=ON >"$build.log" 2>&1 &&
        cmake --build "$build" --parallel 2 >>"$build.log" 2>&1 ||
        { cat "$build.log" >&2; fail "$1 does not build the core for aarch64"; }
    "$qemu" "$build/check_bits" neon >"$build.txt" || { cat "$build.txt" >&2; fail "$1: NEON"; }
    scalar_digests "$build.txt" >"$build.found" || fail "$1: check_bits prints no digest"
    diff "$scratch/expected.txt" "$build.found" >&2 ||
        fail "$1: aarch64 (>) gives other bits than this machine (<)"
    echo "$1: $(tail -n 1 "$build.txt"), and this machine's"
}

check aarch64-linux-gnu-gcc
if command -v clang >/dev/null; then
    check clang
fi
