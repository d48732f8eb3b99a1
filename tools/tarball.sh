#!/usr/bin/env bash
# Packs what `make install` installs as a folder that runs wherever it is unpacked:
#
#   tools/tarball.sh BUILD FOLDER     writes FOLDER/nca-VERSION-linux-PROCESSOR.tar.gz
#
# The same build gives the same bytes: names are sorted, and times are those of SOURCE_DATE_EPOCH, which
# is by default the date of the last commit.
set -euo pipefail
[ $# -eq 2 ] || { echo "usage: tools/tarball.sh BUILD FOLDER" >&2; exit 2; }
build=$1 folder=$2
source=$(dirname "$0")/..

number() { # PART
    sed -nE "s/^#define NCA_VERSION_$1 ([0-9]+)\$/\1/p" "$source/include/nca/version.h"
}
name=nca-$(number MAJOR).$(number MINOR).$(number PATCH)-linux-$(uname -m)
time=${SOURCE_DATE_EPOCH:-$(git -C "$source" log -1 --format=%ct 2>/dev/null || stat -c %Y "$source/include/nca/version.h")}

stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
DESTDIR=$stage cmake --install "$build" --prefix "/$name" --strip >"$stage/log" || {
    cat "$stage/log" >&2
    exit 1
}
tar -C "$stage" --sort=name --format=gnu --owner=0 --group=0 --numeric-owner --mode=u=rwX,go=rX \
    --mtime="@$time" -cf - "$name" | gzip -n -9 >"$stage/packed"
mv "$stage/packed" "$folder/$name.tar.gz"
chmod 644 "$folder/$name.tar.gz"
echo "$folder/$name.tar.gz  $(stat -c %s "$folder/$name.tar.gz") bytes"
