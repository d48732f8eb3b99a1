"""Measures the speed of nca: compared with PyTorch, on more threads, with a busy core, in other
precisions, on larger grids, and its matrix products alone. Compared programs run alternately, so
that a change of the machine's speed affects them equally. Returns plain dictionaries."""
import contextlib
import os
import statistics
import subprocess
import sys

import peer
from tools import Failed, by_turns, rates, ratios, run_json, say, spread

GRIDS = [16, 32, 64, 128, 256, 512, 1024]
LARGE_NEEDS = 3e9 # bytes that should be free before the largest grid is trained


def summary(results):
    """Summarises several results of one case for the page."""
    first = results[0]
    kept = {key: first[key] for key in ("case", "threads") if key in first}
    kept["rate"] = spread(rates(results))
    if "images_per_second" in first:
        kept["images"] = spread(result["images_per_second"] for result in results)
    for key in ("gflop_per_second", "share_of_peak", "peak_gflop_per_second"):
        if first.get(key):
            kept[key] = spread(result[key] for result in results)
    kept["peak_bytes"] = max(result["peak_bytes"] for result in results)
    kept["alive_share"] = statistics.median(result["alive_share"] for result in results)
    return kept


# ---- PyTorch --------------------------------------------------------------------------------------


def compare(nca, case, peer_case, variant, threads, pairs):
    with peer.Server(peer_case, variant, threads) as server:
        ours, theirs = by_turns(pairs, lambda: nca.bench(case, threads), server.measure)
    return {"case": case, "threads": threads, "variant": variant, "ours": summary(ours),
            "theirs": summary(theirs), "ratio": ratios(rates(ours), rates(theirs))}


def beside_pytorch(nca, pairs, quick):
    """The comparisons, and the seconds of every variant that was tried for them."""
    cases = [("train28", nca.cores), ("infer28", nca.cores), ("train72-seed", nca.cores),
             ("infer72-seed", nca.cores)]
    if nca.cores > 1:
        cases += [("train28", 1), ("infer28", 1)]
    if quick:
        cases = cases[:3]
    return against_best(nca, cases, pairs, quick)


def against_best(nca, cases, pairs, quick):
    """Compares cases (name, threads) with the fastest variant of PyTorch."""
    rows, selection = [], []
    for case, threads in cases:
        say("%s, %d threads: timing the variants of PyTorch" % (case, threads))
        candidates = peer.variants_of(case)[:2] if quick else peer.variants_of(case)
        seconds = peer.select(case, threads, 1 if quick or "72" in case else 3, candidates)
        best = peer.fastest(seconds)
        selection.append({"case": case, "threads": threads, "seconds": seconds, "best": best})
        say("%s, %d threads: nca and PyTorch (%s), alternating" % (case, threads, best))
        rows.append(compare(nca, case, case, best, threads, pairs))
        say("nca is %.1f times as fast (%.1f..%.1f)"
            % tuple(rows[-1]["ratio"][key] for key in ("median", "low", "high")))
    return rows, selection


def classification(nca, pairs, quick):
    """Classifiers compared with PyTorch, and their cell updates compared with growth on the same kind of
    cells: 16 channels and two learned filters."""
    cases = [(case, nca.cores) for case in ("classify32", "classify16", "predict32")]
    rows, selection = against_best(nca, cases[:1] if quick else cases, pairs, quick)
    say("classify16 and train28-learned, alternating")
    ours, growth = by_turns(pairs, lambda: nca.bench("classify16"),
                            lambda: nca.bench("train28-learned"))
    return {"rows": rows, "selection": selection,
            "growth": {"ours": summary(ours), "theirs": summary(growth),
                       "ratio": ratios(rates(ours), rates(growth))}}


def lower_precision(nca, variant, pairs):
    """bf16 training compared with PyTorch in fp32, and int8 inference compared with nca in fp32, each in the
    fastest form on this machine. None means that this build or machine does not support it, for the
    reason in "why"."""
    found = {"bf16": None, "int8": None, "why": {}}
    works = {"bf16": ("train28", lambda case: compare(nca, case, "train28", variant, nca.cores,
                                                      pairs)),
             "int8": ("infer28", lambda case: against_fp32(nca, case, "infer28", pairs))}
    for word, (stem, work) in works.items():
        rate, why = {}, "not available in this build"
        for case in nca.cases_like(stem, word):
            try:
                rate[case] = nca.bench(case, runs=1)["cell_updates_per_second"]
            except Failed as reason: # a processor without the instructions
                why = str(reason).splitlines()[-1]
        if not rate:
            found["why"][word] = why
        else:
            case = max(rate, key=rate.get)
            say("%s, alternating" % case)
            found[word] = work(case)
    return found


def against_fp32(nca, case, stem, pairs):
    ours, plain = by_turns(pairs, lambda: nca.bench(case), lambda: nca.bench(stem))
    return {"case": case, "ours": summary(ours), "theirs": summary(plain),
            "ratio": ratios(rates(ours), rates(plain))}


# ---- Threads, a busy core -------------------------------------------------------------------------


def thread_counts(cores):
    return list(range(1, cores + 1)) if cores <= 8 else [2 ** i for i in range(cores.bit_length())]


def threads(nca, pairs):
    """The rates for each number of threads, and the gain from one to two threads for each pair."""
    say("number of threads")
    counts = thread_counts(nca.cores)
    kinds = {}
    for case in ("train28", "infer28"):
        columns = by_turns(pairs, *[lambda n=n: nca.bench(case, n) for n in counts])
        kinds[case] = {"rows": [summary(column) for column in columns],
                       "gain": ratios(rates(columns[1]), rates(columns[0]))
                       if len(counts) > 1 else None}
    return {"counts": counts, **kinds}


@contextlib.contextmanager
def busy_core():
    """Keeps the last core busy with another program, which always ends with this one."""
    core = max(os.sched_getaffinity(0))
    program = ("import os, select\n"
               "os.sched_setaffinity(0, {%d})\n"
               "while not select.select([0], [], [], 0)[0]:\n"
               "    sum(range(10000))\n" % core)
    other = subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE)
    try:
        yield
    finally:
        other.stdin.close()
        other.wait()


def while_busy(work):
    with busy_core():
        return work()


def busy(nca, variant, pairs, quick):
    """The slowdown of a training while another program keeps a core busy."""
    say("training while another program runs")
    if nca.cores < 2:
        return None

    def slow_down(work, count):
        quiet, loaded = by_turns(count, work, lambda: while_busy(work))
        return ratios(rates(quiet), rates(loaded))

    ours = slow_down(lambda: nca.bench("train28"), pairs)
    with peer.Server("train28", variant, nca.cores) as server:
        theirs = slow_down(server.measure, 1 if quick else min(pairs, 3))
    return {"ours": ours, "theirs": theirs}


# ---- Grids ----------------------------------------------------------------------------------------


def free_memory():
    with open("/proc/meminfo") as file:
        fields = dict(line.split(":", 1) for line in file)
    return 1024 * int(fields["MemAvailable"].split()[0])


def grids(nca, quick):
    """The rates by the side of the grid, with every cell alive, except for grids that need too much memory."""
    rows = []
    for side in [16, 64] if quick else GRIDS:
        for kind in "infer", "train":
            say("%s, grid size %d" % (kind, side))
            if kind == "train" and side == GRIDS[-1] and free_memory() < LARGE_NEEDS:
                say("skipped: not enough free memory")
                continue
            result = nca.bench("%s%d" % (kind, side), runs=1 if side >= 512 else 5)
            rows.append(dict(summary([result]), side=side, kind=kind, batch=result["batch"],
                             steps=result["steps"]))
    return rows


def large_grid(nca, pairs, quick):
    say("training on 512×512 within 512 MB")
    large, small = by_turns(1 if quick else min(pairs, 3), lambda: nca.bench("train512", runs=1),
                            lambda: nca.bench("train28"))
    return {"large": summary(large), "small": summary(small),
            "ratio": ratios(rates(large), rates(small))}


# ---- Dense layers ---------------------------------------------------------------------------------


def dense_layers(program, quick):
    say("matrix products")
    return run_json([program, "3" if quick else "31"])
