#!/usr/bin/env bash
# Installs the Debian packages that the build, the tests, the benchmarks or continuous integration
# need. If everything is installed, it does nothing and takes milliseconds. The packages for the web
# page are installed if possible; the build also works without them.
#
#   tools/setup.sh [--test] [--web] [--python] [--bench] [--figures] [--ci] [--no-page] [--list]
#
#   --test     also packages for `make test`      --ci       also packages for .ci/run (with --test, --web)
#   --web      also packages for `make test-web`  --no-page  no packages for the web page
#   --bench    also packages for `make bench`     --list     print packages and reasons, install nothing
#   --figures  also packages for `make figures`   --python   also packages for `make python`
set -euo pipefail

# package | how to check that it is installed | reason
build='
build-essential     | compiler:cc      | the C compiler and its headers
cmake               | command:cmake    | the build
ninja-build         | command:ninja    | the build
pkg-config          | command:pkg-config | finds the libraries below
libspng-dev         | pkg:spng         | reading and writing PNG
libjpeg-dev         | pkg:libjpeg      | reading JPEG (libjpeg-turbo)
libtiff-dev         | pkg:libtiff-4    | reading TIFF
libwebp-dev         | pkg:libwebp      | reading WebP
libgif-dev          | header:gif_lib.h | writing GIF animations
libcairo2-dev       | pkg:cairo        | plots and labels
libyaml-dev         | pkg:yaml-0.1     | settings files (YAML), with line numbers in errors
libzip-dev          | pkg:libzip       | archives of NumPy and PyTorch
zlib1g-dev          | pkg:zlib         | compresses the models in a page
libcurl4-openssl-dev | pkg:libcurl     | downloads; loaded when first needed
ocl-icd-opencl-dev  | pkg:OpenCL       | graphics processors; loaded when first needed
libssl-dev          | pkg:libcrypto    | MD5 checksums of downloads, handshake of the live page
fonts-dejavu-core   | font:DejaVu Sans | font for plots
'
# Without these the program is built without the web page.
page='
clang               | command:clang    | compiles the engine of the web page to WebAssembly
lld                 | command:wasm-ld  | links the WebAssembly
nodejs              | command:node     | builds the web page
npm                 | command:npm      | fetches the build tools and the chart library of the web page
'
test='
libcmocka-dev       | pkg:cmocka       | the unit tests
librandom123-dev    | header:Random123/philox.h | the published Philox, for comparison
g++                 | command:c++      | checks that the public headers compile as C++
libjansson-dev      | pkg:jansson      | reads the JSON that the library writes, for comparison
pocl-opencl-icd     | file:/etc/OpenCL/vendors/pocl.icd | OpenCL on the CPU, to test its kernels
jq                  | command:jq       | reads the JSON output of commands
libopenmpi-dev      | pkg:ompi-c       | several processes with MPI
openmpi-bin         | command:mpirun   | starts several processes
procps              | command:pgrep    | finds a process of a launcher, to kill it
iproute2            | command:ip       | networks between hosts on one machine
'
# An ARM machine runs its kernels directly; x86-64 needs a cross compiler and an emulator.
test_arm='
gcc-aarch64-linux-gnu | command:aarch64-linux-gnu-gcc | cross compiler for the ARM kernels
libc6-dev-arm64-cross | file:/usr/aarch64-linux-gnu/lib/libc.a | C library for the cross compiler
qemu-user           | command:qemu-aarch64 | runs the ARM kernels
'
[ "$(uname -m)" != x86_64 ] || test+=$test_arm
figures='
libjansson-dev      | pkg:jansson      | reads the values that charts show
'
bench=$figures'
python3             | command:python3  | runs PyTorch
python3-numpy       | python:numpy     | PyTorch needs it
python3-torch       | python:torch     | PyTorch, for comparison
libdnnl-dev         | header:oneapi/dnnl/dnnl.h | oneDNN, for comparison of matrix products
libopenblas-dev     | pkg:openblas     | OpenBLAS, for comparison; PyTorch also uses it
'
python='
python3             | command:python3  | builds and runs the Python package
python3-dev         | pkg:python3      | headers for its extension module
python3-pip         | python:pip       | builds and installs it
python3-setuptools  | python:setuptools | builds it
python3-wheel       | python:wheel     | builds it
python3-venv        | python:ensurepip | an environment to install it into
python3-cffi        | python:cffi      | its calls of the library
python3-numpy       | python:numpy     | its arrays
'
web='
chromium            | command:chromium | browser for the tests of the web page
fonts-dejavu-core   | font:DejaVu Sans | font for the pictures of the web page
'
ci=$python'
clang-format        | command:clang-format | the formatting check
libclang-rt-14-dev  | runtime:fuzzer   | runtime of the sanitizers and of libFuzzer
python3-torch       | python:torch     | test: models are converted in both directions
python3-onnx        | python:onnx      | test: ONNX files are checked and run
python3-sklearn     | python:sklearn   | test: scores are compared with scikit-learn, and the classifier of the Python package
python3-pytest      | python:pytest    | the tests of the Python package
python3-pandas      | python:pandas    | test: tables of the Python package
mypy                | command:mypy     | test: types of the Python package
python3-nbclient    | python:nbclient  | test: the notebooks are run
python3-ipykernel   | python:ipykernel | test: the notebooks are run
zsh                 | command:zsh      | test: completions for zsh
fish                | command:fish     | test: completions for fish
mandoc              | command:mandoc   | test: manual pages
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
        [ -n "$(fc-list ":family=$what" family)" ] ;;
    python:*) [ -n "$(find /usr/lib/python3/dist-packages -maxdepth 1 -name "$what")" ] ||
        python3 -c "import importlib.util as u, sys; sys.exit(u.find_spec('$what') is None)" ;;
    runtime:*) [ -e "$(clang -print-file-name="libclang_rt.$what-$(uname -m).a")" ] ||
        [ -e "$(clang -print-file-name="libclang_rt.$what.a")" ] ;;
    esac >/dev/null 2>&1
}

wanted=$build
list=
without_page=
for option in "$@"; do
    case $option in
    --test) wanted+=$test ;;
    --bench) wanted+=$bench ;;
    --figures) wanted+=$figures ;;
    --web) wanted+=$page$web ;;
    --python) wanted+=$python ;;
    --ci) wanted+=$page$test$web$ci ;;
    --no-page) without_page=yes ;;
    --list) list=yes ;;
    *)
        say "unknown option $option; the first lines of $0 list the options"
        exit 2
        ;;
    esac
done

install_missing() { # LIST
    local package check why i missing=() checks=() reasons=() root=(env) apt
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
    done <<<"$1"
    [ ${#missing[@]} -gt 0 ] || return 0

    say "missing:"
    printf '  %s\n' "${reasons[@]}" >&2

    if ! command -v apt-get >/dev/null; then
        say "apt-get was not found, so this is not Debian or a derivative; install the equivalent"
        say "packages of your system (the names above are Debian's) and run the command again"
        return 1
    fi
    if [ "$(id -u)" -ne 0 ]; then
        if ! command -v sudo >/dev/null; then
            say "installing packages needs root or sudo; run this as root, then run the command again:"
            say "  apt-get update && apt-get install --no-install-recommends ${missing[*]}"
            return 1
        fi
        # Without a terminal nobody can type a password, so sudo must not ask for one.
        root=(sudo)
        [ -t 0 ] || root=(sudo -n)
        root+=(env)
    fi
    apt=("${root[@]}" DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300
        -o Acquire::Retries=3)

    say "installing with apt-get"
    # A failed update alone is no reason to stop: the existing package lists may be recent enough.
    "${apt[@]}" update </dev/null >&2 || say "apt-get update failed; continuing with the existing package lists"
    if ! "${apt[@]}" install --no-install-recommends "${missing[@]}" </dev/null >&2; then
        say "apt-get could not install the packages; check the network connection and sudo"
        say "if both work, try: apt-get install ${missing[*]}"
        return 1
    fi
    for i in "${!missing[@]}"; do
        is_there "${checks[i]}" || {
            say "${missing[i]} was installed, but ${checks[i]} was not found"
            return 1
        }
    done
    say "done"
}

install_missing "$wanted" || exit 1
[ -n "$without_page" ] || install_missing "$page" ||
    say "continuing without the web page; make PAGE=no does not look for its packages"
