"""Measures reading compared with NumPy, a contact sheet, and a sweep compared with the same runs one after
the other. Returns plain dictionaries."""
import os
import statistics
import tempfile
import time

from tools import by_turns, ratios, run, run_json, say, spread

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


def seconds_in(work, *arguments):
    began = time.perf_counter()
    work(*arguments)
    return time.perf_counter() - began


def find_file(nca, folder):
    """The official BreastMNIST if it is on this machine, otherwise a synthetic set of its shape."""
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
    """For each kind of work: the seconds of nca and of NumPy, and their ratios. Each is a median of 20."""
    ours, whole, one = by_turns(
        pairs, lambda: run_json([reader, path, "20"]),
        lambda: statistics.median(seconds_in(numpy_whole, path) for _ in range(20)),
        lambda: statistics.median(seconds_in(numpy_one, path) for _ in range(20)))
    found = {}
    for work, theirs in ("whole", whole), ("one", one):
        mine = [result[work + "_seconds"] for result in ours]
        found[work] = {"ours": spread(mine), "theirs": spread(theirs), "ratio": ratios(theirs, mine)}
    return found


def montage(nca, path, folder, pairs):
    command = [nca, "data", "montage", path, "--output", os.path.join(folder, "montage.png")]
    return spread(seconds_in(run, command) for _ in range(pairs + 1))


def sweeping(nca, folder, pairs):
    """The seconds of a sweep on all cores and of its runs one after the other, measured alternately, and
    their ratios."""
    file = os.path.join(folder, "sweep.yaml")
    with open(file, "w") as out:
        out.write(SWEEP)

    def once(name, *more):
        place = tempfile.mkdtemp(prefix=name, dir=folder)
        return seconds_in(run, [nca, "sweep", file, "--output", os.path.join(place, "runs"), *more])

    together, in_turn = by_turns(pairs, lambda: once("together"),
                                 lambda: once("turn", "--jobs", "1"))
    return {"ours": spread(together), "theirs": spread(in_turn), "ratio": ratios(in_turn, together)}


def measure(nca, reader, pairs):
    say("reading and sweeping")
    with tempfile.TemporaryDirectory(prefix="nca-bench-") as folder:
        path, what = find_file(nca.program, folder)
        return {"what": what, "montage": montage(nca.program, path, folder, pairs),
                "sweep": sweeping(nca.program, folder, pairs), **reading(reader, path, pairs)}
