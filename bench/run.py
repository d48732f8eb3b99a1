#!/usr/bin/python3
"""Measures nca and PyTorch on the same work, in turn, and writes docs/benchmarks.md.

    /usr/bin/python3 bench/run.py build/release/nca [--pairs 5] [--quick] [--output docs/benchmarks.md]

`make bench` runs it. The machine should have nothing else to do. First every PyTorch variant of
pytorch_growing.py is timed, and the fastest of each case is what nca is compared with. Then each
case runs in pairs, nca and PyTorch by turns, and the ratio is taken pair by pair, so that a machine
whose speed drifts cannot favour either. The page is written at the end, whole or not at all.
"""
import argparse
import datetime
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
PEER = os.path.join(HERE, "pytorch_growing.py")
# Case of nca, case of PyTorch, what it is. PyTorch computes every cell, alive or not, so its 72x72
# figures stand for the sparse grids too.
PAIRS = [
    ("train28", "train28", "training, 28×28, every cell alive"),
    ("infer28", "infer28", "inference, 28×28, every cell alive"),
    ("train72", "train72", "training, 72×72, every cell alive"),
    ("train72-seed", "train72", "training, 72×72, growing from the seed"),
    ("infer72", "infer72", "inference, 72×72, every cell alive"),
    ("infer72-seed", "infer72", "inference, 72×72, growing from the seed"),
]


def run_json(command):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if done.returncode != 0:
        sys.exit("bench: %s failed:\n%s" % (" ".join(command), done.stderr.strip()))
    return json.loads(done.stdout)


def measure_peer(case, variants, threads, runs, warm_up=1):
    return run_json([sys.executable, PEER, "--cases", case, "--variants", variants, "--threads",
                     str(threads), "--runs", str(runs), "--warm-up", str(warm_up)])["results"]


def measure_nca(nca, kernels, case, threads, runs):
    return run_json([nca, "bench", "--cases", case, "--kernels", kernels, "--threads",
                     str(threads), "--runs", str(runs), "--json"])["results"]


def median_of_start(command, runs=15):
    seconds = []
    for _ in range(runs):
        start = time.perf_counter()
        subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds)


def choose_variants(threads, quick, say):
    """Times every variant; returns {case: fastest} and the rows of the table."""
    variants = ["depthwise", "depthwise-cl", "fused", "fused-cl", "slices-cl", "gather-cl"]
    fastest, rows = {}, []
    for case in ["train28", "infer28", "train72", "infer72"]:
        big = case.endswith("72")
        say("PyTorch's variants, %s" % case)
        results = measure_peer(case, ",".join(variants), threads, 1 if big or quick else 2)
        best = min(results, key=lambda r: r["seconds"])
        fastest[case] = best["variant"]
        for r in results:
            rows.append((case, r["variant"], r["seconds"], r is best))
    return fastest, rows


def compare(nca, kernels, threads, fastest, pairs, say):
    """The paired measurements: a list of (title, nca results, PyTorch results)."""
    table = []
    for ours, theirs, title in PAIRS:
        a, b = [], []
        for i in range(pairs):
            say("%s, %d thread%s, pair %d of %d"
                % (title, threads, "s" if threads > 1 else "", i + 1, pairs))
            a += measure_nca(nca, kernels, ours, threads, 3)
            b += measure_peer(theirs, fastest[theirs], threads, 1)
        table.append((title, a, b))
    return table


def rate(results):
    return statistics.median(r["cell_updates_per_second"] for r in results) / 1e6


def ratios(a, b):
    each = [x["cell_updates_per_second"] / y["cell_updates_per_second"] for x, y in zip(a, b)]
    return statistics.median(each), min(each), max(each)


def rows_of(table):
    for title, a, b in table:
        middle, least, most = ratios(a, b)
        yield (title, rate(a), statistics.median(r["gflop_per_second"] for r in a),
               100 * statistics.median(r["share_of_peak"] for r in a), rate(b), middle, least, most)


def compare_page(tables):
    for threads, table in tables:
        yield "### %d thread%s" % (threads, "s" if threads > 1 else "")
        yield ""
        yield ("| work | nca, 10⁶ cell updates/s | GFLOP/s | of peak | PyTorch, 10⁶/s "
               "| nca / PyTorch (lowest..highest pair) |")
        yield "|---|---|---|---|---|---|"
        for row in rows_of(table):
            yield "| %s | %.2f | %.0f | %.0f %% | %.3g | **%.1f×** (%.1f..%.1f) |" % row
        yield ""


def page(machine, tables, variant_rows, memory, starts, pairs, torch):
    yield "# Benchmarks"
    yield ""
    yield "Written by `make bench` from its own measurement; run it to get your machine's figures."
    yield ""
    yield ("%s, %s cores, kernel set %s, nca %s built with %s, PyTorch %s, %s."
           % (machine["processor"], machine["cores"], machine["best_kernels"], machine["version"],
              machine["compiler"], torch, datetime.date.today().isoformat()))
    yield ""
    yield "## nca and PyTorch on the same work"
    yield ""
    yield ("C 16, N 128, sobel, fire rate 0.5, batch 8, 80 steps; training is pool sampling, "
           "rollout, L2 loss, backward pass and Adam. A cell update is one cell in one step, "
           "whether it was computed or rightly skipped, on both sides. GFLOP/s counts only the "
           "arithmetic of living cells that fire (8,192 multiply-adds forward, 30,720 with the "
           "backward pass), and its share is that of the multiply-add peak measured in the same "
           "run. Medians of %d pairs; the ratio is taken pair by pair." % pairs)
    yield ""
    yield from compare_page(tables)
    yield "## Memory and start"
    yield ""
    yield "| | nca | PyTorch |"
    yield "|---|---|---|"
    yield ("| peak memory of 28×28 training, batch 8, %s | %.0f MB | %.0f MB |" % memory)
    yield ("| start: `nca --version`, `import torch` | %.1f ms | %.0f ms |"
           % (1e3 * starts[0], 1e3 * starts[1]))
    yield ""
    yield ("Pool slots that still hold the seed take no memory: a run long enough to draw them all "
           "adds the whole pool, 51 MB at 28×28, C 16 and 1024 slots.")
    yield ""
    yield "## The PyTorch side"
    yield ""
    yield ("`bench/pytorch_growing.py` has six ways to write the step, which `--check` shows to be "
           "the same function; denormals are flushed. The fastest of each case, in bold, is what "
           "nca is compared with. Seconds for 80 steps:")
    yield ""
    yield "| case | variant | seconds |"
    yield "|---|---|---|"
    for case, variant, seconds, best in variant_rows:
        bold = "**" if best else ""
        yield "| %s | %s%s%s | %.3f |" % (case, bold, variant, bold, seconds)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("nca")
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--quick", action="store_true", help="one pair, to see that it works")
    parser.add_argument("--output", default=os.path.join(HERE, "..", "docs", "benchmarks.md"))
    arguments = parser.parse_args()
    pairs = 1 if arguments.quick else arguments.pairs

    def say(text):
        print(text, file=sys.stderr, flush=True)

    try:
        import torch
    except ImportError:
        sys.exit("bench: %s has no torch; install Debian's python3-torch" % sys.executable)
    cores = len(os.sched_getaffinity(0))
    machine = run_json([arguments.nca, "bench", "--cases", "infer28", "--threads", "1", "--runs",
                        "1", "--quick", "--json"])
    fastest, variant_rows = choose_variants(cores, arguments.quick, say)
    tables = [(cores, compare(arguments.nca, machine["best_kernels"], cores, fastest, pairs, say))]
    training = tables[0][1][0]
    memory = ("%d threads" % cores, max(r["peak_bytes"] for r in training[1]) / 1e6,
              max(r["peak_bytes"] for r in training[2]) / 1e6)
    starts = (median_of_start([arguments.nca, "--version"]),
              median_of_start([sys.executable, "-c", "import torch"], 3))
    text = "\n".join(page(machine, tables, variant_rows, memory, starts, pairs,
                          torch.__version__)) + "\n"
    print(text)
    folder = os.path.dirname(os.path.abspath(arguments.output))
    with tempfile.NamedTemporaryFile("w", dir=folder, suffix=".tmp", delete=False) as out:
        out.write(text)
    os.chmod(out.name, 0o644)
    os.replace(out.name, arguments.output)


if __name__ == "__main__":
    main()
