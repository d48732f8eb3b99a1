"""The PyTorch side of a comparison: finds the fastest variant of the step on this machine, and keeps a
warm process that measures on request. The computation itself is in pytorch_growing.py and
pytorch_classify.py."""
import json
import os
import subprocess
import sys
import tempfile

from tools import failed

# The fastest are likely to be the first ones; slower ones after them are stopped early.
VARIANTS = ["gather-cl", "depthwise-cl", "gather-mm-cl", "fused-cl", "slices-cl", "depthwise",
            "fused"]
CLASSIFYING = ["gather-cl", "depthwise-cl", "concat-cl", "fused-cl", "depthwise",
               "fused", "gather-mm-cl", "linear-cl"]


def is_classifying(case):
    return case.startswith(("classify", "predict"))


def variants_of(case):
    return CLASSIFYING if is_classifying(case) else VARIANTS


def environment(threads):
    """The environment of a PyTorch process: its threads, and the best kernels for its BLAS. Debian's
    OpenBLAS does not recognise all CPUs with AVX-512. Variables set by the user have no effect."""
    ruled = ("OMP_", "GOMP_", "KMP_", "MKL_", "OPENBLAS_")
    settled = {name: value for name, value in os.environ.items() if not name.startswith(ruled)}
    settled.update(OMP_NUM_THREADS=str(threads), OPENBLAS_NUM_THREADS=str(threads))
    with open("/proc/cpuinfo") as file:
        flags = next((line.split() for line in file if line.startswith("flags")), [])
    if "avx512f" in flags and "avx512vl" in flags:
        settled["OPENBLAS_CORETYPE"] = "SkylakeX"
    return settled


def command(case, variant, threads, *more):
    name = "pytorch_classify.py" if is_classifying(case) else "pytorch_growing.py"
    program = os.path.join(os.path.dirname(os.path.abspath(__file__)), name)
    return [sys.executable, program, "--cases", case, "--variants", variant,
            "--threads", str(threads), *more]


def select(case, threads, runs, variants):
    """The seconds of the variants by name, each from a separate process. None means that a variant was
    stopped because it was many times slower than the best one."""
    seconds = {}
    for variant in variants:
        best = min((s for s in seconds.values() if s is not None), default=None)
        more = ["--runs", str(runs)] + ([] if best is None else ["--limit", str(2 * best)])
        asked = command(case, variant, threads, *more)
        try:
            done = subprocess.run(asked, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                  env=environment(threads),
                                  timeout=None if best is None else 10 + 4 * best)
        except subprocess.TimeoutExpired:
            seconds[variant] = None
            continue
        if done.returncode != 0:
            raise failed(asked, done.returncode, done.stderr)
        seconds[variant] = json.loads(done.stdout)["results"][0]["seconds"]
    return seconds


def fastest(seconds):
    return min((v for v in seconds if seconds[v] is not None), key=lambda v: seconds[v])


class Server:
    """A PyTorch process that measures one case on each request."""

    def __init__(self, case, variant, threads):
        self.command = command(case, variant, threads, "--serve")
        self.messages = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen(self.command, stdin=subprocess.PIPE, text=True,
                                        stdout=subprocess.PIPE, stderr=self.messages,
                                        env=environment(threads))

    def __enter__(self):
        self.read() # it is ready
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait()
        self.messages.close()

    def read(self):
        line = self.process.stdout.readline()
        if not line:
            code = self.process.wait()
            self.messages.seek(0)
            raise failed(self.command, code, self.messages.read())
        return json.loads(line)

    def measure(self):
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return self.read()
