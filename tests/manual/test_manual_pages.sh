#!/usr/bin/env bash
# Every command has a manual page with all its options and examples, which man can format without a
# complaint.
set -euo pipefail
: "${NCA_PROGRAM:?}" "${NCA_BUILD_DIR:?}"
pages=$NCA_BUILD_DIR/share/man/man1
[ -d "$pages" ] || { echo "skipped: this build has no manual pages"; exit 77; }
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
failures=0

fail() {
    echo "FAILED: $*" >&2
    failures=$((failures + 1))
}

commands_of() { # GROUP...: its commands
    "$NCA_PROGRAM" "$@" --help | sed -n '/^Commands:/,/^$/s/^  \([a-z-]\+\)  .*/\1/p'
}

# The page as plain text: without fonts, and with \- as -.
check_page() { # COMMAND...
    local name section
    name=$(tr ' ' - <<<"nca${*:+ $*}")
    [ -s "$pages/$name.1" ] || { fail "no page $name(1)"; return; }
    sed -E "s/\\\\f[BRI]//g; s/\\\\-/-/g; s/\\\\e/\\\\/g; s/\\\\\(aq/'/g; s/\\\\\(ti/~/g; s/\\\\\(ha/^/g; s/\\\\\(ga/\`/g" \
        "$pages/$name.1" >"$scratch/page"
    # What a formatter would replace by characters that cannot be typed.
    sed -n '/^\.EX/,/^\.EE/p' "$pages/$name.1" | grep -q "['~^\`]" && fail "$name(1) has an example with a plain quote or tilde"
    for section in NAME SYNOPSIS DESCRIPTION OPTIONS "EXIT STATUS" EXAMPLES "SEE ALSO"; do
        grep -qx ".SH $section" "$scratch/page" || fail "$name(1) has no section $section"
    done
    "$NCA_PROGRAM" "$@" --help >"$scratch/help"
    # The options and the examples of the help are those of the page.
    sed -nE 's/^  ((-[a-z], )?--[^ =]*).*/\1/p' "$scratch/help" | sort >"$scratch/expected"
    sed -nE '/^\.TP/{n;s/^((-[a-z], )?--[^ =]*).*/\1/p}' "$scratch/page" | sort >"$scratch/found"
    sed -n '/^Examples:/,$s/^  *//p' "$scratch/help" >>"$scratch/expected"
    sed -n '/^\.EX/,/^\.EE/{/^\.E[XE]/!s/^ *//p}' "$scratch/page" >>"$scratch/found"
    diff "$scratch/expected" "$scratch/found" >&2 || fail "$name(1) differs from the help"
}

check_page
for command in $(commands_of); do
    check_page "$command"
done
for command in $(commands_of data); do
    check_page data "$command"
done
count=$(find "$pages" -name '*.1' | wc -l)
expected=$(($(commands_of | wc -l) + $(commands_of data | wc -l) + 1))
[ "$count" = "$expected" ] || fail "$count pages for $expected commands"

if command -v mandoc >/dev/null; then
    mandoc -Tlint "$pages"/*.1 >"$scratch/lint" || true
    [ ! -s "$scratch/lint" ] || { head "$scratch/lint" >&2; fail "mandoc complains"; }
fi
if command -v lexgrog >/dev/null; then # what whatis and apropos find
    for page in "$pages"/*.1; do
        lexgrog "$page" >/dev/null || fail "${page##*/} has no name that whatis finds"
    done
fi
[ "$failures" -eq 0 ]
echo "$count pages"
