#!/usr/bin/env python3
"""What was tried for the recipe `classify`. Test images are not looked at.

    python3 bench/classifiers.py [--full] [--variant NAME]... [--set NAME]... [--seeds N] [--jobs N]
    python3 bench/classifiers.py --list    lists what is there and what is missing
    python3 bench/classifiers.py --table   prints the tables of what is there

Without --full, every variant is trained for a quarter of the recipe's iterations and scored on the
validation images: this shows how fast it learns. With --full, the promising ones (FINALISTS) are trained in
full and cross-validated: each on two thirds of the training and validation images, with the last third as
the images that score it, which take no part in its training.

It takes hours. It can be interrupted at any time: what is done is kept in
docs/figures/classifier-runs.json, and the same command continues. A run is done again when its training
would have other bits (tests/fixtures/digests.txt). `make figures ONLY=classifiers` makes the tables of
docs/classification.md from that file."""
import argparse
import json
import os
import shlex
import statistics
import subprocess

import figures
from diagnosis import rows_of
from kept_runs import KeptRuns, add_options, open_workshop, seconds_of, work_all

RUNS = KeptRuns("classifier-runs.json")
ITERATIONS, FULL = 500, 2000
ROLLOUTS = 4
SETS = {"breastmnist": "Breast", "retinamnist": "Retina"}

# The settings with which the search began. A variant has these beside its own.
BEGUN = {"--hidden": "128", "--brightness": "0", "--contrast": "0", "--noise": "0", "--label-smoothing": "0"}
VARIANTS = {
    "as begun": "",
    "sobel filters": "--filter sobel",
    "4 filters": "--filter-count 4",
    "8 filters": "--filter-count 8",
    "16 channels": "--n-channels 16",
    "48 channels": "--n-channels 48",
    "hidden 64": "--hidden 64",
    "hidden 256": "--hidden 256",
    "12 steps": "--steps-min 12 --steps-max 12",
    "48 steps": "--steps-min 48 --steps-max 48",
    "16 to 32 steps": "--steps-min 16 --steps-max 32",
    "read-out max": "--readout max",
    "read-out per-cell": "--readout per-cell",
    "24 features, dense layer": "--features 24",
    "boundary replicate": "--boundary replicate",
    "fire rate 0.75": "--fire-rate 0.75",
    "fire rate 1": "--fire-rate 1",
    "focal loss": "--class-loss focal",
    "label smoothing 0.1": "--label-smoothing 0.1",
    "balanced sampling": "--sampling balanced",
    "class weights inverse": "--class-weights inverse",
    "no shift": "--shift 0",
    "shift 4": "--shift 4",
    "mirror images": "--flip-x",
    "quarter turns": "--flip-x --turns",
    "brightness, contrast 0.2": "--brightness 0.2 --contrast 0.2",
    "noise 0.05": "--noise 0.05",
    "carry 0.5": "--carry 0.5",
    "batch 32": "--batch-size 32",
    "Adam": "--optimiser adam",
    "learning rate 1e-3": "--learning-rate 1e-3",
    "weight decay 0.1": "--weight-decay 0.1",
    "no average of the weights": "--average-decay 0",
    "average decay 0.995": "--average-decay 0.995",
}
SMALLER = "--hidden 64 "
AUGMENTED = SMALLER + "--brightness 0.1 --contrast 0.2 --noise 0.05 "
FINALISTS = {
    "as begun, in full": "",
    "64 hidden units": SMALLER,
    "64, weight decay 0.1": SMALLER + "--weight-decay 0.1",
    "64, loss at 4 steps": SMALLER + "--loss-steps 4",
    "64, mirror images": SMALLER + "--flip-x",
    "64, label smoothing 0.1": SMALLER + "--label-smoothing 0.1",
    "64, noise 0.05": SMALLER + "--noise 0.05",
    "64, brightness 0.1, contrast 0.2": SMALLER + "--brightness 0.1 --contrast 0.2",
    "64, brightness 0.1, contrast 0.2, noise 0.05": AUGMENTED,
    "64, brightness 0.2, contrast 0.3, noise 0.1": SMALLER + "--brightness 0.2 --contrast 0.3 --noise 0.1",
    "64, brightness 0.1, contrast 0.2, noise 0.05, weight decay 0.1": AUGMENTED + "--weight-decay 0.1",
    "64, brightness 0.1, contrast 0.2, noise 0.05, label smoothing 0.1 (recipe)":
        AUGMENTED + "--label-smoothing 0.1",
}
# The thirds of the images that score the finalists.
THIRDS = [("breastmnist", 1), ("breastmnist", 2), ("retinamnist", 1)]


def name_of(variant, dataset, seed):
    return "%s/%s/%d" % (variant, dataset, seed)


def options_of(variant):
    words = shlex.split({**VARIANTS, **FINALISTS}[variant])
    begun = [word for option, value in BEGUN.items() if option not in words for word in (option, value)]
    return " ".join(begun + words)


def fold_of(dataset, number):
    return "folds/%s-%d.npz" % (dataset, number)


def training_of(variant, dataset, seed):
    """A finalist has the seed 1, and `seed` is the number of its third, from 1."""
    import figure_list
    folder = "runs/classifiers-" + "".join(c if c.isalnum() else "-" for c in
                                           name_of(variant, dataset, seed))
    if variant in FINALISTS:
        source = "%s --iterations %d --seed 1 --validate-every %d" % (fold_of(dataset, seed), FULL, FULL)
    else:
        source = "medmnist:%s --iterations %d --seed %d" % (dataset, ITERATIONS, seed)
    command = ("nca train --task classify --data %s --threads 1 %s -o %s -q"
               % (source, options_of(variant), folder))
    return figure_list.Training(folder, command, (figure_list.CLASSIFY,))


def evaluation_of(training):
    return "nca evaluate %s --split val --rollouts %d --threads 1 -q --json -" % (training.folder, ROLLOUTS)


def key_of(name):
    variant, dataset, seed = name.split("/")
    if variant not in VARIANTS and variant not in FINALISTS:
        return None
    training = training_of(variant, dataset, int(seed))
    return figures.digest(figures.training_key(training) + evaluation_of(training))


def current():
    return RUNS.current(key_of)


def make_fold(workshop, dataset, number):
    """Two threads may write it at once, both the same."""
    out = workshop.path(fold_of(dataset, number))
    os.makedirs(os.path.dirname(out), exist_ok=True)
    if not os.path.exists(out):
        subprocess.run(["/usr/bin/python3", os.path.join(figures.ROOT, "bench", "folds.py"),
                        workshop.path("home/.medmnist/%s.npz" % dataset), out, str(number - 1)], check=True)


def make(workshop, case):
    name, training = name_of(*case), training_of(*case)
    if case[0] in FINALISTS:
        make_fold(workshop, *case[1:])
    workshop.train(training)
    scores = json.loads(workshop.run(evaluation_of(training)))["scores"]
    result = {"key": key_of(name), "seconds": seconds_of(workshop.path(training.folder)),
              "parameters": parameters_of(workshop, training.folder),
              "auc": round(scores["auc"], 4), "accuracy": round(scores["accuracy"], 4),
              "log_loss": round(scores["log_loss"], 4)}
    RUNS.keep(name, result)
    return result


def parameters_of(workshop, folder):
    return json.loads(workshop.run("nca info %s --json" % folder))["parameters"]


# ---- The table ------------------------------------------------------------------------------------


def mean(runs, key):
    return "%.3f" % statistics.mean(run[key] for run in runs) if runs else "–"


def scores_of(runs):
    return [mean(runs, key) for key in ("auc", "accuracy", "log_loss")]


def columns_of(titles):
    return [column for title in titles for column in (title + ": AUC", "ACC", "log loss")]


def table():
    """With runs of earlier versions too: it shows what was tried, not what this version would give."""
    done, rows = RUNS.load(), []
    for variant in VARIANTS:
        found = [[run for name, run in sorted(done.items()) if name.startswith("%s/%s/" % (variant, dataset))]
                 for dataset in SETS]
        runs = sum(found, [])
        if runs:
            sizes = sorted({run["parameters"] for run in runs})
            rows.append([variant, str(max(len(of_set) for of_set in found)),
                         " / ".join("%d" % size for size in sizes)] + sum(map(scores_of, found), []))
    return rows_of(["variant", "seeds", "parameters"] + columns_of(SETS.values()), rows)


def full_table():
    done, rows = current(), []
    for variant in FINALISTS:
        found = [[done[name] for name in [name_of(variant, *third)] if name in done] for third in THIRDS]
        if any(found):
            rows.append([variant] + sum(map(scores_of, found), []))
    titles = ["%s %d" % (SETS[dataset], number) for dataset, number in THIRDS]
    return rows_of(["variant"] + columns_of(titles), rows)


# ---- The command ----------------------------------------------------------------------------------


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--variant", action="append", choices=list(VARIANTS) + list(FINALISTS))
    parser.add_argument("--set", action="append", choices=list(SETS))
    parser.add_argument("--full", action="store_true", help="train the finalists in full")
    add_options(parser, 2)
    given = parser.parse_args()
    if given.table:
        print(table() + "\n\n" + full_table())
        return
    variants = FINALISTS if given.full else VARIANTS
    done = current()
    rounds = THIRDS if given.full else [(dataset, seed + 1) for seed in range(given.seeds) for dataset in SETS]
    cases = [(variant, *one) for one in rounds if one[0] in (given.set or SETS)
             for variant in given.variant or variants]
    missing = [case for case in cases if name_of(*case) not in done]
    if given.list:
        for case in cases:
            print("%-50s %s" % (name_of(*case), "missing" if case in missing else "done"))
        return
    workshop = open_workshop("classifiers", given.build)
    print("%d of %d runs are missing" % (len(missing), len(cases)), flush=True)

    def work(case):
        result = make(workshop, case)
        print("%-50s %5d s  AUC %.3f  ACC %.3f  log loss %.3f"
              % (name_of(*case), result["seconds"], result["auc"], result["accuracy"],
                 result["log_loss"]), flush=True)

    work_all(missing, work, given.jobs)
    print("`make figures ONLY=classifiers` puts the table into docs/classification.md")


if __name__ == "__main__":
    main()
