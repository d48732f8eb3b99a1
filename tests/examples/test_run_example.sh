#!/usr/bin/env bash
# The example stops and resumes a run; the result is that of the program's uninterrupted run.
set -euo pipefail
: "${NCA_PROGRAM:?}" "${NCA_EXAMPLES:?}"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"

fail() {
    echo "FAILED: $*" >&2
    exit 1
}

"$NCA_EXAMPLES/example_run" parts 6 >said || fail "the example fails"
grep -q 'stopped after iteration 3$' said || fail "the training was not stopped half way: $(cat said)"
grep -q 'finished after iteration 6,' said || fail "the training is not finished: $(cat said)"
for file in loss.png loss.svg growth.gif filmstrip.png comparison.png; do
    [ -s "parts/$file" ] || fail "$file is missing"
done
settings=(--target phantom --iterations 6 --extension 0 --quiet)
"$NCA_PROGRAM" train "${settings[@]}" --warmup "$(sed -n 's/^warmup: //p' parts/config.yaml)" \
    --decay-at "$(sed -n 's/^decay_at: //p' parts/config.yaml)" -o whole >log 2>&1 ||
    fail "training: $(cat log)"
cmp parts/model.safetensors whole/model.safetensors || fail "the models differ"

status=0
"$NCA_EXAMPLES/example_run" parts 6 2>said || status=$?
[ "$status" -eq 1 ] || fail "a folder with a run gives exit code $status"
grep -q 'parts' said || fail "the message does not name the folder"
