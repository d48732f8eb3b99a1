"""Measures how long a training takes to reach a quality, from the start of its process: the mean of its
last 50 losses must be at most TARGET_LOSS. Reads metrics.csv while `nca train` runs, and stops it in the
same way as Ctrl-C. Returns plain dictionaries."""
import csv
import os
import signal
import statistics
import subprocess
import tempfile
import time

from tools import Failed, say, spread

CHOSEN = "fast"
OTHERS = ("robust", "distill", "medmnist")
TARGET_LOSS = 2.7e-4
WINDOW = 50
MOST_POINTS = 200 # of a curve in the results


def target():
    """The path and a description of the image to grow."""
    path = os.path.join(os.environ.get("NCA_TEST_DATA", ""), "retina.png")
    if os.path.exists(path):
        return path, "retina.png"
    return "phantom", "the phantom"


def read_rows(path):
    """The seconds and the loss of each complete row. The loss of a dropped iteration is not finite."""
    with open(path, newline="") as file:
        text = file.read()
    rows = csv.DictReader(text[:text.rfind("\n") + 1].splitlines())
    return [(float(row["seconds"]), float(row["loss"])) for row in rows]


def smooth(rows, offset):
    """Triples (iteration, seconds since the process started, mean of the last losses), from the first
    iteration that has enough losses."""
    return [(i + 1, offset + rows[i][0],
             statistics.fmean(loss for _, loss in rows[i + 1 - WINDOW:i + 1]))
            for i in range(WINDOW - 1, len(rows))]


def first_good(curve):
    return next((point for point in curve if point[2] <= TARGET_LOSS), None)


def train(nca, image, recipe, seed, limit, goes_on):
    """One training. With `goes_on` it runs a quarter longer than needed, for the curve."""
    with tempfile.TemporaryDirectory(prefix="nca-bench-") as folder:
        run_folder = os.path.join(folder, "run")
        command = [nca.program, "train", "--target", image, "--img-size", "28", "--padding", "0",
                   "--recipe", recipe, "--seed", str(seed), "--threads", str(nca.cores), "--quiet",
                   "--output", run_folder]
        with open(os.path.join(folder, "said"), "w+") as said:
            wall, began = time.time(), time.perf_counter()
            process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=said)
            try:
                curve = watch(process, run_folder, wall, began, limit, goes_on)
            finally:
                if process.poll() is None:
                    process.send_signal(signal.SIGINT)
                code = process.wait()
            if code not in (0, 128 + signal.SIGINT) or not curve:
                said.seek(0)
                raise Failed("exit code %d from: %s\n%s" % (code, " ".join(command), said.read()))
    good = first_good(curve)
    thin = max(1, len(curve) // MOST_POINTS)
    return {"recipe": recipe, "seed": seed, "seconds": good[1] if good else None,
            "iterations": good[0] if good else None, "limit": limit, "last": curve[-1],
            "curve": [point[1:] for point in curve[::thin]]}


def watch(process, run_folder, wall, began, limit, goes_on):
    """Waits until the training ends, reaches the quality or exceeds the time limit, and returns its
    curve. The curve has at least one point unless the training failed. Reads the file only twice a
    second, so that it hardly slows the training down. The clock of metrics.csv starts when config.yaml
    is written."""
    metrics, curve, seen = os.path.join(run_folder, "metrics.csv"), [], 0
    while True:
        ended = process.poll() is not None
        time.sleep(0 if ended else 0.5)
        size = os.path.getsize(metrics) if os.path.exists(metrics) else 0
        if size > seen:
            seen, rows = size, read_rows(metrics)
            offset = os.stat(os.path.join(run_folder, "config.yaml")).st_mtime - wall
            curve = smooth(rows, offset)
        good = first_good(curve)
        enough = good and (not goes_on or curve[-1][1] >= 1.25 * good[1])
        if ended or enough or (curve and time.perf_counter() - began > limit):
            return curve


def time_to_quality(nca, quick):
    image, words = target()
    limit = 15 if quick else 60
    runs = []
    for seed in range(1 if quick else 3):
        say("training %s with recipe %s, seed %d" % (words, CHOSEN, seed))
        runs.append(train(nca, image, CHOSEN, seed, limit, seed == 0))
    others = []
    for name in OTHERS:
        say("training %s with recipe %s" % (words, name))
        others.append(train(nca, image, name, 0, limit if quick else 120, True))
    reached = [one["seconds"] for one in runs]
    return {"image": words, "recipe": CHOSEN, "loss": TARGET_LOSS, "window": WINDOW, "runs": runs,
            "others": others, "seconds": spread(reached) if None not in reached else None}
