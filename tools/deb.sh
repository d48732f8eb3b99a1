#!/usr/bin/env bash
# Builds the Debian packages in a copy of the source:
#
#   tools/deb.sh FOLDER [--no-page]     writes FOLDER/*.deb
#
# The web page needs the network (npm). It is left out with --no-page, or if its tools are missing.
set -euo pipefail
cd "$(dirname "$0")/.."
folder=${1:?"usage: tools/deb.sh FOLDER [--no-page]"}
profiles=()
tools=(clang wasm-ld node npm)
if [ "${2:-}" != --no-page ]; then
    missing=()
    for tool in "${tools[@]}"; do
        command -v "$tool" >/dev/null || missing+=("$tool")
    done
    if [ ${#missing[@]} -eq 0 ]; then
        profiles=(--build-profiles=pkg.nca.page)
    else
        echo "deb: the packages are without the web page; not found: ${missing[*]}" >&2
    fi
fi
command -v dpkg-buildpackage >/dev/null && command -v dh >/dev/null || {
    echo "deb: needs dpkg-buildpackage and dh: apt-get install dpkg-dev debhelper" >&2
    exit 1
}

mkdir -p "$folder"
folder=$(realpath "$folder")
rm -f "$folder"/*.deb # of earlier versions
copy=$folder/nca
rm -rf "$copy"
mkdir "$copy"
# The files that git knows or would add; a source without git is copied without its build folder.
if git rev-parse --git-dir >/dev/null 2>&1; then
    git ls-files -z --cached --others --exclude-standard |
        while IFS= read -r -d '' file; do [ ! -e "$file" ] || printf '%s\0' "$file"; done |
        tar --null -T - -cf - | tar -C "$copy" -xf -
else
    tar --exclude=./build --exclude=./runs -cf - . | tar -C "$copy" -xf -
fi
(cd "$copy" && dpkg-buildpackage --unsigned-source --unsigned-changes --build=binary "${profiles[@]}")
rm -rf "$copy"
ls -l "$folder"/*.deb
