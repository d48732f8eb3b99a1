"""Writes docs/benchmarks.md out of a measurement's results. Measures nothing."""
import goals
from goals import power, times

CASES = {
    "train28": "training, 28×28, every cell alive",
    "infer28": "inference, 28×28, every cell alive",
    "train72-seed": "training, 72×72, growing from seeds",
    "infer72-seed": "inference, 72×72, growing from a seed",
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
    """Of other runs only the medians stand beside."""
    others = [goals.goals(other) for other in results.get("others", [])]
    head = ["work", "goal", "bar", "measured (lowest..highest)", "reached"]
    rows = [[g.work, g.plain(g.goal), g.plain(g.bar), g.measured(), g.reached()]
            for g in goals.goals(results)]
    if others:
        head.append("in other runs")
        for i, row in enumerate(rows):
            row.append(", ".join(other[i].middle() for other in others))
    text = table(head, rows)
    return text + ("\n\nThe last column has the medians of further runs of the same command, one after "
                   "the other." if others else "")


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
                   else "not within %.0f s; %s then" % (one["last"][1], power(one["last"][2])))
        count = one["iterations"] if one["iterations"] is not None else one["last"][0]
        rows.append([one["recipe"], str(one["seed"]), reached, str(count)])
    return table(["recipe", "seed", "mean loss %s reached after" % power(found["loss"]), "iterations"], rows)


def busy_table(results):
    if results["busy"] is None:
        return "This machine has one core."
    return table(["training, 28×28, %d threads" % results["machine"]["cores"],
                  "takes longer by (lowest..highest pair)"],
                 [["nca", with_spread(results["busy"]["ours"], times)],
                  ["PyTorch", with_spread(results["busy"]["theirs"], times)]])


def start_table(results):
    start, memory = results["start"], results["memory"]
    peer = goals.row_of(results, "train28", results["machine"]["cores"])
    form = goals.milliseconds
    return table(["", "nca", "compared with"], [
        ["peak memory of a 28×28 training, pool of 1024 full",
         "%.0f MB, %.0f MB of it the pool" % (memory["whole"] / 1e6, memory["pool"] / 1e6),
         "PyTorch %.0f MB" % (peer["theirs"]["peak_bytes"] / 1e6)],
        ["start and end of a process", "`nca --version` " + with_spread(start["nca"], form),
         "`import torch` %.0f ms; `/bin/true` %s" % (1e3 * start["torch"]["median"],
                                                     form(start["true"]["median"]))],
        ["loading a model", with_spread(start["load"], form), ""],
        ["loading a model, a rollout of it, its first step", with_spread(start["first_step"], form),
         ""]])


def data_table(results):
    data = results["data"]
    form = lambda value: "%.2f ms" % (1e3 * value)
    rows = [[work % data["what"] if "%s" in work else work, form(data[key]["ours"]["median"]),
             "`numpy.load` " + form(data[key]["theirs"]["median"]), ratio(data[key]["ratio"])]
            for work, key in (("all arrays of %s", "whole"), ("one image of it by its index", "one"))]
    rows.append(["`nca data montage` of it, the whole process",
                 "%.0f ms" % (1e3 * data["montage"]["median"]), "", ""])
    rows.append(["`nca sweep`, 4 small runs, %d cores" % results["machine"]["cores"],
                 "%.1f s" % data["sweep"]["ours"]["median"],
                 "one after the other, 1 thread: %.1f s" % data["sweep"]["theirs"]["median"],
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


PAGE = """# Benchmarks

Written by `make bench` from its own measurement; run it to get your machine's figures. `nca bench`
measures nca alone, for every kernel set and more cases ([commands.md](commands.md)).

{processor}, {cores} cores, kernel set {best_kernels}, nca {version} built with {compiler}; PyTorch
{torch}, oneDNN {onednn}, OpenBLAS {openblas}; {date}.{quiet}

{goals}

The goals are those that the work on speed was given; a bar is the least that was to be reached. Medians
of {pairs} pairs (at most 3 on 512×512 and for PyTorch beside a busy core): what is compared runs by
turns, and a ratio is taken pair by pair, so that a machine whose speed drifts favours neither side. The
lowest and the highest pair stand beside the median. Starts and first steps: {starts} of each.

## nca and PyTorch on the same work

![How many times faster than PyTorch](images/bench-pytorch.png)

C 16, N 128, sobel, fire rate 0.5, batch 8, 80 steps. Training is pool sampling, rollout, L2 loss,
backward pass and Adam; nca also sorts its batch by loss and normalises the gradient. Where every cell
is alive there is no alive mask on either side. Where growth starts from the seed, both run the model
`bench/phantom40.safetensors` on its 72×72 grid; in training one sample of the batch is the seed and
seven have grown. The share of living cells came out as {shares}; the work is the same when they agree.

A cell update is one cell in one step, on both sides, whether it was computed or rightly skipped.
GFLOP/s counts the arithmetic of living cells that fire only (8,192 multiply-adds forward, 30,720 with
the backward pass), and its share is that of the multiply-add peak measured in the same run. The 30,720
have the hidden layer twice, as if the backward pass computed it again; nca keeps what fits into 14 MB a
sample and computes the rest ([performance.md](performance.md)), so that it does less than it is given here.

{pytorch}

`bench/pytorch_growing.py` has seven ways to write the step (`--check` compares what they give);
denormals are flushed, and PyTorch's matrix products are OpenBLAS's. They were timed for each case and
number of threads, and the fastest, in bold, is what nca is compared with. Seconds for 80 steps (–: given
up, at many times the best so far):

{selection}

## The matrix products alone

![The update network's matrix products](images/bench-dense.png)

The six products of the update network for {cells} cells, forward and backward, without bias, ReLU and
gate, on one core, by turns in one process: GFLOP/s, and the share of the peak of multiply-adds,
{peak:.0f} GFLOP/s. nca multiplies {chunk} cells at a time, as in training, and adds every sum up in one
order, so that its bits are the same everywhere; oneDNN and OpenBLAS get all cells at once and sum as
they like. oneDNN may choose how the weights lie.

{dense}

## Threads

![Useful arithmetic by number of threads](images/bench-threads.png)

28×28, batch 8, every cell alive{gains}.

{threads}

While another program keeps one core busy (it is pinned there; nca and PyTorch are not pinned):

{busy}

## Size of the grid

![Useful arithmetic by size of the grid](images/bench-grids.png)

Every cell alive, {cores} threads. From 256×256 on it is one sample of 96 steps, and training (experiment
growing) keeps within 512 MB, 1024×1024 within 2 GB: where the states do not fit, they are computed again.
MB is the largest resident set of the process.

{grids}

## Time to a loss

![Loss by time](images/bench-quality.png)

`nca train` on {image}, 28×28, padding 0, from the start of the process until the mean of the last
{window} losses is at most {loss}.

{quality}

## Memory and start

{start}

Memory is the largest resident set of `nca train` over 40 iterations of 95 steps with every cell alive,
checkpoints and pictures included; its pool has 16 slots, and the rest of a pool of 1024 is added.
PyTorch's is that of the process behind the first line of its table. The first step is taken inside a fresh process
that is linked with libnca (`bench/first_step.c`).

## Reading and sweeping

{data}

Both readers open the file anew each time and unpack with zlib; nca stops behind the image that is
asked for.

## Again

    make bench                                  # this page and its pictures, in about 20 minutes
    make bench QUICK=yes                        # the same in 2 minutes, into build/bench/quick: to try
    nca bench                                   # nca alone
    /usr/bin/python3 bench/pytorch_growing.py   # PyTorch alone
    /usr/bin/python3 bench/run.py --page build/bench/results.json   # the page again, nothing measured
"""


def busy_machine(results):
    """What the page says when the machine had something else to do."""
    load = results["load"]
    return "" if load < 0.5 else (" **The machine was not quiet: its load was %.1f when the "
                                  "measurement began.**" % load)


def gains(results):
    found = results["threads"]
    if found["train28"]["gain"] is None:
        return ""
    return "; from one thread to two training gains %s, inference %s" % tuple(
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
        selection=selection_table(results), cells=dense["cells"], chunk=dense["chunk"], peak=dense["peak"],
        dense=dense_table(results), gains=gains(results), threads=thread_table(results),
        busy=busy_table(results), grids=grid_table(results), image=quality["image"],
        window=quality["window"], loss=power(quality["loss"]), quality=quality_table(results),
        start=start_table(results), data=data_table(results))
