"""The contents of the pictures of the page, drawn by bench/draw.c."""
from goals import classify_row, power, row_of

LABELS = {"train28": "training\n28×28", "infer28": "inference\n28×28",
          "train72-seed": "training\n72×72, seeds", "infer72-seed": "inference\n72×72, seed"}
CLASSIFIERS = {"classify32": "classifier\n32 channels", "classify16": "classifier\n16 channels"}


def column(spreads, key, scale=1.0):
    return [spread and spread[key] * scale for spread in spreads]


def bars(name, spreads, scale=1.0):
    return {"name": name, "values": column(spreads, "median", scale),
            "low": column(spreads, "low", scale), "high": column(spreads, "high", scale)}


def pytorch(results):
    cores = results["machine"]["cores"]
    rows = [row for row in (row_of(results, case, cores) for case in LABELS) if row]
    labels = [LABELS[row["case"]] for row in rows]
    for case in CLASSIFIERS:
        row = classify_row(results, case)
        if row:
            rows.append(row)
            labels.append(CLASSIFIERS[case])
    if results["precision"]["bf16"]:
        rows.append(results["precision"]["bf16"])
        labels.append("training, bf16\nagainst fp32")
    return {"file": "bench-pytorch.png", "kind": "bars", "digits": 1, "suffix": "×",
            "title": "How many times faster than PyTorch, %d threads each" % cores,
            "y_name": "nca / PyTorch, cell updates per second", "groups": labels,
            "series": [bars("median of the pairs, with the lowest and the highest",
                            [row["ratio"] for row in rows])],
            "levels": [{"name": "PyTorch", "value": 1}]}


def dense(results):
    names = {"hidden": "hidden", "output": "output", "dh": "gradient of\nhidden",
             "dp": "gradient of\nperception", "dW1": "gradient of\nW1", "dW2": "gradient of\nW2"}
    products = results["dense"]["products"]

    def series(name, key):
        triples = [product[key] for product in products]
        return {"name": name, "values": [t[0] for t in triples], "low": [t[1] for t in triples],
                "high": [t[2] for t in triples]}

    return {"file": "bench-dense.png", "kind": "bars", "digits": 0, "suffix": "",
            "title": "The update network's matrix products, one core",
            "y_name": "GFLOP/s", "groups": [names[product["name"]] for product in products],
            "series": [series("nca", "nca"), series("oneDNN " + results["dense"]["onednn"], "onednn"),
                       series("OpenBLAS " + results["dense"]["openblas"].split()[0], "openblas")],
            "levels": [{"name": "multiply-add peak, measured in the same run",
                        "value": results["dense"]["peak"]}]}


def threads(results):
    kinds = [("training", "train28"), ("inference", "infer28")]
    found = results["threads"]
    peak = [row["peak_gflop_per_second"]["median"] if "peak_gflop_per_second" in row else None
            for row in found["train28"]["rows"]]
    return {"file": "bench-threads.png", "kind": "bars", "digits": 0, "suffix": "",
            "title": "Useful arithmetic by number of threads, 28×28, batch 8",
            "y_name": "GFLOP/s",
            "groups": ["%d thread%s" % (n, "s" if n > 1 else "") for n in found["counts"]],
            "series": [bars(name, [row["gflop_per_second"] for row in found[case]["rows"]])
                       for name, case in kinds],
            "marks": [{"name": "multiply-add peak, measured in the same run", "values": peak}]}


def grids(results):
    series = []
    for name, kind in ("training", "train"), ("inference", "infer"):
        rows = [row for row in results["grids"] if row["kind"] == kind]
        series.append({"name": name, "points": True, "x": [row["side"] for row in rows],
                       "y": [row["gflop_per_second"]["median"] for row in rows]})
    peaks = [row["peak_gflop_per_second"]["median"] for row in results["grids"]
             if "peak_gflop_per_second" in row]
    levels = [{"name": "multiply-add peak", "value": max(peaks)}] if peaks else []
    return {"file": "bench-grids.png", "kind": "lines", "x_log": True,
            "title": "Useful arithmetic by size of the grid, every cell alive, %d threads"
                     % results["machine"]["cores"],
            "x_name": "side of the grid, cells", "y_name": "GFLOP/s", "series": series,
            "levels": levels}


def quality(results):
    found = results["quality"]
    runs = found["runs"][:1] + found["others"]
    return {"file": "bench-quality.png", "kind": "lines", "log": True,
            "title": "Loss by time: %s, 28×28, %d threads"
                     % (found["image"], results["machine"]["cores"]),
            "x_name": "seconds since the start of the program",
            "y_name": "L2 loss, mean of %d iterations" % found["window"],
            "series": [{"name": "recipe " + run["recipe"], "x": [point[0] for point in run["curve"]],
                        "y": [point[1] for point in run["curve"]]} for run in runs],
            "levels": [{"name": power(found["loss"]), "value": found["loss"]}]}


def charts(results):
    return [pytorch(results), dense(results), threads(results), grids(results), quality(results)]
