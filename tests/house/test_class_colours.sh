#!/usr/bin/env bash
# The web page and the pictures of the program draw a class in the same colour.
set -euo pipefail
: "${NCA_SOURCE_DIR:?}"
colours() { grep -oE '0x[0-9a-f]{6}' "$NCA_SOURCE_DIR/$1"; }
page=$(colours web/page/src/class_colours.js)
program=$(colours src/render/class_colour.c)
[ "$(wc -l <<<"$program")" -eq 14 ] || { echo "FAILED: expected 14 colours, found: $program" >&2; exit 1; }
[ "$page" = "$program" ] || { diff <(echo "$page") <(echo "$program") >&2 || true; echo "FAILED: the colours differ" >&2; exit 1; }
