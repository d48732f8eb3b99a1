#!/usr/bin/env bash
# An uninstall removes what was installed and the folders that were created for it, nothing else.
set -euo pipefail
: "${NCA_SOURCE_DIR:?}" "${NCA_BUILD_DIR:?}"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

fail() {
    echo "FAILED: $*" >&2
    exit 1
}

run() { # ARGUMENTS: tools/install.sh
    "$NCA_SOURCE_DIR/tools/install.sh" "$@" >"$scratch/said" 2>&1 || { cat "$scratch/said" >&2; return 1; }
}
listing() {
    find "$1" | sort
}

# ---- A folder of somebody else, with an empty one that stays
prefix=$scratch/prefix
mkdir -p "$prefix/bin" "$prefix/share/man/man1" "$prefix/share/doc"
echo other >"$prefix/bin/other"
listing "$prefix" >"$scratch/before"
run install "$NCA_BUILD_DIR" "$prefix"
for file in bin/nca include/nca/nca.h share/doc/nca/LICENSE share/doc/nca/docs/commands.md; do
    [ -e "$prefix/$file" ] || fail "$file was not installed"
done
if [ -d "$NCA_BUILD_DIR/share/man" ]; then
    for file in man/man1/nca-train.1 bash-completion/completions/nca zsh/site-functions/_nca \
        fish/vendor_completions.d/nca.fish; do
        [ -s "$prefix/share/$file" ] || fail "share/$file was not installed"
    done
fi
# A file of an earlier version, and a second installation on top.
echo old >"$prefix/bin/nca-old"
echo "file bin/nca-old" >>"$prefix/share/nca/installed"
run install "$NCA_BUILD_DIR" "$prefix"
echo mine >"$prefix/share/doc/nca/notes"
run uninstall "$prefix"
[ -e "$prefix/share/doc/nca/notes" ] || fail "a file that was not installed is gone"
rm -r "$prefix/share/doc/nca"
listing "$prefix" | diff "$scratch/before" - || fail "the folder is not as it was"
! run uninstall "$prefix" 2>"$scratch/error" || fail "a second uninstall finds something"
grep -q 'PREFIX=FOLDER' "$scratch/said" || fail "not said what to do: $(cat "$scratch/said")"

# ---- A new folder below DESTDIR, with blanks in its name
export DESTDIR="$scratch/a package"
run install "$NCA_BUILD_DIR" /opt/nca
[ -x "$DESTDIR/opt/nca/bin/nca" ] || fail "DESTDIR is not honoured"
mkdir -p "$scratch/list"
cp "$DESTDIR/opt/nca/share/nca/installed" "$scratch/list"
echo "file ../../outside" >>"$DESTDIR/opt/nca/share/nca/installed"
! run uninstall /opt/nca 2>"$scratch/error" || fail "a path outside is removed"
cp "$scratch/list/installed" "$DESTDIR/opt/nca/share/nca/installed"
run uninstall /opt/nca
[ ! -e "$DESTDIR/opt/nca" ] || fail "left behind: $(listing "$DESTDIR/opt/nca")"
