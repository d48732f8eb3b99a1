#!/usr/bin/env bash
# The example grows a PNG from a model that the program trained, and says why when it cannot.
set -euo pipefail
: "${NCA_PROGRAM:?}" "${NCA_EXAMPLES:?}"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
grow=$NCA_EXAMPLES/example_grow

fail() {
    echo "FAILED: $*" >&2
    exit 1
}

"$NCA_PROGRAM" train --target phantom --img-size 8 --padding 4 --iterations 2 --pool-size 16 \
    --batch-size 2 --steps-min 4 --steps-max 6 --quiet -o "$scratch/run" >"$scratch/log" 2>&1 ||
    { cat "$scratch/log" >&2; fail "training"; }
model=$scratch/run/model.safetensors

"$grow" "$model" "$scratch/a.png" 12 || fail "growing"
# 8 cells and 4 around: 16, enlarged by 15 or 16 to about 250 pixels. Bytes 16..23 of a PNG are
# its width and height, big-endian.
[ "$(head -c 8 "$scratch/a.png" | od -An -tx1 | tr -d ' \n')" = 89504e470d0a1a0a ] || fail "no PNG"
read -r width height < <(od -An -j 16 -N 8 -tx1 "$scratch/a.png" |
    tr -d ' \n' | sed -E 's/(.{8})(.{8})/0x\1 0x\2\n/')
[ $((width)) -ge 200 ] && [ $((width)) -le 300 ] || fail "the picture is $((width)) pixels wide"
[ $((width)) -eq $((height)) ] || fail "the picture is $((width))x$((height))"

"$grow" "$model" "$scratch/b.png" 12
cmp "$scratch/a.png" "$scratch/b.png" || fail "two runs differ"

status=0
"$grow" "$scratch/missing.safetensors" "$scratch/d.png" 2>"$scratch/said" || status=$?
[ "$status" -eq 1 ] || fail "a missing model gives exit code $status"
grep -q 'missing\.safetensors' "$scratch/said" || fail "the message does not name the file"
[ ! -e "$scratch/d.png" ] || fail "a failed run left a picture"
status=0
"$grow" 2>/dev/null || status=$?
[ "$status" -eq 2 ] || fail "no arguments give exit code $status"
