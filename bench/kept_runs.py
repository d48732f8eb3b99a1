"""Runs of trainings that take hours: what was measured is kept in a file of docs/figures, a line a run, so
that the work can be interrupted at any time and continued, also by several processes."""
import csv
import fcntl
import json
import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import figures


class KeptRuns:
    """The runs of one file: objects by name, each with a `key`."""

    def __init__(self, name):
        self.path = os.path.join(figures.RESULTS, name)
        self.threads = threading.Lock()

    def load(self):
        if not os.path.exists(self.path):
            return {}
        with open(self.path, encoding="utf-8") as file:
            return json.load(file)

    def current(self, key_of):
        """The runs whose key is what `key_of` gives for their name today."""
        return {name: run for name, run in self.load().items() if run["key"] == key_of(name)}

    def keep(self, name, result):
        """Adds a run to those of the file, which another process may have changed meanwhile. A line a
        run, so that a diff shows what has changed."""
        with self.threads, open(self.path + ".lock", "w", encoding="utf-8") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            done = self.load()
            done[name] = result
            lines = ["%s: %s" % (json.dumps(name), json.dumps(done[name])) for name in sorted(done)]
            figures.write_whole(self.path, "{\n" + ",\n".join(lines) + "\n}\n")


def seconds_of(folder):
    """Of a training, without the time that it was interrupted."""
    with open(os.path.join(folder, "metrics.csv"), newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return round(float(rows[-1]["seconds"])) if rows else 0


def add_options(parser, seeds):
    """The options that all benchmarks of kept runs have."""
    parser.add_argument("--seeds", type=int, default=seeds, help="seeds 1 to N [%d]" % seeds)
    parser.add_argument("--jobs", type=int, default=2, help="trainings at a time, a thread each [2]")
    parser.add_argument("--build", default=os.path.join(figures.ROOT, "build", "release"))
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--table", action="store_true")


def program_name():
    return os.path.splitext(os.path.basename(sys.argv[0]))[0]


def open_workshop(name, build):
    """The folder build/NAME, with the program of the folder `build`; ends the program if there is none."""
    try:
        return figures.Workshop(os.path.join(figures.ROOT, "build", name), os.path.abspath(build), True)
    except figures.Failed as reason:
        sys.exit("%s: %s" % (program_name(), reason))


def work_all(cases, work, jobs):
    """Calls `work` for every case, `jobs` at a time. The first failure and Ctrl-C end the program."""
    program = program_name()
    pool = ThreadPoolExecutor(jobs)
    try:
        for waited in [pool.submit(work, case) for case in cases]:
            waited.result()
    except KeyboardInterrupt:
        pool.shutdown(cancel_futures=True)
        sys.exit("%s: interrupted; run the same command to continue" % program)
    except (figures.Failed, OSError) as reason:
        pool.shutdown(cancel_futures=True)
        sys.exit("%s: %s" % (program, reason))
