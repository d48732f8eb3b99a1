#!/usr/bin/env bash
# The Debian packages have the version of the source, and are built with the libraries of
# tools/setup.sh.
set -euo pipefail
: "${NCA_SOURCE_DIR:?}"
cd "$NCA_SOURCE_DIR"
failures=0

fail() {
    echo "FAILED: $*" >&2
    failures=$((failures + 1))
}

header() { # PART
    sed -nE "s/^#define NCA_VERSION_$1 ([0-9]+)\$/\1/p" include/nca/version.h
}
version=$(header MAJOR).$(header MINOR).$(header PATCH)
package=$(sed -nE '1s/^nca \(([^)]*)\).*/\1/p' debian/changelog)
[ "$package" = "$version" ] || fail "debian/changelog has version $package, include/nca/version.h $version"
grep -q "^Package: libnca$(header MAJOR)\$" debian/control || fail "no package libnca$(header MAJOR)"

needs=$(sed -n '/^Build-Depends:/,/^[A-Z].*:/p' debian/control | sed '/^Standards-Version/d')
needs=" $(sed -E 's/Build-Depends://; s/\([^)]*\)//g; s/<[^>]*>//g; s/,/ /g' <<<"$needs" | xargs) "
count=0
while read -r package _; do
    # The compiler is always there, and the font comes with libcairo.
    case $package in build-essential | fonts-dejavu-core) continue ;; esac
    count=$((count + 1))
    [[ $needs == *" $package "* ]] || fail "debian/control does not build with $package"
done < <(tools/setup.sh --list)
[ "$count" -ge 12 ] || fail "tools/setup.sh lists only $count packages"
[ "$failures" -eq 0 ]
