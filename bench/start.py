"""Measures start-up, the first step of a loaded model, and peak memory. Returns plain
dictionaries."""
import os
import sys
import tempfile
import zipfile

import peer
from tools import by_turns, run, run_json, say, seconds_of, spread

POOL_BYTES = 1024 * 28 * 28 * 16 * 4 # the pool of a 28×28 training, full


def start_up(nca, first_step, quick):
    """The seconds of starting the program, /bin/true and PyTorch, measured alternately, and of loading a
    model and its first step in a new process."""
    say("program start")
    for command in [nca.program, "--version"], ["/bin/true"]:
        seconds_of(command)
    ours, nothing = by_turns(5 if quick else 41, lambda: seconds_of([nca.program, "--version"]),
                             lambda: seconds_of(["/bin/true"]))
    environment = peer.environment(nca.cores)
    torch = by_turns(1 if quick else 5, lambda: seconds_of([sys.executable, "-c", "import torch"],
                                                           environment))[0]
    steps = by_turns(5 if quick else 41, lambda: run_json([first_step, nca.model]))[0]
    return {"nca": spread(ours), "true": spread(nothing), "torch": spread(torch),
            "load": spread(step["load"] for step in steps),
            "first_step": spread(step["first_step"] for step in steps)}


def memory(nca):
    """The peak memory in bytes of `nca train` on 28×28 with every cell alive and the longest rollouts. It is
    measured with a pool of 16 whose slots have all been written, and computed for a pool of 1024."""
    say("peak memory of training")
    with tempfile.TemporaryDirectory(prefix="nca-bench-") as folder:
        whole = peak_of([nca.program, "train", "--recipe", "distill", "--img-size", "28", "--padding", "0",
                         "--pool-size", "16", "--alive-channel", "-1", "--steps-min", "95",
                         "--iterations", "40", "--threads", str(nca.cores), "--quiet",
                         "--output", os.path.join(folder, "run")])
    besides = whole - POOL_BYTES * 16 / 1024
    return {"whole": besides + POOL_BYTES, "pool": POOL_BYTES, "besides": besides}


def peak_of(command):
    """The peak memory of a command in bytes."""
    program = ("import json, resource, subprocess, sys\n"
               "code = subprocess.call(sys.argv[1:], stdout=subprocess.DEVNULL,\n"
               "                       stderr=subprocess.DEVNULL)\n"
               "print(json.dumps({'bytes':"
               " resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024}))\n"
               "sys.exit(code)\n")
    return run_json([sys.executable, "-c", program, *command])["bytes"]


def classifier_memory(nca, quick):
    """The peak memory in bytes of `nca train` with task classify, 32 channels, validation included, on a
    made-up set with as many images as BloodMNIST, and the bytes of the arrays of that set."""
    say("peak memory of training a classifier")
    counts = "100,20,20" if quick else "11959,1712,3421"
    with tempfile.TemporaryDirectory(prefix="nca-bench-") as folder:
        path = os.path.join(folder, "bloodmnist.npz")
        run([nca.program, "data", "synth", "bloodmnist", "-o", path, "--count", counts, "--quiet"])
        with zipfile.ZipFile(path) as archive:
            data = sum(entry.file_size for entry in archive.infolist())
        whole = peak_of([nca.program, "train", "--task", "classify", "--data", path, "--n-channels", "32",
                         "--iterations", "4" if quick else "40", "--threads", str(nca.cores), "--quiet",
                         "--output", os.path.join(folder, "run")])
    return {"whole": whole, "data": data, "besides": whole - data}
