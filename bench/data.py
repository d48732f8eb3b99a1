"""Measures reading against NumPy, a contact sheet, and a sweep against the same runs in turn: the
section "Reading and sweeping" of docs/benchmarks.md. bench/run.py calls it; see there.
"""
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

SWEEP = """recipe: medmnist
target: phantom
img_size: 20
padding: 0
batch_size: 4
pool_size: 64
iterations: 60
filter: [sobel, laplacian]
loss: [L2, L1]
threads: 1
"""


def run(command):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if done.returncode != 0:
        sys.exit("bench: exit code %d from: %s\n%s"
                 % (done.returncode, " ".join(command), done.stderr.strip()))
    return done.stdout


def seconds_of(work, *arguments):
    began = time.perf_counter()
    work(*arguments)
    return time.perf_counter() - began


def find_file(nca, folder):
    """The official BreastMNIST where this machine has it, else a synthetic set of its shape."""
    for place in (os.environ.get("NCA_TEST_DATA", ""), os.path.expanduser("~/.medmnist")):
        path = os.path.join(place, "breastmnist.npz")
        if os.path.exists(path):
            return path, "`breastmnist.npz` (780 images of 28×28, 560 kB)"
    path = os.path.join(folder, "breastmnist.npz")
    run([nca, "data", "synth", "breastmnist", "--output", path])
    return path, "a synthetic set of BreastMNIST's shape"


def numpy_whole(path):
    import numpy

    with numpy.load(path) as archive:
        for name in archive.files:
            archive[name]


def numpy_one(path):
    import numpy

    with numpy.load(path) as archive:
        index = min(100, len(archive["train_labels"]) - 1)
        archive["train_images"][index].copy()


def reading(reader, path, pairs):
    """{work: (nca's seconds, NumPy's seconds, ratios)}, by turns; medians of 20 in each turn."""
    columns = {"whole": ([], []), "one": ([], [])}
    peers = {"whole": numpy_whole, "one": numpy_one}
    for _ in range(pairs):
        ours = json.loads(run([reader, path, "20"]))
        for work, (mine, theirs) in columns.items():
            mine.append(ours[work + "_seconds"])
            theirs.append(statistics.median(seconds_of(peers[work], path) for _ in range(20)))
    return {work: (statistics.median(mine), statistics.median(theirs),
                   sorted(b / a for a, b in zip(mine, theirs)))
            for work, (mine, theirs) in columns.items()}


def montage(nca, path, folder, pairs):
    command = [nca, "data", "montage", path, "--output", os.path.join(folder, "montage.png")]
    return statistics.median(seconds_of(run, command) for _ in range(pairs + 1))


def sweeping(nca, folder, pairs):
    """The sweep's seconds with all cores and one run after the other, by turns, and the ratios."""
    file = os.path.join(folder, "sweep.yaml")
    with open(file, "w") as out:
        out.write(SWEEP)
    together, in_turn = [], []
    for i in range(pairs):
        for jobs, column in (None, together), (1, in_turn):
            command = [nca, "sweep", file, "--output", os.path.join(folder, "sweep%s%d" % (jobs, i))]
            command += [] if jobs is None else ["--jobs", str(jobs)]
            column.append(seconds_of(run, command))
    return (statistics.median(together), statistics.median(in_turn),
            sorted(b / a for a, b in zip(together, in_turn)))


SECTION = """## Reading and sweeping

| work | nca | compared with | ratio, median of {pairs} pairs (lowest..highest) |
|---|---|---|---|
| all arrays of {what} | {whole[0]:.2f} ms | `numpy.load` {whole[1]:.2f} ms | **{whole_ratio}** |
| one image of it by its index | {one[0]:.2f} ms | `numpy.load` {one[1]:.2f} ms | **{one_ratio}** |
| `nca data montage` of it, the whole process | {montage:.0f} ms | | |
| `nca sweep`, 4 small runs, {cores} cores | {sweep[0]:.1f} s | one after the other, 1 thread: {sweep[1]:.1f} s | **{sweep_ratio}** |

Both readers open the file anew each time and unpack with zlib; nca stops behind the image that is
asked for.
"""


def spread(ratios):
    return "%.2f× (%.2f..%.2f)" % (statistics.median(ratios), ratios[0], ratios[-1])


def section(nca, reader, cores, pairs):
    with tempfile.TemporaryDirectory(prefix="nca-bench-") as folder:
        path, what = find_file(nca, folder)
        times = reading(reader, path, pairs)
        sheet = montage(nca, path, folder, pairs)
        sweep = sweeping(nca, folder, pairs)
    milliseconds = {work: [1e3 * seconds for seconds in row[:2]] for work, row in times.items()}
    return SECTION.format(what=what, pairs=pairs, cores=cores, montage=1e3 * sheet, sweep=sweep[:2],
                          sweep_ratio=spread(sweep[2]), whole_ratio=spread(times["whole"][2]),
                          one_ratio=spread(times["one"][2]), **milliseconds)
