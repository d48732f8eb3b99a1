#!/usr/bin/env bash
# The example grows a PNG from a model that the program trained, and reports errors.
set -euo pipefail
: "${NCA_PROGRAM:?}" "${NCA_EXAMPLES:?}"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
grow=$NCA_EXAMPLES/example_grow

fail() {
    echo "FAILED: $*" >&2
    exit 1
}

"$NCA_PROGRAM" train --recipe distill --target phantom --img-size 8 --padding 4 --iterations 2 \
    --pool-size 16 --batch-size 2 --steps-min 4 --steps-max 6 --quiet -o "$scratch/run" >"$scratch/log" 2>&1 ||
    { cat "$scratch/log" >&2; fail "training"; }
model=$scratch/run/model.safetensors

"$grow" "$model" "$scratch/a.png" 12 || fail "growing"
# 8 cells and a margin of 4: 16, enlarged by 15 or 16 to about 250 pixels. Bytes 16..23 of a PNG are
# its width and height, big-endian.
[ "$(head -c 8 "$scratch/a.png" | od -An -tx1 | tr -d ' \n')" = 89504e470d0a1a0a ] || fail "no PNG"
read -r width height < <(od -An -j 16 -N 8 -tx1 "$scratch/a.png" |
    tr -d ' \n' | sed -E 's/(.{8})(.{8})/0x\1 0x\2\n/')
[ $((width)) -ge 200 ] && [ $((width)) -le 300 ] || fail "the picture is $((width)) pixels wide"
[ $((width)) -eq $((height)) ] || fail "the picture is $((width))x$((height))"

# The phantom has a white skull: the example draws on black, as the program does.
if command -v python3 >/dev/null; then
    "$grow" "$NCA_SOURCE_DIR/examples/head.safetensors" "$scratch/head.png" 2
    python3 - "$scratch/head.png" <<'END' || fail "a phantom is not drawn on black"
import struct, sys, zlib
data, at, pixels = open(sys.argv[1], "rb").read(), 8, b""
while at < len(data):
    size, kind = struct.unpack(">I4s", data[at:at + 8])
    pixels += data[at + 8:at + 8 + size] if kind == b"IDAT" else b""
    at += size + 12
sys.exit(zlib.decompress(pixels)[1:4] != b"\0\0\0")
END
fi

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
