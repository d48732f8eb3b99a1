#!/usr/bin/env bash
# The Python package: it is built as pip builds it, around the library of this build, and passes its own
# tests (python/tests) and mypy. Skipped if a package of Debian is missing.
set -euo pipefail
: "${NCA_PROGRAM:?}" "${NCA_SOURCE_DIR:?}" "${NCA_BUILD_DIR:?}" "${NCA_BUILD_SHARED:?}"
. "$NCA_SOURCE_DIR/tests/debian_python.sh" cffi numpy pip pytest setuptools wheel
[ -e "$("$python" -c 'import sysconfig; print(sysconfig.get_path("include"))')/Python.h" ] || {
    echo "skipped: the headers of Python are missing (python3-dev)"
    exit 77
}
scratch=$(mktemp -d "${TMPDIR:-/tmp}/nca-python-XXXXXX")
trap 'rm -rf "$scratch"' EXIT

# The library as a shared one: a static build has the same objects in an archive.
mkdir "$scratch/library" "$scratch/source"
if [ -e "$NCA_BUILD_DIR/libnca.a" ]; then
    cc -shared -Wl,-soname,libnca.so.0 -Wl,--whole-archive "$NCA_BUILD_DIR/libnca.a" \
        -Wl,--no-whole-archive -Wl,--version-script="$NCA_SOURCE_DIR/cmake/nca.map" -Wl,-Bsymbolic-functions \
        -o "$scratch/library/libnca.so.0" -lm -ldl -lpthread
    ln -s libnca.so.0 "$scratch/library/libnca.so"
else
    cp -P "$NCA_BUILD_DIR"/libnca.so* "$scratch/library"
fi
cp -r "$NCA_SOURCE_DIR/include" "$scratch/source"
mkdir "$scratch/source/python"
cp -r "$NCA_SOURCE_DIR"/python/{nca,pyproject.toml,README.md,setup.py,declarations.py} "$scratch/source/python"
rm -f "$scratch"/source/python/nca/*.so*

NCA_LIBRARY=$scratch/library "$python" -m pip --disable-pip-version-check install --quiet --no-build-isolation \
    --no-deps --no-index --no-compile --target "$scratch/site" "$scratch/source/python" >"$scratch/said" 2>&1 || {
    cat "$scratch/said" >&2
    exit 1
}
[ -e "$scratch/site/nca/libnca.so.0" ] || {
    echo "FAILED: the package does not carry the library" >&2
    exit 1
}
PYTHONPATH=$scratch/site NCA_PROGRAM=$(realpath "$NCA_PROGRAM") \
    "$python" -m pytest -q -ra --basetemp "$scratch/tests" "$NCA_SOURCE_DIR/python/tests"

if "$python" -c 'import mypy' 2>/dev/null; then
    cd "$scratch/source/python"
    "$python" -m mypy --cache-dir "$scratch/mypy" --config-file pyproject.toml
fi
