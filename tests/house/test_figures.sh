#!/usr/bin/env bash
# The figures of runs in README and docs are those that `make figures` found: pages, pictures and
# results agree, a page that was edited by hand is detected, and figures that take seconds are
# reproduced.
set -euo pipefail
: "${NCA_SOURCE_DIR:?}" "${NCA_PROGRAM:?}" "${NCA_BUILD_TYPE?}"
command -v python3 >/dev/null || { echo "skipped: there is no python3"; exit 77; }
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
failed=0
fail() {
    echo "FAILED: $*" >&2
    failed=1
}
export PYTHONDONTWRITEBYTECODE=1
figures() { # ROOT ARGUMENTS...
    local root=$1
    shift
    python3 "$root/bench/figures.py" "$@" 2>&1
}

figures "$NCA_SOURCE_DIR" --check || fail "the figures do not hold"

# The page of benchmarks is generated from its results.
python3 - "$NCA_SOURCE_DIR" <<'END' || fail "docs/benchmarks.md: bench/run.py --page gives another text"
import json, sys
root = sys.argv[1]
sys.path.insert(0, root + "/bench")
sys.dont_write_bytecode = True
import page
with open(root + "/docs/figures/bench-results.json", encoding="utf-8") as file:
    text = page.page(json.load(file))
with open(root + "/docs/benchmarks.md", encoding="utf-8") as file:
    sys.exit(file.read() != text)
END

# With classifiers it has a section and goals for them; results of an earlier version have none.
python3 - "$NCA_SOURCE_DIR" <<'END' || fail "the page of benchmarks with classifiers"
import copy, json, sys
root = sys.argv[1]
sys.path.insert(0, root + "/bench")
sys.dont_write_bytecode = True
import charts, page
with open(root + "/docs/figures/bench-results.json", encoding="utf-8") as file:
    results = json.load(file)
results.pop("classify", None)
without = page.page(results)
assert "## Training a classifier" not in without
assert "32 channels, compared with PyTorch | 10× | 6× | not measured |" in without
row = copy.deepcopy(results["pytorch"][0])
row["ratio"] = {"median": 7.25, "low": 7, "high": 8, "count": 3}
for side in row["ours"], row["theirs"]:
    side["images"] = {"median": 123, "low": 120, "high": 125, "count": 3}
names = "classify32", "classify16", "predict32"
results["classify"] = {
    "rows": [dict(row, case=name) for name in names],
    "selection": [{"case": name, "threads": 2, "seconds": {"fused": 1, "gather-cl": None},
                   "best": "fused"} for name in names],
    "growth": {"ours": row["ours"], "theirs": row["theirs"], "ratio": row["ratio"]},
    "memory": {"whole": 90e6, "data": 40e6, "besides": 50e6}}
text = page.page(results)
for part in ("| training, 32 channels | 123 |", "| prediction, 32 channels, one rollout | 123 |",
             "32 channels, compared with PyTorch | 10× | 6× | **7.25×** (7×..8×) | bar |",
             "without its images | 400 MB | 400 MB | **50 MB** | goal |", "| classify32 | 2 | **1.000** | – |"):
    assert part in text, part
assert "training a classifier" in page.readme(results)["table"]
assert "classifier\n32 channels" in charts.charts(results)[0]["groups"]
END

# The benchmarks of kept runs list them without a program, and say that a training needs one.
for bench in stability classifiers; do
    for option in --list --table; do
        python3 "$NCA_SOURCE_DIR/bench/$bench.py" $option --build "$scratch/none" >"$scratch/said" 2>&1 &&
            [ -s "$scratch/said" ] || fail "bench/$bench.py $option: $(cat "$scratch/said")"
    done
    ! python3 "$NCA_SOURCE_DIR/bench/$bench.py" --build "$scratch/none" >"$scratch/said" 2>&1 &&
        [ "$(cat "$scratch/said")" = "$bench: $scratch/none/nca does not exist; run make" ] ||
        fail "bench/$bench.py without a program: $(cat "$scratch/said")"
done

# In a copy: a number edited by hand, a mark without an end, a picture of another run, changed bits,
# each alone.
copy() {
    rm -rf "$scratch/copy"
    mkdir "$scratch/copy"
    (cd "$NCA_SOURCE_DIR" && cp -r README.md docs examples bench configs "$scratch/copy" &&
        mkdir -p "$scratch/copy/tests/fixtures" &&
        cp tests/fixtures/digests.txt "$scratch/copy/tests/fixtures")
}
refuses() { # WORD
    ! figures "$scratch/copy" --check >"$scratch/said" || fail "nothing is said of: $1"
    grep -q "$1" "$scratch/said" || fail "$1 is not named in: $(cat "$scratch/said")"
}
copy
sed -i '/figure: demo.evaluate/,/end/s/64 rollouts/65 rollouts/' "$scratch/copy/docs/evaluation.md"
refuses 'docs/evaluation.md differs'
figures "$scratch/copy" --fill >/dev/null
cmp "$scratch/copy/docs/evaluation.md" "$NCA_SOURCE_DIR/docs/evaluation.md" || fail "--fill"
copy
sed -i '0,/<!-- end -->/s///' "$scratch/copy/docs/pictures.md"
refuses 'docs/pictures.md'
copy
sed -i 's|figure: demo/l2|figure: demo/l3|' "$scratch/copy/docs/evaluation.md"
refuses 'no value l3'
copy
cp "$scratch/copy/docs/images/healing.png" "$scratch/copy/docs/images/evaluation.png"
refuses 'images/evaluation.png'
copy
sed -i -E 's/^[0-9a-f]+ (train recipe=robust)$/0 \1/' "$scratch/copy/tests/fixtures/digests.txt"
refuses 'docs/figures/demo.json is out of date'

# The real command, for figures that take seconds.
if [ "$NCA_BUILD_TYPE" = Release ]; then
    build=$(dirname "$NCA_PROGRAM")
    figures "$NCA_SOURCE_DIR" --again head --build "$build" --place "$scratch/again" ||
        fail "what the pages say is not what the program says"
fi
exit $failed
