#!/usr/bin/env bash
# The tarball: packed twice it has the same bytes; unpacked in any folder its program runs, needs no
# library but the C library's, trains, and its pkg-config file names that folder.
set -euo pipefail
: "${NCA_SOURCE_DIR:?}" "${NCA_BUILD_DIR:?}"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

fail() {
    echo "FAILED: $*" >&2
    exit 1
}

for folder in one two; do
    mkdir "$scratch/$folder"
    (umask "$([ $folder = one ] && echo 022 || echo 077)" &&
        "$NCA_SOURCE_DIR/tools/tarball.sh" "$NCA_BUILD_DIR" "$scratch/$folder") >"$scratch/said"
    sleep 1 # so that a time of the day would differ
done
tarball=$(basename "$scratch"/one/*.tar.gz)
cmp "$scratch/one/$tarball" "$scratch/two/$tarball" || fail "two tarballs of one build differ"
[[ $tarball =~ ^nca-[0-9.]+-linux-$(uname -m)\.tar\.gz$ ]] || fail "the name is $tarball"

mkdir "$scratch/anywhere"
tar -C "$scratch/anywhere" -xf "$scratch/one/$tarball"
top="$scratch/anywhere/${tarball%.tar.gz}"
[ "$(ls "$scratch/anywhere")" = "${tarball%.tar.gz}" ] || fail "more than one folder is unpacked"
for file in bin/nca include/nca/nca.h share/doc/nca/LICENSE share/doc/nca/docs/commands.md; do
    [ -e "$top/$file" ] || fail "$file is missing"
done
cd "$scratch"
said=$("$top/bin/nca" --version) || fail "the program does not run"
[ "$said" = "nca $(sed -E 's/^nca-([0-9.]+)-linux.*/\1/' <<<"$tarball")" ] || fail "it says: $said"
"$top/bin/nca" train --img-size 8 --batch-size 2 --iterations 1 --quiet -o run >said.txt 2>&1 ||
    fail "it does not train: $(cat said.txt)"
odd=$(readelf -d "$top/bin/nca" | sed -nE 's/.*\(NEEDED\).*\[(.*)\]/\1/p' |
    grep -vE '^(lib(c|m|dl|pthread|nca)\.so\.|ld-linux)' || true)
[ -z "$odd" ] || fail "the program needs" $odd
pc=$(find "$top" -name nca.pc)
export PKG_CONFIG_PATH=${pc%/nca.pc}
[ -e "$(pkg-config --variable=includedir nca)/nca/nca.h" ] || fail "nca.pc names another folder"
