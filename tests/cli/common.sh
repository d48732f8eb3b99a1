# Shared by the scripts that test the program: a fresh folder, runs whose output is recorded, and
# checks that print the differences. A test ends with `finish`.
set -u
program=$(realpath "$1")
golden=$(realpath "$(dirname "$0")/golden")
folder=$(mktemp -d "${TMPDIR:-/tmp}/nca-cli-XXXXXX")
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1
export LC_ALL=C
export LSAN_OPTIONS="suppressions=$(dirname "$golden")/leaks.txt:print_suppressions=0"
failures=0

# A training run that takes well under a second and keeps its cells alive: with the learning rate of
# the recipe they die. The recipe is fixed so that the tests do not depend on the default;
# tiny_default leaves it out.
tiny_default=(--img-size 8 --padding 2 --n-channels 8 --hidden 16 --pool-size 16 --threads 2
    --learning-rate 0.001)
tiny=(--recipe distill "${tiny_default[@]}")

fail() {
    echo "FAILED: $*"
    failures=$((failures + 1))
}

# run CODE ARGUMENTS...: runs the program and expects this exit code; standard output and error are
# left in files beside the test's folder.
run() {
    local expected=$1 code
    shift
    "$program" "$@" >out.txt 2>err.txt
    code=$?
    if [ "$code" != "$expected" ]; then
        fail "nca $*: expected exit code $expected, found $code"
        sed 's/^/    /' out.txt err.txt
    fi
}

# same_text FILE TEXT: the file contains exactly this text and a newline.
same_text() {
    if [ "$(cat "$1")" != "$2" ]; then
        fail "$1 differs"
        diff <(echo "$2") "$1" | sed 's/^/    /'
    fi
}

same_file() {
    cmp -s "$1" "$2" || fail "$1 and $2 differ"
}

# refuses CODE MESSAGE ARGUMENTS...: exactly this line on standard error and nothing on standard
# output. A * in the message matches any words: only options, values and key words are spelled out.
refuses() {
    local code=$1 message=$2
    shift 2
    run "$code" "$@"
    if [[ $message == *'*'* && $(cat err.txt) == "nca: "$message && $(wc -l <err.txt) = 1 ]]; then
        true
    else
        same_text err.txt "nca: $message"
    fi
    same_text out.txt ""
}

# Whether the program was built with its web page, which export and play need.
has_page() {
    "$program" export "$golden/../../../examples/head.safetensors" -o probe.html >/dev/null 2>err.txt &&
        rm probe.html && return
    grep -q 'built without the web page' err.txt || fail "nca export: $(cat err.txt)"
    return 1
}

# wait_rows FOLDER N: waits until the metrics have N rows.
wait_rows() {
    for _ in $(seq 600); do
        [ "$(cat "$1/metrics.csv" 2>/dev/null | wc -l)" -gt "$2" ] && return
        sleep 0.05
    done
    fail "$1 has no $2 rows after 30 s"
}

finish() {
    [ "$failures" = 0 ] || { echo "$failures failures"; exit 1; }
    exit 0
}
