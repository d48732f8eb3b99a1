#!/usr/bin/env bash
# Installs what the build, the tests, the benchmarks or continuous integration need, from Debian's
# packages. Does nothing, in milliseconds, when all is there.
#
#   tools/setup.sh [--test] [--web] [--bench] [--ci] [--list]
#
#   --test   also what `make test` needs       --ci     also what .ci/run needs (has --test, --web)
#   --web    also what `make test-web` needs   --list   print the packages and why, install nothing
#   --bench  also what `make bench` needs
set -euo pipefail

# package | how to tell that it is there | why
build='
build-essential     | compiler:cc      | the C compiler and its headers
cmake               | command:cmake    | the build
ninja-build         | command:ninja    | the build
pkg-config          | command:pkg-config | finds the libraries below
libspng-dev         | pkg:spng         | PNG in and out
libjpeg-dev         | pkg:libjpeg      | JPEG in (libjpeg-turbo)
libtiff-dev         | pkg:libtiff-4    | TIFF in
libwebp-dev         | pkg:libwebp      | WebP in
libgif-dev          | header:gif_lib.h | GIF animations
libcairo2-dev       | pkg:cairo        | plots, labels under pictures
libyaml-dev         | pkg:yaml-0.1     | settings files, with the line of every mistake
libjansson-dev      | pkg:jansson      | the JSON header of model files
libzip-dev          | pkg:libzip       | the archives of NumPy and PyTorch
zlib1g-dev          | pkg:zlib         | packs the models of a page
libcurl4-openssl-dev | pkg:libcurl     | downloads; loaded when the first one begins
libssl-dev          | pkg:libcrypto    | the MD5 sums of downloaded files, the handshake of a live page
clang               | command:clang    | compiles the engine of the page to WebAssembly
lld                 | command:wasm-ld  | links it
nodejs              | command:node     | puts the page together
npm                 | command:npm      | fetches what the page is made with and draws its charts with
fonts-dejavu-core   | font:DejaVu Sans | the letters in plots
'
test='
libcmocka-dev       | pkg:cmocka       | the unit tests
librandom123-dev    | header:Random123/philox.h | the published Philox, to test ours against
g++                 | command:c++      | the public headers also compile as C++
jq                  | command:jq       | reads what commands print as JSON
'
# An ARM machine runs its kernels itself; others have a compiler and an emulator for them.
test_arm='
gcc-aarch64-linux-gnu | command:aarch64-linux-gnu-gcc | compiles the kernels for ARM
libc6-dev-arm64-cross | file:/usr/aarch64-linux-gnu/lib/libc.a | the C library for them
qemu-user           | command:qemu-aarch64 | runs them
'
[ "$(uname -m)" != x86_64 ] || test+=$test_arm
bench='
python3             | command:python3  | runs the PyTorch side of the comparison
python3-numpy       | python:numpy     | PyTorch needs it
python3-torch       | python:torch     | what is compared with
libdnnl-dev         | header:oneapi/dnnl/dnnl.h | oneDNN, whose matrix products are compared with
libopenblas-dev     | pkg:openblas     | OpenBLAS, the same; PyTorch takes it too when it is there
'
web='
chromium            | command:chromium | the browser that the page is tested in
fonts-dejavu-core   | font:DejaVu Sans | the letters in its pictures
'
ci='
clang-format        | command:clang-format | the formatting check
libclang-rt-14-dev  | runtime:fuzzer   | the runtime of the sanitizers and of libFuzzer
python3             | command:python3  | runs the comparison with PyTorch
python3-numpy       | python:numpy     | PyTorch needs it
python3-torch       | python:torch     | models go there and back in a test
'

say() {
    echo "setup: $*" >&2
}

is_there() { # KIND:WHAT
    local what=${1#*:}
    case $1 in
    compiler:*) command -v "$what" && [ -e /usr/include/stdio.h ] ;;
    command:*) command -v "$what" ;;
    file:*) [ -e "$what" ] ;;
    pkg:*) pkg-config --exists "$what" ;;
    header:*) [ -e "/usr/include/$what" ] || [ -e "/usr/local/include/$what" ] ;;
    font:*) [ -e "/usr/share/fonts/truetype/dejavu/${what// /}.ttf" ] ||
        fc-list ":family=$what" family | grep -q . ;;
    python:*) [ -n "$(find /usr/lib/python3/dist-packages -maxdepth 1 -name "$what")" ] ||
        python3 -c "import importlib.util as u, sys; sys.exit(u.find_spec('$what') is None)" ;;
    runtime:*) [ -e "$(clang -print-file-name="libclang_rt.$what-$(uname -m).a")" ] ||
        [ -e "$(clang -print-file-name="libclang_rt.$what.a")" ] ;;
    esac >/dev/null 2>&1
}

wanted=$build
list=
for option in "$@"; do
    case $option in
    --test) wanted+=$test ;;
    --bench) wanted+=$bench ;;
    --web) wanted+=$web ;;
    --ci) wanted+=$test$web$ci ;;
    --list) list=yes ;;
    *)
        say "unknown option $option; see the first lines of $0"
        exit 2
        ;;
    esac
done

missing=()
checks=()
reasons=()
while IFS='|' read -r package check why; do
    package=${package//[[:space:]]/}
    [ -n "$package" ] || continue
    read -r check <<<"$check"
    read -r why <<<"$why"
    if [ -n "$list" ]; then
        printf '%-20s %s\n' "$package" "$why"
    elif ! is_there "$check"; then
        missing+=("$package")
        checks+=("$check")
        reasons+=("$(printf '%-20s %s' "$package" "$why")")
    fi
done <<<"$wanted"
[ ${#missing[@]} -gt 0 ] || exit 0

say "missing:"
printf '  %s\n' "${reasons[@]}" >&2

if ! command -v apt-get >/dev/null; then
    say "this is no Debian-like system (there is no apt-get); install these by your own means"
    say "(the names above are Debian's) and run the command again"
    exit 1
fi
root=(env)
if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null; then
        say "neither root nor sudo is at hand; run this as root, then the command again:"
        say "  apt-get update && apt-get install --no-install-recommends ${missing[*]}"
        exit 1
    fi
    # Without a terminal nobody could type a password, so none may be asked for.
    root=(sudo)
    [ -t 0 ] || root=(sudo -n)
    root+=(env)
fi
apt=("${root[@]}" DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300
    -o Acquire::Retries=3)

say "installing them with apt-get"
# A failing update alone is no reason to stop: the lists at hand may be good enough.
"${apt[@]}" update </dev/null >&2 || say "apt-get update failed; trying with the lists at hand"
if ! "${apt[@]}" install --no-install-recommends "${missing[@]}" </dev/null >&2; then
    say "apt-get could not install them: is there a network, and is sudo allowed?"
    say "when both are fine, try: apt-get install ${missing[*]}"
    exit 1
fi
for i in "${!missing[@]}"; do
    is_there "${checks[i]}" || {
        say "${missing[i]} was installed, yet its ${checks[i]} is not found"
        exit 1
    }
done
say "done"
