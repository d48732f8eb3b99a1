#!/usr/bin/env bash
# Calls go down only: a file includes headers of its own layer and of lower ones. The program uses
# the public headers only, and the freestanding layers use no hosted system header.
set -euo pipefail
: "${NCA_SOURCE_DIR:?}"
cd "$NCA_SOURCE_DIR"

# Layers of the same rank do not include each other. A subfolder is a layer of its own.
declare -A rank=([base]=0 [kernels]=1 [core]=2 [network]=3 [tape]=4 [model]=4 [config]=4 [data]=4
    [render]=5 [page]=5 [onnx]=5 [serve]=5 [backend]=5 [backend/cpu]=6 [backend/opencl]=6 [backend/mpi]=6 [rollout]=6 [task]=6 [train]=7
    [measure]=7 [runs]=8 [cli]=9 [manual]=10)
# Layers that only the named ones may include: running a batch on the CPU is internal to them.
declare -A private_to=([network]="tape backend/cpu" [tape]="backend/cpu" [backend/cpu]="" [backend/opencl]="")
# The layers that implement each public header.
declare -A home=([export]=base [version]=base
    [status]=base [device]=base [devices]=backend [files]=base [spread]=base [colormap]=base [exif]=base [machine]=base
    [kernels]=kernels
    [philox]=kernels # the kernels draw with it
    [precision]=kernels
    [torch]=model [onnx]=onnx
    [profile]=core [adam]=core [muon]=core [optimiser]=core [automaton]=core [damage]=core [loss]=core
    [model]=model [safetensors]=model [settings]=config [changes]=config [sweep]=config
    [image]=data [target]=data [npz]=data
    [download]=data [medmnist]=data [medmnist_catalogue]=data [medmnist_synthetic]=data
    [medmnist_batches]=data [medmnist_published]=data [labelled]=data
    [page]=page [report]=page [server]=serve [animation]=render [picture]=render [plot]=render [score_plot]=render [view]=render
    [graphics]=render [rollout]=rollout [train]=train
    [growth]=runs [run]=runs [run_folder]=runs [run_rows]=runs [run_watch]=runs [run_sweep]=runs [cluster]=runs
    [evaluate]=measure [quality]=measure [scores]=measure [predict]=measure [class_evaluation]=measure [class_report]=measure
    [class_plots]=measure [votes]=measure [corruption]=measure [robustness]=measure [classify]=train
    [class_loss]=core [readout]=core [labels]=core [classifier]=model)
freestanding=" assert float immintrin cpuid arm_neon wasm_simd128 limits math stdalign stdbool stddef stdint string "

failed=0
complain() {
    echo "FAILED: $*" >&2
    failed=1
}

includes() { # the headers that a file names, with their brackets or quotes
    sed -nE 's/^[[:space:]]*#[[:space:]]*include[[:space:]]*([<"][^>"]+[>"]).*/\1/p' "$1"
}

# check_quoted FILE LAYER HEADER
check_quoted() {
    local owner=${3%/*} name
    [[ $owner != cli/* ]] || owner=cli
    if [ "$owner" = nca ]; then
        name=${3#nca/}
        name=${name%.h}
        if [ "$name" = nca ]; then
            [ "$2" = cli ] || [ "$2" = manual ] || complain "$1 includes all of nca/nca.h; name the headers it needs"
            return
        fi
        owner=${home[$name]:-}
        [ -n "$owner" ] || { complain "$1: the home of $3 is not listed in this script"; return; }
    elif [[ $2 == cli || $2 == manual ]] && [[ $owner != cli && $owner != manual ]]; then
        complain "$1 includes $3; the program uses public headers only"
        return
    fi
    [ "$owner" != "$2" ] || return 0
    [ -n "${rank[$owner]:-}" ] || { complain "$1 includes $3, which is in no layer"; return; }
    if [ -n "${private_to[$owner]+private}" ]; then
        [[ " ${private_to[$owner]} " == *" $2 "* ]] ||
            complain "$1 includes $3; $owner is private to ${private_to[$owner]:-itself}"
    fi
    [ "${rank[$owner]}" -lt "${rank[$2]}" ] || complain "$1 ($2) includes $3 ($owner)"
}

files=0
while read -r file; do
    files=$((files + 1))
    case $file in
    include/nca/nca.h) continue ;;
    include/nca/*) name=${file##*/} layer=${home[${name%.h}]:-} ;;
    src/cli/*) layer=cli ;;
    *) layer=${file#src/} layer=${layer%/*} ;;
    esac
    [ -n "${rank[$layer]:-}" ] || { complain "$file is in no known layer"; continue; }
    while read -r header; do
        bare=${header:1:-1}
        case $header in
        \"*) check_quoted "$file" "$layer" "$bare" ;;
        \<nca/*) complain "$file includes <$bare>; write \"$bare\", so that its layer is checked" ;;
        *) case $layer in kernels | core | network | tape)
            [[ $freestanding == *" ${bare%.h} "* ]] ||
                complain "$file includes <$bare>; $layer is freestanding"
            ;;
        esac ;;
        esac
    done < <(includes "$file")
done < <(find include src -name '*.[ch]' -o -name '*.def' -path 'src/*' | sort)

[ "$files" -ge 20 ] || complain "only $files files found"
[ "$failed" -eq 0 ]
echo "$files files obey the layers"
