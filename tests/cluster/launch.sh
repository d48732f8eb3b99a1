# Shared by the scripts that start the program together with others: a fresh folder, settings of a
# short training, and the launcher. A script ends with `finish`. It is skipped if there is no
# launcher, or the program was built without MPI.
set -u
: "${NCA_PROGRAM:?}"
program=$(realpath "$NCA_PROGRAM")
folder=$(mktemp -d "${TMPDIR:-/tmp}/nca-cluster-XXXXXX")
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1
export LC_ALL=C OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
export OMPI_MCA_hwloc_base_binding_policy=none OMPI_MCA_rmaps_base_oversubscribe=1
export OMPI_MCA_orte_tmpdir_base="$folder"
failures=0

fail() {
    echo "FAILED: $*"
    failures=$((failures + 1))
}

skip() {
    echo "skipped: $*"
    exit 77
}

finish() {
    [ "$failures" = 0 ] || exit 1
    echo "passed"
    exit 0
}

command -v mpirun >/dev/null || skip "mpirun was not found; tools/setup.sh --test installs it"

# together RANKS CODE ARGUMENTS...: expects this exit code; the outputs are left in files.
together() {
    local ranks=$1 expected=$2 code
    shift 2
    timeout 300 mpirun -n "$ranks" "$program" "$@" >out.txt 2>err.txt </dev/null
    code=$?
    [ "$code" = "$expected" ] || {
        fail "$ranks processes: nca $*: expected exit code $expected, found $code"
        sed 's/^/    /' out.txt err.txt
    }
}

alone() {
    "$program" "$@" >out.txt 2>err.txt || {
        fail "nca $*: exit code $?"
        sed 's/^/    /' out.txt err.txt
    }
}

timeout 300 mpirun -n 2 "$program" help >out.txt 2>err.txt </dev/null
grep -q 'built without MPI' err.txt && skip "the program was built without MPI"
grep -q '^nca: 2 processes work together' err.txt || skip "mpirun does not work here: $(head -n 3 err.txt)"

# same FOLDER FOLDER: the model, and the rows of metrics.csv without the time.
same() {
    cmp -s "$1/model.safetensors" "$2/model.safetensors" || fail "the models of $1 and $2 differ"
    cmp -s <(rows "$1") <(rows "$2") || fail "metrics.csv of $1 and $2 differ"
}

# The number of lines of a metrics.csv that may not exist yet.
lines_of() {
    if [ -e "$1/metrics.csv" ]; then wc -l <"$1/metrics.csv"; else echo 0; fi
}

rows() {
    awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == "seconds") skip = i }
             { line = ""; for (i = 1; i <= NF; i++) if (i != skip) line = line "," $i; print line }' \
        "$1/metrics.csv"
}

cat >small.yaml <<'END'
recipe: robust
target: phantom
img_size: 12
padding: 2
n_channels: 8
hidden: 16
batch_size: 5
pool_size: 16
steps_min: 12
steps_max: 18
iterations: 8
extension: 0
decay_at: 8
warmup: 2
threads: 1
END
