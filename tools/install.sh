#!/usr/bin/env bash
# Installs a build and removes it again; the work of `make install` and `make uninstall`.
#
#   tools/install.sh install BUILD PREFIX
#   tools/install.sh uninstall PREFIX
#
# DESTDIR in the environment is put before PREFIX. PREFIX/share/nca/installed lists the files, and the
# folders that the installation created, so that an uninstall needs no build and removes nothing else.
set -euo pipefail

say() {
    echo "$*" >&2
}

absolute() { # PATH
    case $1 in
    /*) echo "${1%/}" ;;
    *) echo "$PWD/${1%/}" ;;
    esac
}

list=share/nca/installed

install_build() { # BUILD PREFIX
    local build=$1 prefix root
    prefix=$(absolute "$2")
    root=${DESTDIR:-}$prefix
    stage=$(mktemp -d)
    trap 'rm -rf "$stage"' EXIT
    DESTDIR=$stage cmake --install "$build" --prefix "$prefix" >"$stage/log" || {
        cat "$stage/log" >&2
        exit 1
    }
    mkdir -p "$stage$prefix/${list%/*}"
    touch "$stage$prefix/$list"
    {
        [ ! -e "$root/$list" ] || cat "$root/$list" # an earlier version had other files
        (cd "$stage$prefix" && find . -type d -printf '%P\n') | while read -r folder; do
            [ -e "$root/$folder" ] || echo "folder $folder"
        done
        (cd "$stage$prefix" && find . ! -type d -printf 'file %P\n')
    } | sort -u >"$stage/list"
    # The list comes first, so that an installation that was interrupted can be removed.
    install -D -m 644 "$stage/list" "$root/$list"
    cmake --install "$build" --prefix "$prefix"
}

uninstall() { # PREFIX
    local root kind path
    root=${DESTDIR:-}$(absolute "$1")
    if [ ! -f "$root/$list" ]; then
        say "uninstall: $root/$list does not exist, so nothing was installed in $root by make install;"
        say "uninstall: PREFIX=FOLDER names another folder"
        exit 1
    fi
    if grep -qE '(^| |/)\.\.(/|$)|^(file|folder) /' "$root/$list"; then
        say "uninstall: $root/$list names a path outside $root; nothing was removed"
        exit 1
    fi
    while read -r kind path; do
        [ "$kind" != file ] || [ "$path" = "$list" ] || rm -f -- "$root/$path"
    done <"$root/$list"
    # Folders below others come first; those that hold something else are kept.
    local folders
    mapfile -t folders < <(sed -n 's/^folder //p' "$root/$list" | sort -r)
    rm -f -- "$root/$list"
    for path in "${folders[@]}"; do
        rmdir --ignore-fail-on-non-empty -- "$root/$path" 2>/dev/null || true
    done
    echo "removed from $root"
}

case ${1:-}:$# in
install:3) install_build "$2" "$3" ;;
uninstall:2) uninstall "$2" ;;
*)
    say "usage: tools/install.sh install BUILD PREFIX | uninstall PREFIX"
    exit 2
    ;;
esac
