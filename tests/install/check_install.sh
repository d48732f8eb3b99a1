# Sourced by the install tests: `check_install static|shared` installs libnca below a fresh folder,
# moves the folder (nothing may depend on its location), and builds and runs a program outside the
# project against it, with pkg-config and with find_package.
set -euo pipefail
: "${NCA_SOURCE_DIR:?}" "${NCA_BUILD_DIR:?}" "${NCA_BUILD_SHARED:?}" "${CC:?}"

fail() {
    echo "FAILED: $*" >&2
    exit 1
}

# Uses this build if it is of the wanted kind, else makes another.
install_kind() { # KIND PREFIX
    local build=$NCA_BUILD_DIR shared=OFF
    [ "$1" = static ] || shared=ON
    if [ "$NCA_BUILD_SHARED" != "$shared" ]; then
        build=$scratch/build
        cmake -S "$NCA_SOURCE_DIR" -B "$build" -G Ninja -DCMAKE_C_COMPILER="$CC" \
            -DCMAKE_C_FLAGS="${CFLAGS:-}" -DCMAKE_BUILD_TYPE=Release -DNCA_TESTS=OFF \
            -DBUILD_SHARED_LIBS=$shared >"$scratch/log" 2>&1 || { cat "$scratch/log"; fail configure; }
        cmake --build "$build" >"$scratch/log" 2>&1 || { cat "$scratch/log"; fail build; }
    fi
    cmake --install "$build" --prefix "$2" >"$scratch/log" 2>&1 || { cat "$scratch/log"; fail install; }
    grep -q "export PKG_CONFIG_PATH=$2/.*pkgconfig" "$scratch/log" || fail "nobody says where nca.pc is"
    grep -q "export PATH=$2/bin" "$scratch/log" || fail "nobody says where the program is"
    [ "$1" = static ] || grep -q "export LD_LIBRARY_PATH=$2/" "$scratch/log" ||
        fail "nobody says where the shared library is"
    # It names those for which there is a line.
    local who="the shell, pkg-config and CMake"
    [ "$1" = static ] || who="the shell, pkg-config, CMake and the loader"
    grep -q "So that $who find it:" "$scratch/log" || fail "not \"$who\" in: $(grep 'So that' "$scratch/log")"
    DESTDIR=$scratch/package cmake --install "$build" --prefix /usr >"$scratch/log" 2>&1 || fail DESTDIR
    ! grep -qE 'export [A-Z_]+=' "$scratch/log" || fail "a package is told about the shell"
}

run_outside() { # PROGRAM HOW
    local folder=$scratch/out-$2
    mkdir "$folder"
    local said
    said=$("$1" "$folder") || fail "the program linked through $2 does not run"
    [[ $said == "linked with nca "* ]] || fail "the program linked through $2 said: $said"
    [ -s "$folder/seed.gif" ] && [ -s "$folder/loss.png" ] || fail "$2: a file is missing"
    echo "$2: $said"
}

check_exports() { # LIBRARY
    local names odd
    names=$(nm -D --defined-only "$1" | awk '$2 != "A" { sub(/@.*/, "", $3); print $3 }')
    odd=$(grep -vE '^nca_[a-z]' <<<"$names" || true)
    [ -z "$odd" ] || fail "exported but not public:" $odd
    [ "$(wc -l <<<"$names")" -ge 50 ] || fail "the shared library exports only:" $names
}

# pkg-config, the installed header and the program report the same version.
check_version() { # PREFIX
    local header said
    header=$(printf '#include <nca/version.h>\nNCA_VERSION_STRING\n' |
        "$CC" -E -P "-I$1/include" -x c - | tr -d '" ' | tail -n 1)
    [ "$header" = "$(pkg-config --modversion nca)" ] ||
        fail "the header says version $header, pkg-config says $(pkg-config --modversion nca)"
    said=$("$1/bin/nca" --version) || fail "the installed program does not run"
    [ "$said" = "nca $header" ] || fail "the header says version $header, the program says $said"
}

check_install() { # static|shared
    scratch=$(mktemp -d)
    trap 'rm -rf "$scratch"' EXIT
    install_kind "$1" "$scratch/first"
    mv "$scratch/first" "$scratch/prefix"
    local prefix=$scratch/prefix pc
    pc=$(dirname "$(find "$prefix" -name nca.pc)")
    export PKG_CONFIG_PATH=$pc${PKG_CONFIG_PATH:+:$PKG_CONFIG_PATH}
    local libdir
    libdir=$(pkg-config --variable=libdir nca)

    if [ "$1" = shared ]; then
        [ ! -e "$libdir/libnca.a" ] || fail "a shared install holds an archive"
        check_exports "$libdir/libnca.so"
        export LD_LIBRARY_PATH=$libdir
    else
        [ ! -e "$libdir/libnca.so" ] || fail "a static install holds a shared library"
    fi

    local outside=$NCA_SOURCE_DIR/tests/install/outside
    "$CC" -std=c17 -Wall -Wextra -Werror "$outside/outside.c" -o "$scratch/by-pkg-config" \
        $(pkg-config --cflags --libs nca) || fail "pkg-config's flags do not link"
    run_outside "$scratch/by-pkg-config" pkg-config

    cmake -S "$outside" -B "$scratch/consumer" -G Ninja -DCMAKE_C_COMPILER="$CC" \
        -DCMAKE_PREFIX_PATH="$prefix" >"$scratch/log" 2>&1 || { cat "$scratch/log"; fail find_package; }
    cmake --build "$scratch/consumer" >"$scratch/log" 2>&1 || { cat "$scratch/log"; fail "the package does not link"; }
    run_outside "$scratch/consumer/outside" find_package

    if [ -n "${NCA_PROGRAM:-}" ]; then
        unset LD_LIBRARY_PATH # the program finds the library by its own relative path
        check_version "$prefix"
    fi
}
