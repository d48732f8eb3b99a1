#!/usr/bin/env python3
"""Measures a training of two processes on this machine, and models larger numbers of them.

    python3 bench/scaling.py [--build DIR] [--pairs N]     measures, then writes docs/scaling.md
    python3 bench/scaling.py --page RESULTS.json           writes it from those results

The machine should be idle otherwise. Takes about six minutes on two cores.
"""
import argparse
import csv
import json
import math
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile

from tools import Failed, ratios, run, run_json, say, spread

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
RANKS = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024]
BATCHES = [8, 64, 512, 4096]
NETWORKS = [("10 Gbit/s", 10e9 / 8, 30e-6), ("100 Gbit/s", 100e9 / 8, 3e-6)]  # bytes/s, latency
SIDE, CHANNELS, STEPS = 28, 16, 80
CASES = [8, 64]  # batches that are measured
ITERATIONS = 24
SETTINGS = ["--recipe", "robust", "--target", "phantom", "--img-size", str(SIDE), "--padding", "0",
            "--n-channels", str(CHANNELS), "--steps-min", str(STEPS), "--steps-max", str(STEPS),
            "--pool-size", "256", "--extension", "0", "--checkpoint-every", "1000000", "--quiet"]


# ---- Measuring

def launcher(ranks):
    return ["mpirun", "--bind-to", "none", "-n", str(ranks)] if ranks > 1 else []


def train(nca, folder, ranks, threads, batch, iterations):
    """Seconds per iteration, after the first four, and what rank 0 has said at the end."""
    command = launcher(ranks) + [nca, "train", *SETTINGS, "--batch-size", str(batch), "--threads",
                                 str(threads), "--iterations", str(iterations), "-o", folder]
    shutil.rmtree(folder, ignore_errors=True)
    environment = dict(os.environ, OMPI_ALLOW_RUN_AS_ROOT="1", OMPI_ALLOW_RUN_AS_ROOT_CONFIRM="1")
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          env=environment)
    if done.returncode != 0:
        raise Failed(" ".join(command) + "\n" + done.stderr)
    with open(os.path.join(folder, "metrics.csv")) as file:
        seconds = [float(row["seconds"]) for row in csv.DictReader(file)]
    return (seconds[-1] - seconds[3]) / (len(seconds) - 4), done.stderr


def traffic(said):
    found = re.search(r"sent (\d+) messages, (\d+) bytes", said)
    return [int(found.group(1)), int(found.group(2))] if found else [0, 0]


def measure_case(nca, folder, batch, pairs):
    """Alternates between the ways, so that a busy moment of the machine meets all of them."""
    ways = {"one": (1, 1), "threads": (1, 2), "processes": (2, 1)}
    seconds = {name: [] for name in ways}
    for pair in range(pairs):
        for name, (ranks, threads) in ways.items():
            say("batch %d, pair %d of %d: %s" % (batch, pair + 1, pairs, name))
            seconds[name].append(train(nca, folder, ranks, threads, batch, ITERATIONS)[0])
    short = traffic(train(nca, folder, 2, 1, batch, 8)[1])
    long = traffic(train(nca, folder, 2, 1, batch, 16)[1])
    return {"batch": batch, "one": spread(seconds["one"]), "threads": spread(seconds["threads"]),
            "processes": spread(seconds["processes"]),
            "efficiency": ratios(seconds["threads"], seconds["processes"]),
            "speedup": ratios(seconds["one"], seconds["processes"]),
            "messages": (long[0] - short[0]) / 8, "bytes": (long[1] - short[1]) / 8}


def processor():
    with open("/proc/cpuinfo") as file:
        names = [line.split(":", 1)[1].strip() for line in file if line.startswith("model name")]
    return names[0] if names else platform.machine()


def measure(build, pairs):
    nca = os.path.join(build, "nca")
    with tempfile.TemporaryDirectory(prefix="nca-scaling-") as folder:
        run_folder = os.path.join(folder, "run")
        cases = [measure_case(nca, run_folder, batch, pairs) for batch in CASES]
        model = os.path.join(run_folder, "model.safetensors")
        parameters = run_json([nca, "info", model, "--json"])["parameters"]
    return {"processor": processor(), "cores": os.cpu_count(), "pairs": pairs,
            "parameters": parameters, "cases": cases}


# ---- The model

class Costs:
    """Seconds of the parts of an iteration: of a sample, and of what rank 0 does alone. Two measured
    batches give both, because an iteration of one process is serial + batch * sample."""

    def __init__(self, results):
        few, many = results["cases"][0], results["cases"][-1]
        self.sample = ((many["one"]["median"] - few["one"]["median"])
                       / (many["batch"] - few["batch"]))
        self.serial = max(0.0, few["one"]["median"] - few["batch"] * self.sample)
        self.state = 4.0 * SIDE * SIDE * CHANNELS
        self.weights = 4.0 * results["parameters"]


def part(batch, ranks, i):
    """As nca__part_first: the first parts are the smaller ones."""
    least, larger = divmod(batch, ranks)
    return least + (1 if i >= ranks - larger else 0)


def iteration(costs, ranks, batch, bandwidth, latency):
    """Seconds of an iteration. Rank 0 sends one message after the other, runs its part and takes the
    answers in the order of ranks; a message occupies its link for latency + bytes / bandwidth."""
    parts = min(ranks, batch)
    clock = math.ceil(math.log2(ranks)) * (latency + costs.weights / bandwidth) if ranks > 1 else 0.0
    ready = []
    for i in range(1, parts):
        count = part(batch, parts, i)
        clock += latency + count * costs.state / bandwidth
        ready.append((clock + count * costs.sample, count))
    clock += part(batch, parts, 0) * costs.sample
    for done, count in ready:
        clock = max(clock, done) + latency + count * (costs.state + costs.weights) / bandwidth
    return clock + costs.serial


def efficiency(costs, ranks, batch, bandwidth, latency):
    return (iteration(costs, 1, batch, bandwidth, latency)
            / (ranks * iteration(costs, ranks, batch, bandwidth, latency)))


# ---- The page

def percent(value):
    return "%.0f %%" % (100.0 * value)


def milliseconds(found):
    return "%.1f (%.1f to %.1f)" % tuple(1e3 * found[key] for key in ("median", "low", "high"))


def measured_table(results, costs):
    rows = ["| batch | 1 process, 1 thread: ms | 1 process, 2 threads: ms | 2 processes: ms | 2 processes "
            "against 2 threads | messages | kB | model: ms |", "|---|---|---|---|---|---|---|---|"]
    for case in results["cases"]:
        model = iteration(costs, 2, case["batch"], 5e9, 20e-6)
        rows.append("| %d | %s | %s | %s | %s | %.1f | %.0f | %.1f |" % (
            case["batch"], milliseconds(case["one"]), milliseconds(case["threads"]),
            milliseconds(case["processes"]), percent(case["efficiency"]["median"]),
            case["messages"], case["bytes"] / 1e3, 1e3 * model))
    return "\n".join(rows)


def model_table(costs, bandwidth, latency):
    rows = ["| processes | " + " | ".join("batch %d" % batch for batch in BATCHES) + " |",
            "|---|" + "---|" * len(BATCHES)]
    for ranks in RANKS[2:]:
        cells = ["%.0f× (%s)" % (ranks * value, percent(value)) for value in
                 (efficiency(costs, ranks, batch, bandwidth, latency) for batch in BATCHES)]
        rows.append("| %d | %s |" % (ranks, " | ".join(cells)))
    return "\n".join(rows)


def chart(costs):
    series = []
    for name, bandwidth, latency in NETWORKS:
        for batch in BATCHES[1::2]: # four names fit above the chart
            series.append({"name": "batch %d, %s" % (batch, name), "points": True, "x": RANKS,
                           "y": [ranks * efficiency(costs, ranks, batch, bandwidth, latency)
                                 for ranks in RANKS]})
    return {"file": "scaling.png", "kind": "lines", "log": True, "x_log": True,
            "title": "Training by number of processes of one core, 28×28 (model)",
            "x_name": "processes", "y_name": "times faster than one process", "series": series}


PAGE = """# Scaling

How much faster a training is with several processes ([cluster.md](cluster.md)): measured with two on one machine, and a model for
more. `bench/scaling.py` writes this page; do not edit it by hand. The results have the same bits in every case.

## Measured

%(processor)s, %(cores)d cores. A training of 28×28 with %(channels)d channels and %(parameters)d parameters, %(steps)d steps in every
rollout, every process with one thread: the time of an iteration, median and extremes of %(pairs)d runs of each kind in turn. Messages
and bytes are those that rank 0 sends in an iteration; it receives one message from each process.

%(measured)s

The last column is what the model below gives for two processes on one machine (5 GB/s, 20 µs).

## Model

An iteration is simulated: rank 0 sends the weights along a tree, then each process its states, one after the other; every process
runs its samples; rank 0 runs its own, takes the answers in the order of ranks, adds the gradients and updates the weights. Two figures
are measured: %(sample).2f ms for a sample, and %(serial).2f ms for what rank 0 does alone. Each process has one core like the one measured; with
c cores a process is nearly c times as fast, and the network is reached that much earlier. Latencies: 30 µs with 10 Gbit/s (TCP), 3 µs with
100 Gbit/s. Speed-up over one process, and efficiency:

%(models)s

![Speed-up by number of processes](images/scaling.png)

All states and gradients pass the network card of rank 0: %(through).0f kB for each sample. Computing a sample on one core takes as long as the
card needs for %(card)s, so no number of processes makes a training more than about that many times faster than one core,
whatever the batch. Small batches end earlier: a batch of 8 is dealt over 8 processes at most.
"""


def page(results):
    costs = Costs(results)
    through = 2.0 * costs.state + costs.weights
    models = "\n\n".join("**%s**\n\n%s" % (name, model_table(costs, bandwidth, latency))
                         for name, bandwidth, latency in NETWORKS)
    card = " and ".join("%.0f samples at %s" % (costs.sample / (through / bandwidth), name)
                        for name, bandwidth, _ in NETWORKS)
    return PAGE % {"processor": results["processor"], "cores": results["cores"],
                   "channels": CHANNELS, "steps": STEPS, "parameters": results["parameters"],
                   "pairs": results["pairs"], "measured": measured_table(results, costs),
                   "sample": 1e3 * costs.sample, "serial": 1e3 * costs.serial, "models": models,
                   "through": through / 1e3, "card": card}


def write_page(results, build, docs):
    text = page(results)
    with tempfile.TemporaryDirectory(prefix=".scaling-", dir=docs) as folder:
        described = chart(Costs(results))
        path = os.path.join(folder, "charts.json")
        with open(path, "w") as file:
            json.dump([described], file)
        run([os.path.join(build, "bench_draw"), path, folder])
        os.replace(os.path.join(folder, described["file"]),
                   os.path.join(docs, "images", described["file"]))
    with open(os.path.join(docs, "scaling.md"), "w") as file:
        file.write(text)
    say("wrote " + os.path.join(docs, "scaling.md"))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", default=os.path.join(ROOT, "build", "release"),
                        help="folder with nca and bench_draw")
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--page", metavar="RESULTS.json", help="write the page from these results")
    parser.add_argument("--docs", default=os.path.join(ROOT, "docs"), help="output folder")
    arguments = parser.parse_args()
    try:
        if arguments.page:
            with open(arguments.page) as file:
                results = json.load(file)
        else:
            results = measure(os.path.abspath(arguments.build), max(arguments.pairs, 1))
            os.makedirs(os.path.join(arguments.docs, "figures"), exist_ok=True)
            path = os.path.join(arguments.docs, "figures", "scaling-results.json")
            with open(path, "w") as file:
                json.dump(results, file, indent=1)
                file.write("\n")
        os.makedirs(os.path.join(arguments.docs, "images"), exist_ok=True)
        write_page(results, os.path.abspath(arguments.build), arguments.docs)
    except Failed as error:
        sys.exit("bench: " + str(error))


if __name__ == "__main__":
    main()
