#!/usr/bin/env python3
"""What was tried for the recipe `classify`: trains variants of it on sets of MedMNIST with several random
seeds, and scores each on the validation images. Test images are not looked at.

    python3 bench/classifiers.py [--full] [--variant NAME]... [--set NAME]... [--seeds N] [--jobs N]
    python3 bench/classifiers.py --list    lists what is there and what is missing
    python3 bench/classifiers.py --table   prints the tables of what is there

Every variant is trained for a quarter of the recipe's iterations. The promising ones (FINALISTS) are
trained in full with --full, on one more set.

It takes hours. It can be interrupted at any time: what is done is kept in
docs/figures/classifier-runs.json, and the same command continues. A run is done again when its training
would have other bits (tests/fixtures/digests.txt). `make figures ONLY=classifiers` makes the table of
docs/classification.md from that file."""
import argparse
import json
import statistics

import figures
from kept_runs import KeptRuns, add_options, open_workshop, seconds_of, work_all

RUNS = KeptRuns("classifier-runs.json")
ITERATIONS, FULL = 500, 2000
ROLLOUTS = 4
SETS = {"breastmnist": "Breast", "retinamnist": "Retina"}
FULL_SETS = {**SETS, "pneumoniamnist": "Pneumonia"}

# The search began with 128 hidden units: a variant has these options beside BEGUN.
BEGUN = "--hidden 128"
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
FINALISTS = {
    "as begun, in full": "",
    "hidden 64, in full": "--hidden 64",
}


def iterations_of(variant):
    return FULL if variant in FINALISTS else ITERATIONS


def name_of(variant, dataset, seed):
    return "%s/%s/%d" % (variant, dataset, seed)


def options_of(variant):
    options = {**VARIANTS, **FINALISTS}[variant]
    return options if "--hidden" in options else (BEGUN + " " + options).strip()


def training_of(variant, dataset, seed):
    import figure_list
    folder = "runs/classifiers-" + "".join(c if c.isalnum() else "-" for c in
                                           name_of(variant, dataset, seed))
    command = ("nca train --task classify --data medmnist:%s --iterations %d --seed %d --threads 1 %s "
               "-o %s -q" % (dataset, iterations_of(variant), seed, options_of(variant), folder))
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


def make(workshop, case):
    name, training = name_of(*case), training_of(*case)
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


def table(variants=tuple(VARIANTS), sets=None):
    done, sets = current(), sets or SETS
    rows = ["| variant | seeds | parameters | " + " | ".join(
        "%s: AUC | ACC | log loss" % title for title in sets.values()) + " |",
            "|---|---:|---:|" + "---:|" * (3 * len(sets))]
    for variant in variants:
        found = [[run for name, run in sorted(done.items()) if name.startswith("%s/%s/" % (variant, dataset))]
                 for dataset in sets]
        runs = sum(found, [])
        if not runs:
            continue
        sizes = sorted({run["parameters"] for run in runs})
        cells = [variant, str(max(len(of_set) for of_set in found)),
                 " / ".join("%d" % size for size in sizes)]
        for of_set in found:
            cells += [mean(of_set, key) for key in ("auc", "accuracy", "log_loss")]
        rows.append("| " + " | ".join(cells) + " |")
    return "\n".join(rows)


def full_table():
    return table(tuple(FINALISTS), FULL_SETS)


# ---- The command ----------------------------------------------------------------------------------


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--variant", action="append", choices=list(VARIANTS) + list(FINALISTS))
    parser.add_argument("--set", action="append", choices=list(FULL_SETS))
    parser.add_argument("--full", action="store_true", help="train the finalists in full")
    add_options(parser, 2)
    given = parser.parse_args()
    if given.table:
        print(table() + "\n\n" + full_table())
        return
    variants, sets = (FINALISTS, FULL_SETS) if given.full else (VARIANTS, SETS)
    done = current()
    cases = [(variant, dataset, seed + 1) for seed in range(given.seeds)
             for variant in given.variant or variants for dataset in given.set or sets]
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
