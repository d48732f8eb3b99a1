#!/usr/bin/env bash
# The objects of src/kernels, core, network and tape are freestanding: they refer only to each other
# and to the names below. Otherwise one stray call would break the WebAssembly and the
# microcontroller builds, and a libm with different rounding would change the bits.
set -euo pipefail
: "${NCA_BUILD_DIR:?}" "${NCA_BUILD_TYPE:?}" "${CC:?}"

allowed=(
    memcpy memset memmove memcmp # loops that copy or clear become these
    fmaf                         # exactly rounded by the C standard, a single instruction here
    _GLOBAL_OFFSET_TABLE_        # position-independent code
)
# Assertions are compiled into this build type only.
[ "$NCA_BUILD_TYPE" != Debug ] || allowed+=(__assert_fail)

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# A compiler or flags that harden the stack call this in every function with an array.
echo 'void g(char *); void f(void) { char a[64]; g(a); }' |
    "$CC" ${CFLAGS:-} -O2 -x c -c -o "$scratch/probe.o" -
! grep -q __stack_chk_fail <<<"$(nm -u "$scratch/probe.o")" || allowed+=(__stack_chk_fail)

mapfile -t objects <"$NCA_BUILD_DIR/tests/core_objects.txt"
for layer in kernels core network tape; do
    # No pipe into grep -q: it ends at the first match, and the writer would fail.
    [[ "${objects[*]}" == */src/$layer/* ]] || {
        echo "FAILED: no object of src/$layer is listed in core_objects.txt" >&2
        exit 1
    }
done

nm -A --defined-only "${objects[@]}" | awk '{ print $NF }' | sort -u >"$scratch/known"
printf '%s\n' "${allowed[@]}" | sort -u - "$scratch/known" -o "$scratch/known"
nm -A -u "${objects[@]}" | awk '{ print $NF }' | sort -u >"$scratch/wanted"
outside=$(comm -23 "$scratch/wanted" "$scratch/known")
if [ -n "$outside" ]; then
    echo "FAILED: the freestanding objects refer to:" $outside >&2
    for symbol in $outside; do
        nm -A -u "${objects[@]}" | awk -v s="$symbol" '$NF == s { print "  " $1 " " s }' >&2
    done
    exit 1
fi
echo "${#objects[@]} objects, $(wc -l <"$scratch/wanted") references, none to the outside"
