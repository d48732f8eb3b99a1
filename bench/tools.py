"""Used by all parts of the benchmark: messages, commands that print JSON, medians and spreads."""
import json
import os
import statistics
import subprocess
import sys
import time


class Failed(Exception):
    """A command failed. The text contains the command and its output."""


def say(text):
    print("bench: " + text, file=sys.stderr, flush=True)


def failed(command, code, messages):
    return Failed("exit code %d from: %s\n%s" % (code, " ".join(command), messages.strip()))


def run(command, **more):
    """The standard output of a command."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **more)
    if done.returncode != 0:
        raise failed(command, done.returncode, done.stderr)
    return done.stdout


def run_json(command, **more):
    said = run(command, **more)
    try:
        return json.loads(said)
    except ValueError:
        raise failed(command, 0, "the output is not JSON: " + said)


def seconds_of(command, environment=None):
    """The seconds from the start to the end of a process. Its output is discarded."""
    nothing = [(os.POSIX_SPAWN_OPEN, 1, "/dev/null", os.O_WRONLY, 0)]
    began = time.perf_counter()
    child = os.posix_spawnp(command[0], command, environment or os.environ, file_actions=nothing)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    seconds = time.perf_counter() - began
    if code != 0:
        raise failed(command, code, "")
    return seconds


def spread(values):
    """Median, lowest and highest value, as stored in the results."""
    values = list(values)
    return {"median": statistics.median(values), "low": min(values), "high": max(values),
            "count": len(values)}


def ratios(above, below):
    """The ratio of each pair."""
    return spread(a / b for a, b in zip(above, below))


def by_turns(count, *works):
    """Calls each function once, then each one again, and so on. Returns a list of results for each."""
    columns = [[] for _ in works]
    for _ in range(count):
        for work, column in zip(works, columns):
            column.append(work())
    return columns


def rates(results):
    return [result["cell_updates_per_second"] for result in results]


def write_whole(path, text):
    """Writes a file completely or not at all."""
    with open(path + ".tmp", "w") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    os.replace(path + ".tmp", path)


class Nca:
    """The program and the results of its `nca bench`."""

    def __init__(self, program):
        self.program = os.path.abspath(program)
        self.model = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                  "phantom40.safetensors")
        self.machine = run_json([self.program, "bench", "--cases", "infer28", "--threads", "1",
                                 "--runs", "1", "--quick", "--json"])
        self.cases = run([self.program, "bench", "--list"]).split()
        self.cores = len(os.sched_getaffinity(0))

    def bench(self, case, threads=None, runs=3):
        """One case on the best kernel set. With threads None, it runs on one thread per core."""
        report = run_json([self.program, "bench", "--cases", case, "--runs", str(runs), "--json",
                           "--kernels", self.machine["best_kernels"], "--model", self.model,
                           "--threads", str(threads or self.cores)])
        if not report["results"]: # not supported by the kernel set or the CPU
            raise Failed("%s cannot be measured: missing %s" % (case, report["skipped"][0]["missing"]))
        return report["results"][0]

    def cases_like(self, stem, word):
        """The names of the cases that are `stem` in another precision, for example ("train28", "bf16")."""
        return [case for case in self.cases if stem in case.split("-") and word in case.split("-")]
