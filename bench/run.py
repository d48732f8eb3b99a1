#!/usr/bin/python3
"""Measures nca and PyTorch on the same work, by turns, and writes docs/benchmarks.md.

    /usr/bin/python3 bench/run.py build/release/nca build/release/bench_read_medmnist
                                  [--pairs 5] [--quick] [--output docs/benchmarks.md]

`make bench` runs it; it takes up to ten minutes on 2 cores, and the machine should have nothing
else to do. For each case and number of threads the variants of pytorch_growing.py are timed first,
and nca is compared with the fastest. Then nca and that variant run by turns, and the ratio is taken
pair by pair, so that a machine whose speed drifts favours neither. The page is written at the end,
whole or not at all.
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

import data

HERE = os.path.dirname(os.path.abspath(__file__))
PEER = os.path.join(HERE, "pytorch_growing.py")
MODEL = os.path.join(HERE, "phantom40.safetensors")
VARIANTS = ["depthwise", "depthwise-cl", "fused", "fused-cl", "slices-cl", "gather-cl"]
CASES = {
    "train28": "training, 28×28, every cell alive",
    "infer28": "inference, 28×28, every cell alive",
    "train72-seed": "training, 72×72, growing from the seed",
    "infer72-seed": "inference, 72×72, growing from the seed",
}


def say(text):
    print("bench: " + text, file=sys.stderr, flush=True)


def fail(command, code, messages):
    sys.exit("bench: exit code %d from: %s\n%s" % (code, " ".join(command), messages.strip()))


def run_json(command):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if done.returncode != 0:
        fail(command, done.returncode, done.stderr)
    return json.loads(done.stdout)


def peer(case, variant, threads, *more):
    return [sys.executable, PEER, "--cases", case, "--variants", variant,
            "--threads", str(threads), *more]


def select(case, threads, runs, variants):
    """The results of the variants by name, each from a process of its own."""
    results = {}
    for variant in variants:
        limit = 2 * min((r["seconds"] for r in results.values()), default=1e9)
        results[variant] = run_json(peer(case, variant, threads, "--runs", str(runs),
                                         "--limit", str(limit)))["results"][0]
    return results


def fastest(results, factor=1.0):
    """The variants within a factor of the best, the best first."""
    order = sorted(results, key=lambda variant: results[variant]["seconds"])
    return [v for v in order if results[v]["seconds"] <= factor * results[order[0]]["seconds"]]


class Server:
    """A PyTorch process that is warm and measures when asked."""

    def __init__(self, case, variant, threads):
        self.command = peer(case, variant, threads, "--serve")
        self.messages = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen(self.command, stdin=subprocess.PIPE, text=True,
                                        stdout=subprocess.PIPE, stderr=self.messages)
        self.read()

    def read(self):
        line = self.process.stdout.readline()
        if not line:
            code = self.process.wait()
            self.messages.seek(0)
            fail(self.command, code, self.messages.read())
        return json.loads(line)

    def measure(self):
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return self.read()

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def measure_nca(nca, kernels, case, threads):
    return run_json([nca, "bench", "--cases", case, "--kernels", kernels, "--model", MODEL,
                     "--threads", str(threads), "--runs", "3", "--json"])["results"][0]


def compare(nca, kernels, case, variant, threads, pairs):
    """Results of both, by turns."""
    server = Server(case, variant, threads)
    ours, theirs = [], []
    for _ in range(pairs):
        ours.append(measure_nca(nca, kernels, case, threads))
        theirs.append(server.measure())
    server.close()
    return ours, theirs


def ratios(ours, theirs):
    each = [a["cell_updates_per_second"] / b["cell_updates_per_second"]
            for a, b in zip(ours, theirs)]
    return statistics.median(each), min(each), max(each)


def median(results, key):
    return statistics.median(r[key] for r in results)


def full_pool_memory(nca, threads):
    """Peak bytes of a training whose whole pool has been written. Cells die at once, which changes
    the time that a thousand iterations take, and no array."""
    with tempfile.TemporaryDirectory(prefix="nca-bench-") as folder:
        command = [nca, "train", "--img-size", "28", "--padding", "0", "--steps-min", "80",
                   "--steps-max", "80", "--alive-threshold", "1000", "--iterations", "1000",
                   "--threads", str(threads), "--quiet", "--output", os.path.join(folder, "run")]
        program = ("import json, resource, subprocess, sys\n"
                   "code = subprocess.call(sys.argv[1:], stdout=subprocess.DEVNULL)\n"
                   "print(json.dumps({'bytes':"
                   " resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024}))\n"
                   "sys.exit(code)\n")
        return run_json([sys.executable, "-c", program, *command])["bytes"]


def seconds_of(command):
    began = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - began


def start_up(nca, pairs):
    """Median seconds of both, by turns, after one start each."""
    commands = [nca, "--version"], [sys.executable, "-c", "import torch"]
    seconds = [[seconds_of(command) for command in commands] for _ in range(pairs + 1)][1:]
    return [statistics.median(column) for column in zip(*seconds)]


# ---- The page -------------------------------------------------------------------------------------


def comparison_table(rows):
    yield ("| work | threads | nca, 10⁶ cell updates/s | GFLOP/s | of peak | PyTorch, 10⁶/s "
           "| nca / PyTorch (lowest..highest pair) |")
    yield "|---|---|---|---|---|---|---|"
    for case, threads, ours, theirs in rows:
        yield ("| %s | %d | %.2f | %.0f | %.0f %% | %.3g | **%.1f×** (%.1f..%.1f) |"
               % (CASES[case], threads, median(ours, "cell_updates_per_second") / 1e6,
                  median(ours, "gflop_per_second"),
                  100 * median(ours, "share_of_peak") if ours[0]["share_of_peak"] else 0,
                  median(theirs, "cell_updates_per_second") / 1e6, *ratios(ours, theirs)))


def selection_table(selection):
    yield "| case | threads | " + " | ".join(VARIANTS) + " |"
    yield "|---|---|" + "---|" * len(VARIANTS)
    for (case, threads), results in selection.items():
        best = fastest(results)[0]
        cells = [("**%.3f**" if v == best else "%.3f") % results[v]["seconds"]
                 if v in results else "–" for v in VARIANTS]
        yield "| %s | %d | %s |" % (case, threads, " | ".join(cells))


def alive_shares(rows):
    """In per cent: nca and PyTorch, training and inference, where growth starts from the seed."""
    return tuple(100 * median(side, "alive_share")
                 for case in ("train72-seed", "infer72-seed")
                 for row in rows[:len(CASES)] if row[0] == case for side in row[2:])


PAGE = """# Benchmarks

Written by `make bench` from its own measurement; run it to get your machine's figures. `nca bench`
measures nca alone, for every kernel set and more cases ([commands.md](commands.md)).

{processor}, {cores} cores, kernel set {best_kernels}, nca {version} built with {compiler}, PyTorch
{torch}, {date}.

## nca and PyTorch on the same work

C 16, N 128, sobel, fire rate 0.5, batch 8, 80 steps. Training is pool sampling, rollout, L2 loss,
backward pass and Adam; nca also sorts its batch by loss and normalises the gradient. Where every cell
is alive there is no alive mask on either side. Where growth starts from the seed, both run the model
`bench/phantom40.safetensors` on its 72×72 grid; in training one sample of the batch is the seed and
seven have grown. The share of living cells came out as {shares[0]:.0f} % for nca and {shares[1]:.0f} %
for PyTorch in training, {shares[2]:.0f} % and {shares[3]:.0f} % in inference; the work is the same when they agree.

A cell update is one cell in one step, on both sides, whether it was computed or rightly skipped.
GFLOP/s counts the arithmetic of living cells that fire only (8,192 multiply-adds forward, 30,720 with
the backward pass), and its share is that of the multiply-add peak measured in the same run. Medians
of {pairs} pairs; nca and PyTorch ran by turns, and the ratio is taken pair by pair.

{comparison}

## Memory and start

| | nca | PyTorch |
|---|---|---|
| peak memory of a 28×28 training, {threads} threads, pool of 1024 full | {memory[0]:.0f} MB | {memory[1]:.0f} MB |
| start: `nca --version`, `import torch` | {starts[0]:.1f} ms | {starts[1]:.0f} ms |

nca's is the largest resident set of `nca train` over 1000 iterations, checkpoints and pictures included;
51 MB of it are the pool. (Its cells die at once, so that this takes seconds; no array is smaller for it.)
PyTorch's is that of the process behind the first line of the table above.

{data}
## The PyTorch side

`bench/pytorch_growing.py` has six ways to write the step (`--check` compares what they
give); denormals are flushed. They were timed for each case and number of threads, and the fastest,
in bold, is what nca is compared with. Seconds for 80 steps (a variant at more than twice the best so
far was run once only; one thread tries what was within 1.7 times the best on all cores):

{selection}

## Again

    make bench                                  # this page, in up to ten minutes
    nca bench                                   # nca alone
    /usr/bin/python3 bench/pytorch_growing.py   # PyTorch alone
"""


def write_whole(path, text):
    folder = os.path.dirname(os.path.abspath(path))
    with tempfile.NamedTemporaryFile("w", dir=folder, suffix=".tmp", delete=False) as out:
        out.write(text)
    os.chmod(out.name, 0o644)
    os.replace(out.name, path)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("nca")
    parser.add_argument("reader", help="the program made of bench/read_medmnist.c")
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--quick", action="store_true",
                        help="one pair on all cores, printed only: to see that it works")
    parser.add_argument("--output", default=os.path.join(HERE, "..", "docs", "benchmarks.md"))
    arguments = parser.parse_args()
    pairs = 1 if arguments.quick else max(arguments.pairs, 1)
    try:
        import torch
    except ImportError:
        sys.exit("bench: %s has no torch; `tools/setup.sh --bench` installs Debian's python3-torch"
                 % sys.executable)
    nca = os.path.abspath(arguments.nca)
    cores = len(os.sched_getaffinity(0))
    machine = run_json([nca, "bench", "--cases", "infer28", "--threads", "1", "--runs", "1",
                        "--quick", "--json"])
    rows, selection = [], {}
    for threads in [cores] if arguments.quick or cores == 1 else [cores, 1]:
        for case in CASES:
            say("%s, threads: %d: PyTorch's variants" % (CASES[case], threads))
            # What is far behind on all cores is not tried again on one.
            hopeful = VARIANTS if threads == cores else fastest(selection[case, cores], 1.7)
            results = select(case, threads, 1 if arguments.quick or "72" in case else 3, hopeful)
            best = fastest(results)[0]
            selection[case, threads] = results
            say("%s, threads: %d: nca and %s by turns" % (CASES[case], threads, best))
            both = compare(nca, machine["best_kernels"], case, best, threads, pairs)
            rows.append((case, threads, *both))
            say("ratio %.1f (%.1f..%.1f)" % ratios(*both))
    say("memory and start-up")
    memory = full_pool_memory(nca, cores) / 1e6, max(r["peak_bytes"] for r in rows[0][3]) / 1e6
    starts = [1e3 * seconds for seconds in start_up(nca, pairs)]
    say("reading and sweeping")
    reading = data.section(nca, os.path.abspath(arguments.reader), cores, pairs)
    text = PAGE.format(
        data=reading,
        **{key: machine[key] for key in ("processor", "cores", "best_kernels", "version", "compiler")},
        torch=torch.__version__, date=datetime.date.today().isoformat(), threads=cores, pairs=pairs,
        shares=alive_shares(rows), memory=memory, starts=starts,
        comparison="\n".join(comparison_table(rows)), selection="\n".join(selection_table(selection)))
    print(text)
    if not arguments.quick:
        write_whole(arguments.output, text)


if __name__ == "__main__":
    main()
