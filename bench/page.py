"""Writes docs/benchmarks.md from the results of a measurement. Measures nothing."""
import goals
from goals import power, times

CASES = {
    "train28": "training, 28×28, every cell alive",
    "infer28": "inference, 28×28, every cell alive",
    "train72-seed": "training, 72×72, growing from seeds",
    "infer72-seed": "inference, 72×72, growing from a seed",
    "classify32": "training, 32 channels",
    "classify16": "training, 16 channels",
    "predict32": "prediction, 32 channels, one rollout",
}
PRODUCTS = {"hidden": "hidden layer", "output": "output layer", "dh": "gradient of the hidden layer",
            "dp": "gradient of the perception", "dW1": "gradient of W1", "dW2": "gradient of W2"}


def with_spread(spread, form):
    return "%s (%s..%s)" % (form(spread["median"]), form(spread["low"]), form(spread["high"]))


def millions(rate):
    return "%.3g" % (rate / 1e6)


def share(summary):
    return ("%.0f %%" % (100 * summary["share_of_peak"]["median"])
            if "share_of_peak" in summary else "–")


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])


# ---- Parts ----------------------------------------------------------------------------------------


def goal_table(results):
    """Other runs add a column with their medians."""
    others = [goals.goals(other) for other in results.get("others", [])]
    head = ["work", "goal", "bar", "measured (lowest..highest)", "reached"]
    rows = [[g.work, g.plain(g.goal), g.plain(g.bar), g.measured(), g.reached()]
            for g in goals.goals(results)]
    if others:
        head.append("in other runs")
        for i, row in enumerate(rows):
            row.append(", ".join(other[i].middle() for other in others))
    text = table(head, rows)
    return text + ("\n\nThe last column gives the medians of further runs of the same command, made one "
                   "after the other." if others else "")


def pytorch_table(results):
    rows = list(results["pytorch"])
    if results["precision"]["bf16"]:
        rows.append(results["precision"]["bf16"])
    return table(["work", "threads", "nca, 10⁶ cell updates/s", "GFLOP/s", "of peak",
                  "PyTorch, 10⁶/s", "nca / PyTorch (lowest..highest pair)"],
                 [[CASES.get(row["case"], "`%s`" % row["case"]), str(row["threads"]),
                   millions(row["ours"]["rate"]["median"]),
                   "%.0f" % row["ours"]["gflop_per_second"]["median"], share(row["ours"]),
                   millions(row["theirs"]["rate"]["median"]),
                   "**%s**" % times(row["ratio"]["median"])
                   + " (%s..%s)" % (times(row["ratio"]["low"]), times(row["ratio"]["high"]))]
                  for row in rows])


def classify_text(results):
    """The section on classifiers; empty if they were not measured."""
    found = results.get("classify")
    if not found:
        return ""
    rows = [[CASES[row["case"]], "%.0f" % row["ours"]["images"]["median"],
             millions(row["ours"]["rate"]["median"]), "%.0f" % row["ours"]["gflop_per_second"]["median"],
             share(row["ours"]), "%.0f" % (row["ours"]["peak_bytes"] / 1e6),
             "%.0f" % row["theirs"]["images"]["median"], "%.0f" % (row["theirs"]["peak_bytes"] / 1e6),
             ratio(row["ratio"])] for row in found["rows"]]
    head = ["work", "nca, images/s", "10⁶ cell updates/s", "GFLOP/s", "of peak", "MB", "PyTorch, images/s",
            "MB", "nca / PyTorch (lowest..highest pair)"]
    growth, memory = found["growth"], found["memory"]
    return CLASSIFY.format(
        table=table(head, rows), selection=selection_table(found),
        ours=millions(growth["ours"]["rate"]["median"]),
        growth=millions(growth["theirs"]["rate"]["median"]),
        ratio=with_spread(growth["ratio"], goals.percent), whole=memory["whole"] / 1e6,
        data=memory["data"] / 1e6, cores=results["machine"]["cores"])


def alive_shares(results):
    found = []
    for case, words in ("train72-seed", "training"), ("infer72-seed", "inference"):
        row = goals.row_of(results, case, results["machine"]["cores"])
        if row:
            found.append("%.0f %% for nca and %.0f %% for PyTorch in %s"
                         % (100 * row["ours"]["alive_share"], 100 * row["theirs"]["alive_share"],
                            words))
    return ", ".join(found)


def dense_table(results):
    dense = results["dense"]
    return table(["product", "size (rows × depth × columns)", "nca", "oneDNN", "OpenBLAS"],
                 [[PRODUCTS[p["name"]], "%d × %d × %d" % (p["rows"], p["depth"], p["columns"])]
                  + ["%.0f (%.0f %%)" % (p[key][0], 100 * p[key][0] / dense["peak"])
                     if dense["peak"] else "%.0f" % p[key][0]
                     for key in ("nca", "onednn", "openblas")] for p in dense["products"]])


def thread_table(results):
    found = results["threads"]
    rows = []
    for n, train, infer in zip(found["counts"], found["train28"]["rows"], found["infer28"]["rows"]):
        rows.append([str(n)] + [text for side in (train, infer) for text in (
            millions(side["rate"]["median"]), "%.0f" % side["gflop_per_second"]["median"],
            share(side))])
    return table(["threads", "training, 10⁶/s", "GFLOP/s", "of peak", "inference, 10⁶/s", "GFLOP/s",
                  "of peak"], rows)


def grid_table(results):
    sides = sorted({row["side"] for row in results["grids"]})
    found = {(row["side"], row["kind"]): row for row in results["grids"]}
    rows = []
    for side in sides:
        train, infer = found.get((side, "train")), found.get((side, "infer"))
        rows.append(["%d×%d" % (side, side), str(infer["batch"])]
                    + ([millions(train["rate"]["median"]), share(train),
                        "%.0f" % (train["peak_bytes"] / 1e6)] if train else ["–"] * 3)
                    + [millions(infer["rate"]["median"]), share(infer),
                       "%.0f" % (infer["peak_bytes"] / 1e6)])
    return table(["grid", "batch", "training, 10⁶/s", "of peak", "MB", "inference, 10⁶/s", "of peak",
                  "MB"], rows)


def quality_table(results):
    found = results["quality"]
    rows = []
    for one in found["runs"] + found["others"]:
        reached = ("**%.1f s**" % one["seconds"] if one["seconds"] is not None
                   else "not reached within %.0f s; last mean %s" % (one["last"][1], power(one["last"][2])))
        count = one["iterations"] if one["iterations"] is not None else one["last"][0]
        rows.append([one["recipe"], str(one["seed"]), reached, str(count)])
    return table(["recipe", "seed", "time to a mean loss of %s" % power(found["loss"]), "iterations"], rows)


def busy_table(results):
    if results["busy"] is None:
        return "This machine has one core."
    return table(["training, 28×28, %d threads" % results["machine"]["cores"],
                  "slowdown (lowest..highest pair)"],
                 [["nca", with_spread(results["busy"]["ours"], times)],
                  ["PyTorch", with_spread(results["busy"]["theirs"], times)]])


def start_table(results):
    start, memory = results["start"], results["memory"]
    peer = goals.row_of(results, "train28", results["machine"]["cores"])
    form = goals.milliseconds
    return table(["", "nca", "compared with"], [
        ["peak memory of a 28×28 training, pool of 1024 full",
         "%.0f MB, %.0f MB of it for the pool" % (memory["whole"] / 1e6, memory["pool"] / 1e6),
         "PyTorch %.0f MB" % (peer["theirs"]["peak_bytes"] / 1e6)],
        ["start and end of a process", "`nca --version` " + with_spread(start["nca"], form),
         "`import torch` %.0f ms; `/bin/true` %s" % (1e3 * start["torch"]["median"],
                                                     form(start["true"]["median"]))],
        ["loading a model", with_spread(start["load"], form), ""],
        ["loading a model, creating a rollout, first step", with_spread(start["first_step"], form),
         ""]])


def data_table(results):
    data = results["data"]
    form = lambda value: "%.2f ms" % (1e3 * value)
    rows = [[work % data["what"] if "%s" in work else work, form(data[key]["ours"]["median"]),
             "`numpy.load` " + form(data[key]["theirs"]["median"]), ratio(data[key]["ratio"])]
            for work, key in (("all arrays of %s", "whole"), ("one image of it, by index", "one"))]
    rows.append(["`nca data montage` of the same file, whole process",
                 "%.0f ms" % (1e3 * data["montage"]["median"]), "", ""])
    rows.append(["`nca sweep`, 4 small runs, %d cores" % results["machine"]["cores"],
                 "%.1f s" % data["sweep"]["ours"]["median"],
                 "one run after the other, 1 thread: %.1f s" % data["sweep"]["theirs"]["median"],
                 ratio(data["sweep"]["ratio"])])
    return table(["work", "nca", "compared with", "ratio (lowest..highest pair)"], rows)


def ratio(spread):
    return "**%s** (%s..%s)" % tuple(times(spread[key]) for key in ("median", "low", "high"))


def selection_table(results):
    names = list(results["selection"][0]["seconds"])
    rows = []
    for row in results["selection"]:
        cells = ["–" if row["seconds"].get(name) is None else
                 ("**%.3f**" if name == row["best"] else "%.3f") % row["seconds"][name]
                 for name in names]
        rows.append([row["case"], str(row["threads"])] + cells)
    return table(["case", "threads"] + names, rows)


CLASSIFY = """## Training a classifier

RGB images of 28×28 pixels in 8 classes, N 128, identity and two learned filters, fire rate 0.5, 24 steps,
{cores} threads. An iteration of training reads 16 images from memory into the cells and consists of rollout,
mean read-out, cross-entropy, backward pass and Adam. A prediction is one rollout of each of 64 images. MB is
the maximum resident set size of the process.

{table}

`bench/pytorch_classify.py` implements the step in the variants of this table. `--check` compares their
results, and `tests/model/test_pytorch_peer.sh` compares losses and gradients with those of nca. Seconds of
an iteration, or of the 64 images:

{selection}

With 16 channels, training makes {ours} million cell updates per second, and growth with 16 channels and two
learned filters (28×28, batch 8, 80 steps) {growth} million: {ratio}. `nca train --task classify` with 32
channels needs {whole:.0f} MB on a made-up set with as many images as BloodMNIST, of which {data:.0f} MB are
the arrays of that set. `nca bench --profile` shows the time of reading images
([performance.md](performance.md#reading-images)).

"""

PAGE = """# Benchmarks

`make bench` measures all values on this page and writes it. Run it to get the values of your machine.
`nca bench` measures nca alone, with every kernel set and more cases ([commands.md](commands.md)).

{processor}, {cores} cores, kernel set {best_kernels}, nca {version} built with {compiler}; PyTorch
{torch}, oneDNN {onednn}, OpenBLAS {openblas}; {date}.{quiet}

{goals}

A *goal* is the target that was set for the performance work; a *bar* is the minimum that was required.
The measured values are medians of {pairs} pairs of runs (at most 3 on 512×512, and for PyTorch with a busy
core). The programs to compare run alternately and each ratio is taken within a pair, so that a machine
whose speed drifts favours neither side. The lowest and the highest pair are given in parentheses. Rows and
tables are measured minutes apart, and the speed of a virtual machine changes meanwhile: compare values
within a row. Program starts and first steps were measured {starts} times each.

## nca and PyTorch on the same work

![How many times faster than PyTorch](images/bench-pytorch.png)

The settings are C 16, N 128, sobel, fire rate 0.5, batch 8, 80 steps. Training consists of pool sampling,
rollout, L2 loss, backward pass and Adam; nca also sorts its batch by loss and normalises the gradient. In
the cases with every cell alive, neither program computes an alive mask. In the cases that grow from the
seed, both run the model `bench/phantom40.safetensors` on its 72×72 grid; in training, one sample of the
batch is the seed and seven have grown. Both programs do the same work if their percentages of living cells
agree. Measured: {shares}.

A cell update is one step of one cell. For both programs it counts whether it was computed or could be
skipped without changing the result. GFLOP/s counts only the arithmetic of living cells that fire (8,192
multiply-adds forward, 30,720 with the backward pass); the percentage refers to the multiply-add peak
measured in the same run. The 30,720 include the hidden layer twice, as if the backward pass recomputed it.
nca stores up to 14 MB of hidden layers per sample and recomputes only the rest
([performance.md](performance.md)), so it actually does less arithmetic than is counted here.

{pytorch}

`bench/pytorch_growing.py` implements the step in seven variants (`--check` compares their results).
Denormals are flushed to zero, and PyTorch uses OpenBLAS for matrix products. All variants were timed for
each case and number of threads; nca is compared with the fastest one, shown in bold. The table gives
seconds for 80 steps (–: stopped early because it was many times slower than the best so far):

{selection}

{classify}## The matrix products alone

![The update network's matrix products](images/bench-dense.png)

The six matrix products of the update network for {cells} cells, forward and backward, without bias, ReLU
and gate, on one core, measured alternately in one process: GFLOP/s, and the percentage of the multiply-add
peak, {peak:.0f} GFLOP/s. nca multiplies {chunk} cells at a time, as in training, and computes every sum in a
fixed order, so that its results are bit-identical everywhere. oneDNN and OpenBLAS receive all cells at once
and may sum in any order. oneDNN may choose the memory layout of the weights.

{dense}

## Threads

![Useful arithmetic by number of threads](images/bench-threads.png)

28×28, batch 8, every cell alive{gains}.

{threads}

Slowdown while another program keeps one core busy (it is pinned to that core; nca and PyTorch are not
pinned):

{busy}

## Size of the grid

![Useful arithmetic by size of the grid](images/bench-grids.png)

Every cell alive, {cores} threads. Grids of 256×256 and larger use one sample of 96 steps, and training
(experiment growing) has a memory limit of 512 MB, or 2 GB for 1024×1024. States that do not fit into the
limit are recomputed. MB is the maximum resident set size of the process.

{grids}

## Time to a loss

![Loss by time](images/bench-quality.png)

Time from the start of `nca train` on {image}, 28×28, padding 0, until the mean of the last {window} losses
is at most {loss}. Each recipe trains its default experiment: `robust` trains with damage, so that the mean
of its losses includes samples that have just been cut, and its learning rate falls over 4000 iterations.

{quality}

## Memory and start

{start}

Memory is the maximum resident set size of `nca train` over 40 iterations of 95 steps with every cell alive,
including checkpoints and pictures. The run has a pool of 16 slots; the size of the other slots of a pool of
1024 is added. For PyTorch it is that of the process measured in the first row of its table. The first step
is measured in a new process that is linked with libnca (`bench/first_step.c`).

## Reading and sweeping

{data}

Both programs open the file for every read and decompress with zlib. nca stops decompressing after the
requested image.

## Repeating the measurements

    make bench                                  # this page and its pictures; takes about 25 minutes
    make bench QUICK=yes                        # a trial run of 3 minutes; writes to build/bench/quick
    nca bench                                   # nca alone
    /usr/bin/python3 bench/pytorch_growing.py   # PyTorch alone
    /usr/bin/python3 bench/pytorch_classify.py  # the same for classifiers
    /usr/bin/python3 bench/run.py --page docs/figures/bench-results.json   # rewrites the page without measuring
"""


def busy_machine(results):
    """What the page says if the machine was not idle."""
    load = results["load"]
    return "" if load < 0.5 else (" **The machine was not idle: its load was %.1f when the "
                                  "measurement began.**" % load)


def gains(results):
    found = results["threads"]
    if found["train28"]["gain"] is None:
        return ""
    return ". With two threads instead of one, training is %s as fast, inference %s" % tuple(
        with_spread(found[case]["gain"], times) for case in ("train28", "infer28"))


def page(results):
    machine, dense, quality = results["machine"], results["dense"], results["quality"]
    return PAGE.format(
        **{key: machine[key] for key in ("processor", "cores", "best_kernels", "version", "compiler",
                                         "torch")},
        onednn=dense["onednn"], openblas=dense["openblas"], date=results["date"],
        quiet=busy_machine(results), goals=goal_table(results), pairs=results["pairs"],
        starts=results["start"]["nca"]["count"],
        shares=alive_shares(results), pytorch=pytorch_table(results),
        selection=selection_table(results), classify=classify_text(results), cells=dense["cells"],
        chunk=dense["chunk"], peak=dense["peak"],
        dense=dense_table(results), gains=gains(results), threads=thread_table(results),
        busy=busy_table(results), grids=grid_table(results), image=quality["image"],
        window=quality["window"], loss=power(quality["loss"]), quality=quality_table(results),
        start=start_table(results), data=data_table(results))


# ---- What README quotes ---------------------------------------------------------------------------


README_ROWS = (
    ("train28", "training, 28×28, every cell alive, 10⁶ cell updates/s"),
    ("train72-seed", "training, 72×72, a trained model growing from the seed"),
    ("infer28", "inference, 28×28, every cell alive"),
    ("infer72-seed", "inference, 72×72, a trained model growing from the seed"),
)


def readme_row(work, row):
    return [work, millions(row["ours"]["rate"]["median"]), millions(row["theirs"]["rate"]["median"]),
            times(row["ratio"]["median"])]


def readme(results):
    """The table and the single values."""
    cores, start, memory = results["machine"]["cores"], results["start"], results["memory"]
    rows = [readme_row(work, goals.row_of(results, case, cores)) for case, work in README_ROWS]
    bf16 = results["precision"]["bf16"]
    if bf16:
        rows.insert(1, readme_row("the same in bf16, compared with fp32", bf16))
    classifier = goals.classify_row(results, "classify32")
    if classifier:
        rows.append(readme_row("training a classifier of 32 channels, 28×28, batch 16, 24 steps", classifier))
    peer = goals.row_of(results, "train28", cores)["theirs"]["peak_bytes"]
    rows.append(["peak memory of a 28×28 training with its pool of 1024 full",
                 "%.0f MB" % (memory["whole"] / 1e6), "%.0f MB" % (peer / 1e6),
                 "1/%.0f" % (peer / memory["whole"])])
    rows.append(["start of the program, compared with `import torch`",
                 "%.0f ms" % (1e3 * start["nca"]["median"]),
                 "%.0f ms" % (1e3 * start["torch"]["median"]), ""])
    head = ["%s, %d cores, batch 8, 80 steps" % (results["machine"]["processor"], cores), "nca",
            "PyTorch %s" % results["machine"]["torch"].rstrip("a0").rstrip("."),
            "ratio, median of pairs"]
    data, seconds = results["data"], sorted(one["seconds"] for one in results["quality"]["runs"])
    return {"table": table(head, rows),
            "whole": times(data["whole"]["ratio"]["median"]),
            "one": times(data["one"]["ratio"]["median"]),
            "sweep": times(data["sweep"]["ratio"]["median"]),
            "quality": "%.0f" % seconds[len(seconds) // 2]}
