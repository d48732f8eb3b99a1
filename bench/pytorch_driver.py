"""Runs the programs pytorch_*.py: times the variants of a case, checks that they agree, and serves
measurements to peer.py. Such a program has a Task, whose build(case, variant) returns a Built."""
import argparse
import collections
import json
import os
import resource
import statistics
import sys
import time

# cases and variants: their names.
Task = collections.namedtuple("Task", "cases variants build")
# once() runs a rollout or an iteration; check() returns numbers that are the same for all variants;
# alive_share() the fraction of living cells; updates: cell updates of once(); images: of a classifier.
Built = collections.namedtuple("Built", "once check alive_share updates images")


def read_model(path):
    """The tensors of a safetensors file. All of them must be F32."""
    import torch

    with open(path, "rb") as file:
        header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
        data = bytearray(file.read())
    tensors = {}
    for name, entry in header.items():
        if name != "__metadata__":
            begin, end = entry["data_offsets"]
            flat = torch.frombuffer(data, dtype=torch.float32, offset=begin, count=(end - begin) // 4)
            tensors[name] = flat.reshape(entry["shape"]).clone()
    return tensors


class Work:
    """One case in one variant."""

    def __init__(self, task, case, variant):
        self.case, self.variant = case, variant
        self.built = task.build(case, variant)

    def measure(self, at_least=0.0, runs=1):
        """Times `runs` calls, and further ones until they took `at_least` seconds."""
        seconds = []
        while len(seconds) < runs or sum(seconds) < at_least:
            began = time.perf_counter()
            self.built.once()
            seconds.append(time.perf_counter() - began)
        return self.result(seconds)

    def result(self, seconds):
        import torch

        median = statistics.median(seconds)
        found = {
            "case": self.case, "variant": self.variant, "threads": torch.get_num_threads(),
            "seconds": median, "seconds_min": min(seconds), "seconds_max": max(seconds),
            "runs": len(seconds),
            "cell_updates_per_second": self.built.updates / median,
            "peak_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
            "torch": torch.__version__,
        }
        if self.built.images:
            found["images_per_second"] = self.built.images / median
        return found


def time_variant(task, case, variant, runs, limit):
    """The result of one variant. If the warm-up takes longer than the limit, it is that of the warm-up."""
    work = Work(task, case, variant)
    result = work.measure()
    if result["seconds"] <= limit:
        result = work.measure(runs=runs)
    print("%(case)s %(variant)-13s %(seconds).4f s (%(seconds_min).4f..%(seconds_max).4f)"
          % result, file=sys.stderr)
    return result


def serve(task, case, variant):
    work = Work(task, case, variant)
    work.measure()
    print(json.dumps({"ready": True}), flush=True)
    for _ in sys.stdin:
        result = work.measure(at_least=0.5)
        print(json.dumps(dict(result, alive_share=work.built.alive_share())), flush=True)


def check(task, case, variants):
    sums = [Work(task, case, variant).built.check() for variant in variants]
    for variant, found in zip(variants, sums):
        near = all(abs(a - b) <= 1e-4 * max(abs(b), 1) for a, b in zip(found, sums[0]))
        print("%s %-13s %s %s" % (case, variant, "ok" if near else "DIFFERS", found))
        if not near:
            sys.exit(1)


def parser_of(task, text):
    parser = argparse.ArgumentParser(description=text.split("\n")[0])
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--runs", type=int, default=3, help="number of timed runs, after one warm-up run")
    parser.add_argument("--limit", type=float, default=float("inf"),
                        help="seconds; a variant that takes longer is not repeated")
    parser.add_argument("--cases", default=",".join(task.cases))
    parser.add_argument("--variants", default=",".join(task.variants))
    parser.add_argument("--check", action="store_true", help="check that all variants give the same results")
    parser.add_argument("--serve", action="store_true", help="do one run for each line on standard input")
    return parser


def main(task, arguments):
    import torch

    torch.set_num_threads(arguments.threads)
    torch.set_flush_denormal(True)
    cases, variants = arguments.cases.split(","), arguments.variants.split(",")
    if arguments.serve:
        return serve(task, cases[0], variants[0])
    results = []
    for case in cases:
        if arguments.check:
            check(task, case, variants)
        else:
            results += [time_variant(task, case, variant, arguments.runs, arguments.limit)
                        for variant in variants]
    if not arguments.check:
        print(json.dumps({"program": "pytorch", "results": results}, indent=1))
