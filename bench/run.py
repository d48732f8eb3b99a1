#!/usr/bin/python3
"""Benchmarks nca and compares it with PyTorch and others; writes docs/benchmarks.md and its pictures.

    /usr/bin/python3 bench/run.py [--build build/release] [--pairs 7] [--quick] [--docs docs]
    /usr/bin/python3 bench/run.py --page RESULTS.json [MORE.json...]  # writes the page, measures nothing

`make bench` runs it. It takes about 25 minutes on 2 cores; the machine should be idle otherwise. --quick
makes a trial run of 3 minutes and writes to build/bench/quick. Results (docs/figures/bench-results.json),
page and pictures are written at the end, completely or not at all: if one part fails, nothing changes.
`make figures ONLY=bench` brings the table of README up to date with the results.
"""
import argparse
import datetime
import json
import os
import sys
import tempfile

import charts
import data
import page
import quality
import speed
import start
from tools import Failed, Nca, run, say, write_whole

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def torch_version():
    try:
        import torch
    except ImportError:
        raise Failed("%s cannot import torch; `tools/setup.sh --bench` installs Debian's python3-torch"
                     % sys.executable)
    return torch.__version__


def measure(build, pairs, quick):
    """All results, as stored in the JSON file."""
    results = {"quick": quick, "pairs": pairs, "load": os.getloadavg()[0],
               "date": datetime.date.today().isoformat()}
    if results["load"] >= 0.5:
        say("the machine is not idle (load %.1f): the results will be too low" % results["load"])
    nca = Nca(os.path.join(build, "nca"))
    keep = "processor", "cores", "best_kernels", "version", "compiler"
    results["machine"] = {**{key: nca.machine[key] for key in keep}, "cores": nca.cores,
                          "torch": torch_version()}
    program = lambda name: os.path.join(build, "bench_" + name)
    results["dense"] = speed.dense_layers(program("dense_layers"), quick)
    results["start"] = start.start_up(nca, program("first_step"), quick)
    results["memory"] = start.memory(nca)
    results["threads"] = speed.threads(nca, pairs)
    results["pytorch"], results["selection"] = speed.beside_pytorch(nca, pairs, quick)
    variant = results["selection"][0]["best"] # of train28 on all cores
    results["classify"] = speed.classification(nca, pairs, quick)
    results["classify"]["memory"] = start.classifier_memory(nca, quick)
    results["precision"] = speed.lower_precision(nca, variant, pairs)
    results["busy"] = speed.busy(nca, variant, pairs, quick)
    results["grids"] = speed.grids(nca, quick)
    results["large"] = speed.large_grid(nca, pairs, quick)
    results["data"] = data.measure(nca, program("read_medmnist"), pairs)
    results["quality"] = quality.time_to_quality(nca, quick)
    return results


def render(results, build, docs):
    """Writes the page and its pictures. All of them are generated before the first one is replaced."""
    images = os.path.join(docs, "images")
    os.makedirs(images, exist_ok=True)
    text = page.page(results)
    with tempfile.TemporaryDirectory(prefix=".bench-", dir=docs) as folder:
        described = charts.charts(results)
        path = os.path.join(folder, "charts.json")
        write_whole(path, json.dumps(described, indent=1))
        run([os.path.join(build, "bench_draw"), path, folder])
        for chart in described:
            os.replace(os.path.join(folder, chart["file"]), os.path.join(images, chart["file"]))
    write_whole(os.path.join(docs, "benchmarks.md"), text)
    say("wrote %s and its pictures" % os.path.join(docs, "benchmarks.md"))


def read_whole(path):
    with open(path) as file:
        return file.read()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", default=os.path.join(ROOT, "build", "release"),
                        help="folder with nca and the programs of bench/")
    parser.add_argument("--pairs", type=int, default=7)
    parser.add_argument("--quick", action="store_true", help="trial run of 3 minutes")
    parser.add_argument("--page", metavar="FROM.json", nargs="+",
                        help="write the page from these results without measuring; further files "
                             "add a column to the table of goals")
    parser.add_argument("--docs", help="output folder")
    arguments = parser.parse_args()
    build = os.path.abspath(arguments.build)
    trial = os.path.join(ROOT, "build", "bench", "quick")
    docs = arguments.docs or (trial if arguments.quick else os.path.join(ROOT, "docs"))
    try:
        if arguments.page:
            results, *others = [json.loads(read_whole(path)) for path in arguments.page]
            results["others"] = others
        else:
            pairs = 1 if arguments.quick else max(arguments.pairs, 1)
            results = measure(build, pairs, arguments.quick)
            os.makedirs(os.path.join(docs, "figures"), exist_ok=True)
            write_whole(os.path.join(docs, "figures", "bench-results.json"),
                        json.dumps(results, indent=1) + "\n")
        render(results, build, docs)
    except (Failed, OSError) as reason:
        sys.exit("bench: %s" % reason)
    except KeyError as reason:
        sys.exit("bench: the results file has no %s; measure again" % reason)
    except KeyboardInterrupt:
        sys.exit("bench: interrupted; nothing was written")


if __name__ == "__main__":
    main()
