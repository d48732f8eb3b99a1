#!/usr/bin/env bash
# The Python package: its source archive and from that a wheel are built as pip builds them, around the library
# of this build; the installed package passes its own tests (python/tests) and mypy. Skipped if a package of
# Debian is missing.
set -euo pipefail
: "${NCA_PROGRAM:?}" "${NCA_SOURCE_DIR:?}" "${NCA_BUILD_DIR:?}" "${NCA_BUILD_SHARED:?}"
. "$NCA_SOURCE_DIR/tests/debian_python.sh" cffi numpy pip pytest setuptools wheel
[ -e "$("$python" -c 'import sysconfig; print(sysconfig.get_path("include"))')/Python.h" ] || {
    echo "skipped: the headers of Python are missing (python3-dev)"
    exit 77
}
program=$(realpath "$NCA_PROGRAM")
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
cp -r "$NCA_SOURCE_DIR"/{CMakeLists.txt,LICENSE,cmake,include,src,web} "$scratch/source"
mkdir "$scratch/source/python"
cp -r "$NCA_SOURCE_DIR"/python/{nca,LICENSE,README.md,declarations.py,pyproject.toml,setup.py} "$scratch/source/python"
rm -f "$scratch"/source/python/nca/*.so*

export NCA_LIBRARY=$scratch/library PIP_NO_CACHE_DIR=1
quietly() {
    "$@" >"$scratch/said" 2>&1 || {
        cat "$scratch/said" >&2
        exit 1
    }
}
pip() { quietly "$python" -m pip --disable-pip-version-check "$@" --no-deps --no-index; }

cd "$scratch/source/python"
quietly "$python" setup.py --quiet sdist --dist-dir "$scratch/archive"
cd "$scratch"
mv source kept # the wheel must not need it
tar xzf archive/nca-*.tar.gz
pip wheel --no-build-isolation --wheel-dir "$scratch/wheels" "$scratch"/nca-*/
pip install --no-compile --target "$scratch/site" "$scratch"/wheels/nca-*.whl
export NCA_WHEEL NCA_SDIST
NCA_WHEEL=$(echo "$scratch"/wheels/*.whl)
NCA_SDIST=$(echo "$scratch"/archive/*.tar.gz)
PYTHONPATH=$scratch/site NCA_PROGRAM=$program \
    "$python" -m pytest -q -ra --basetemp "$scratch/tests" "$NCA_SOURCE_DIR/python/tests"

if "$python" -c 'import mypy' 2>/dev/null; then
    cd "$scratch/kept/python"
    "$python" -m mypy --cache-dir "$scratch/mypy" --config-file pyproject.toml
fi
