"""Tables of what classifiers of MedMNIST do on test images: made by bench/figures.py from the files of
`nca benchmark-medmnist` and `nca evaluate`. Each number is the mean over the random seeds."""
import csv
import json
import statistics

SETS = {"breastmnist": "Breast", "retinamnist": "Retina", "pneumoniamnist": "Pneumonia",
        "adrenalmnist3d": "Adrenal, 2.5-D", "vesselmnist3d": "Vessel, 2.5-D"}
SEEDS = 5
FOLDER = "runs/diagnosis"
TABLE = "nca benchmark-medmnist --sets %s --seeds %d -o %s -q" % (",".join(SETS), SEEDS, FOLDER)
KINDS = {"rotation": "rotation", "noise": "noise", "blur": "blur", "contrast": "contrast",
         "lost-cells": "lost cells"}
TIMES = ("T/2", "T", "2T", "4T", "16T")
LEFT_OUT = (0.1, 0.2, 0.5)
# Trainings of BreastMNIST for an answer that stays, by the end of the name of their run.
STAYING = {"loss-steps": "--loss-steps 4", "carry": "--carry 0.5"}


def run_of(dataset, seed):
    return "%s/runs/data-medmnist-%s_seed%d" % (FOLDER, dataset, seed)


def all_runs():
    return [(dataset, seed) for dataset in SETS for seed in range(SEEDS)]


def evaluations():
    """The commands, by the name of what they write."""
    return {"%s-%d" % case: "nca evaluate %s --robustness --json %s-%d.json --plots %s-%d-plots -q"
            % (run_of(*case), *case, *case) for case in all_runs()}


def load(workshop, name):
    with open(workshop.path(name), encoding="utf-8") as file:
        return json.load(file)


class Found:
    """The evaluations of all runs."""

    def __init__(self, workshop):
        self.scores = {case: load(workshop, "%s-%d.json" % case) for case in all_runs()}
        self.robust = {case: load(workshop, "%s-%d-plots/robustness.json" % case)
                       for case in all_runs()}

    def mean(self, dataset, value):
        """The mean of `value(evaluation)` over the seeds."""
        return statistics.mean(value(self.scores[dataset, seed]) for seed in range(SEEDS))

    def corrupted(self, dataset, kind, score):
        """The mean of a score over the strengths of a corruption and the seeds."""
        return statistics.mean(row[score] for seed in range(SEEDS)
                               for row in self.robust[dataset, seed]["rows"] if row["kind"] == kind)


def rows_of(head, rows):
    return "\n".join(["| %s |" % " | ".join(head), "|---|" + "---:|" * (len(head) - 1)] +
                     ["| %s |" % " | ".join(row) for row in rows])


def both(auc, accuracy):
    return "%.3f / %.3f" % (auc, accuracy)


def scores_table(workshop):
    """The table of `nca benchmark-medmnist`, which has these rows first."""
    with open(workshop.path(FOLDER + "/table.md"), encoding="utf-8") as file:
        return "\n".join(line.rstrip() for line in file if line.startswith("|"))


def short_table(workshop):
    """For README: our scores beside the published ones of the 2-D sets."""
    with open(workshop.path(FOLDER + "/table.csv"), newline="", encoding="utf-8") as file:
        lines = list(csv.DictReader(file))
    def of(dataset, method):
        line = next(line for line in lines if line["set"] == dataset and line["method"] == method)
        return [float(line[key]) for key in ("auc", "accuracy", "auc_deviation",
                                             "accuracy_deviation", "parameters") if line[key]]

    rows = []
    for dataset in list(SETS)[:3]:
        auc, accuracy, auc_deviation, accuracy_deviation, parameters = of(dataset,
                                                                          "nca, mean of rollouts")
        rows.append([SETS[dataset] + "MNIST", "%.3f ± %.3f" % (auc, auc_deviation),
                     "%.3f ± %.3f" % (accuracy, accuracy_deviation),
                     both(*of(dataset, "ResNet-18 (28)")[:2]), "%d" % parameters])
    return rows_of(("test images", "AUC", "accuracy", "ResNet-18: AUC / accuracy", "our parameters"),
                   rows)


def steps_table(found):
    rows = []
    for dataset, title in SETS.items():
        row = [title]
        for i in range(len(TIMES)):
            row.append(both(found.mean(dataset, lambda one: one["over_steps"][i]["auc"]),
                            found.mean(dataset, lambda one: one["over_steps"][i]["accuracy"])))
        rows.append(row)
    return rows_of(("AUC / ACC after",) + TIMES, rows)


def corruption_table(found):
    rows = []
    for dataset, title in SETS.items():
        rows.append([title] + [both(found.corrupted(dataset, kind, "auc"),
                                    found.corrupted(dataset, kind, "accuracy"))
                               for kind in ("none", *KINDS, "size")])
    return rows_of(("AUC / ACC", "original") + tuple(KINDS.values()) + ("twice as large",), rows)


def trust_table(found):
    rows = []
    for dataset, title in SETS.items():
        row = [title, "%.3f" % found.mean(dataset, lambda one: one["scores"]["ece"]),
               "%.3f" % found.mean(dataset, lambda one: one["with_temperature"]["ece"]),
               "%.2f" % found.mean(dataset, lambda one: one["temperature"]),
               "%.3f" % found.mean(dataset, lambda one: one["scores"]["accuracy"])]
        for measure in ("entropy", "spread"):
            for share in LEFT_OUT:
                row.append("%.3f" % found.mean(dataset, lambda one: next(
                    level for level in one["coverage"] if level["left_out"] == share)[measure]))
        rows.append(row)
    return rows_of(("set", "ECE", "with a temperature", "temperature", "accuracy of all") +
                   tuple("%.0f %% left out, by %s" % (100 * share, measure)
                         for measure in ("entropy", "spread") for share in LEFT_OUT), rows)


def values(_, workshop):
    found = Found(workshop)
    return {"table": scores_table(workshop), "short": short_table(workshop),
            "steps": steps_table(found), "corruptions": corruption_table(found),
            "trust": trust_table(found)}


# ---- Every set, with made-up images -------------------------------------------------------------------

COSTS = "nca benchmark-medmnist --synthetic 256 --iterations 50 --seeds 1 --rollouts 2 --jobs 1 -o runs/costs -q"


def costs_values(_, workshop):
    """Without the scores, which mean nothing for images that are made up."""
    with open(workshop.path("runs/costs/table.md"), encoding="utf-8") as file:
        lines = [[cell.strip() for cell in line.strip().strip("|").split("|")]
                 for line in file if line.startswith("|")]
    head, rows = lines[0], lines[2:]
    kept = [head.index(name) for name in ("set", "parameters", "file", "an epoch", "memory", "an image")]
    return {"table": rows_of([head[i] for i in kept],
                             [[row[i].replace(" (made-up images)", "") for i in kept] for row in rows])}


# ---- Answers that stay ------------------------------------------------------------------------------


def staying_runs():
    """Titles and runs, the recipe first."""
    return [("recipe", "breast")] + [("`%s`" % options, "breast-" + name)
                                     for name, options in STAYING.items()]


def steps_commands():
    return {run: "nca evaluate runs/%s --split val --rollouts 16 --step-rollouts 16 --json steps-%s.json -q"
            % (run, run) for _, run in staying_runs()}


def staying_values(_, workshop):
    rows = []
    for title, run in staying_runs():
        over = load(workshop, "steps-%s.json" % run)["over_steps"]
        rows.append([title] + [both(one["auc"], one["accuracy"]) for one in over])
    return {"table": rows_of(("AUC / ACC after",) + TIMES, rows)}


# ---- Precision ------------------------------------------------------------------------------------


def probabilities(workshop, name):
    with open(workshop.path(name), newline="", encoding="utf-8") as file:
        return [float(value) for line in csv.DictReader(file)
                for key, value in line.items() if key.startswith("p_")]


def precision_values(_, workshop):
    fp32, int8 = (probabilities(workshop, name + ".csv") for name in ("fp32", "int8"))
    apart = [abs(a - b) for a, b in zip(fp32, int8)]
    rows = []
    for title, name, differences in (("fp32", "fp32", ("", "")),
                                     ("int8", "int8", ("%.4f" % statistics.mean(apart), "%.3f" % max(apart))),
                                     ("trained in bf16", "bf16", ("", ""))):
        scores = load(workshop, name + ".json")["scores"]
        rows.append([title] + ["%.4f" % scores[key] for key in ("auc", "accuracy", "log_loss")] +
                    list(differences))
    return {"table": rows_of(("BreastMNIST, test images", "AUC", "accuracy", "log loss",
                              "mean difference of the probabilities", "largest"), rows)}
