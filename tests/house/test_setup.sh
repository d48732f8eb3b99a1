#!/usr/bin/env bash
# The set-up script installs what is missing and nothing else, and explains failures. A folder of
# links stands for a machine without a C++ compiler; its apt-get only records its arguments.
set -euo pipefail
: "${NCA_SOURCE_DIR:?}"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

fail() {
    echo "FAILED: $*" >&2
    cat "$scratch/said" >&2
    exit 1
}

machine=$scratch/bin
mkdir "$machine"
ln -s /usr/bin/* "$machine"
rm -f "$machine"/{c++,apt-get,sudo}
cat >"$machine/sudo" <<'END'
#!/bin/sh
[ "$1" != -n ] || shift
exec "$@"
END
cat >"$machine/apt-get" <<END
#!/bin/sh
case " \$* " in
*" install "*) echo "\$*" >>"$scratch/asked"
    [ ! -e "$scratch/works" ] || ln -s /bin/true "$machine/c++" ;;
esac
END
chmod +x "$machine/sudo" "$machine/apt-get"

setup() { # EXPECTED CODE, OPTIONS
    local expected=$1 code=0
    shift
    : >"$scratch/asked"
    PATH=$machine "$NCA_SOURCE_DIR/tools/setup.sh" --test "$@" </dev/null >"$scratch/said" 2>&1 || code=$?
    [ "$code" -eq "$expected" ] || fail "expected exit code $expected, found $code"
}

setup 1 # this apt-get claims success, yet installs nothing
grep -q 'install .*g++$' "$scratch/asked" || fail "g++ was not asked for"
grep -q 'g++ was installed.* command:c++ ' "$scratch/said" || fail "no reason"

touch "$scratch/works"
setup 0
[ "$(wc -l <"$scratch/asked")" -eq 1 ] || fail "more was installed than is missing"
grep -q 'setup: done' "$scratch/said" || fail "success is not told"

setup 0
[ ! -s "$scratch/asked" ] && [ ! -s "$scratch/said" ] || fail "a complete machine is not left alone"

# Without npm there is no web page; the rest is built.
rm -f "$machine/npm"
setup 0
grep -q 'install .*npm$' "$scratch/asked" || fail "npm was not asked for"
grep -q 'without the web page' "$scratch/said" || fail "the missing page is not told"
setup 0 --no-page
[ ! -s "$scratch/asked" ] && [ ! -s "$scratch/said" ] || fail "npm is looked for"
