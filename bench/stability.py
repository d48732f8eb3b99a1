#!/usr/bin/env python3
"""How stable the recipes are: trains each recipe on each target in each experiment with several random
seeds, and measures how far a model drifts in 50,000 steps and how well it regenerates.

    python3 bench/stability.py [--target NAME]... [--experiment NAME]... [--recipe NAME]... [--seeds N] [--jobs N]
    python3 bench/stability.py --list    lists what is there and what is missing
    python3 bench/stability.py --table   prints the table of what is there

All of it takes days on two cores. It can be interrupted at any time: what is done is kept in
docs/figures/stability-runs.json, and the same command continues. A run is done again when its
training would have other bits (tests/fixtures/digests.txt). `make figures ONLY=stability` makes the table
of docs/recipes.md from that file."""
import argparse
import json
import math
import statistics

import figures
from kept_runs import KeptRuns, add_options, open_workshop, seconds_of, work_all

RUNS = KeptRuns("stability-runs.json")
FACE = "bench/face.png"

# Name, the words of the command, the side of the grid.
TARGETS = {
    "retina": ("medmnist:retinamnist/train/2", "", 28),
    "breast": ("medmnist:breastmnist/train/3", "", 28),
    "colour": ("medmnist:retinamnist/train/5", "", 28),
    "phantom": ("phantom", "--img-size 28 --padding 8 ", 44),
    "phantom40": ("phantom", "--img-size 40 --padding 16 ", 72),
    "face": (FACE, "--img-size 32 --padding 10 ", 52),
    "photo": ("photo.png", "--img-size 48 --padding 12 ", 72),
}
TITLES = {
    "retina": "retina 2, 28 px", "breast": "breast, 28 px", "colour": "retina 5, 28 px",
    "phantom": "phantom, 28 px, margin 8", "phantom40": "phantom, 40 px, margin 16",
    "face": "face with holes, 32 px, margin 10", "photo": "photo, 48 px, margin 12",
}
EXPERIMENTS = ("growing", "persistent", "regenerating")
RECIPES = ("robust", "fast", "distill")
SHAPES = ("circle", "half-plane", "square", "cells")
ROLLOUTS = 16

# What is asked of each model.
MEASURES = {
    "long": "--steps 80,500,2000,10000,50000 --damage-at 80",
    "late": "--steps 80 --damage-at 2000 --cuts 10",
    "large": "--steps 80,2000 --no-damage --size {large}",
    "slow": "--steps 80,2000 --no-damage --fire-rate 0.3",
    "full": "--steps 80,2000 --no-damage --fire-rate 1",
}


def name_of(target, experiment, recipe, seed):
    return "%s/%s/%s/%d" % (target, experiment, recipe, seed)


def training_of(target, experiment, recipe, seed):
    """As bench/figure_list.py describes a training."""
    import figure_list
    source, options, _ = TARGETS[target]
    folder = "runs/stability-" + name_of(target, experiment, recipe, seed).replace("/", "-")
    bits = [figure_list.BITS[recipe]] + ([figure_list.REGENERATING]
                                         if experiment == "regenerating" else [])
    return figure_list.Training(
        folder, "nca train --target %s %s--experiment %s --recipe %s --seed %d --threads 1 -o %s -q"
        % (source, options, experiment, recipe, seed, folder), tuple(bits))


def key_of(training, target):
    return figures.digest(figures.training_key(training) + json.dumps(commands_of(training, target)))


def key_of_name(name):
    target, experiment, recipe, seed = name.split("/")
    return key_of(training_of(target, experiment, recipe, int(seed)), target)


def commands_of(training, target):
    large = 2 * TARGETS[target][2]
    return {name: "nca evaluate %s --rollouts %d --threads 1 -q --json - %s"
                  % (training.folder, ROLLOUTS, options.format(large=large))
            for name, options in MEASURES.items()}


# ---- One run --------------------------------------------------------------------------------------


def rounded(value):
    return None if value is None else float("%.3g" % value)


def times(factor, value):
    return None if value is None else rounded(factor * value)


def loss_at(found, steps):
    """Mean L2; null where it is beyond all numbers."""
    row = next(row for row in found["rows"] if row["steps"] == steps)
    return rounded(row["L2"]["mean"])


def alive_at(found, steps):
    return next(row for row in found["rows"] if row["steps"] == steps)["surviving"]


def restored(found, cut):
    return [next(h for h in found["healing"] if h["shape"] == shape)["cuts"][cut]["restored_share"]
            for shape in SHAPES]


def measured(found):
    """What is kept of the evaluations of a model."""
    long, late = found["long"], found["late"]
    return {
        "L2": {str(steps): loss_at(long, steps) for steps in (80, 500, 2000, 10000, 50000)},
        "alive": {str(steps): alive_at(long, steps) for steps in (80, 10000, 50000)},
        "restored": restored(long, 0),
        "restored_late": restored(late, 0),
        "restored_tenth": restored(late, 9),
        "large": times(4, loss_at(found["large"], 2000)), # as many cells
        "fire_0.3": loss_at(found["slow"], 2000),
        "fire_1": loss_at(found["full"], 2000),
    }


def make(workshop, case):
    training = training_of(*case)
    result = {"key": key_of(training, case[0])}
    try:
        workshop.train(training)
        result["seconds"] = seconds_of(workshop.path(training.folder))
        result.update(measured({name: json.loads(workshop.run(command)) for name, command
                                in commands_of(training, case[0]).items()}))
    except figures.Failed as reason:
        if "training diverged" not in str(reason):
            raise
        result.update({"seconds": seconds_of(workshop.path(training.folder)), "failed": "diverged"})
    RUNS.keep(name_of(*case), result)
    return result


def current():
    """The runs of the file whose training would have the same bits today."""
    return RUNS.current(key_of_name)


# ---- The table ------------------------------------------------------------------------------------


def small(loss):
    if beyond(loss) >= 100:
        return "diverges"
    return "%.1e" % loss if loss < 1e-3 else "%.4f" % loss if loss < 0.1 else "%.2f" % loss


FAILED = {"L2": dict.fromkeys(("80", "500", "2000", "10000", "50000")),
          "alive": dict.fromkeys(("80", "10000", "50000"), 0.0),
          "restored": [0.0] * 4, "restored_late": [0.0] * 4, "restored_tenth": [0.0] * 4,
          "large": None, "fire_0.3": None, "fire_1": None}


def beyond(value):
    return math.inf if value is None else value


def worst(values):
    return max(beyond(value) for value in values)


def percent(values):
    return " / ".join("%.0f" % (100 * statistics.mean(column)) for column in zip(*values))


def row_of(target, experiment, recipe, runs):
    runs = [FAILED if "failed" in run else run for run in runs]
    stable = sum(beyond(run["L2"]["10000"]) < 1e-3 and run["alive"]["10000"] == 1.0 for run in runs)
    return [TITLES[target], experiment, "`%s`" % recipe, str(len(runs)),
            small(statistics.median(beyond(run["L2"]["80"]) for run in runs)),
            small(worst(run["L2"]["10000"] for run in runs)),
            small(worst(run["L2"]["50000"] for run in runs)),
            "%d of %d" % (stable, len(runs)),
            percent(run["restored"] for run in runs),
            percent(run["restored_late"] for run in runs),
            percent(run["restored_tenth"] for run in runs),
            small(worst(run["large"] for run in runs)),
            small(worst(run["fire_0.3"] for run in runs)),
            small(worst(run["fire_1"] for run in runs))]


HEAD = ("target", "experiment", "recipe", "seeds", "L2 at 80, median", "at 10,000, worst",
        "at 50,000, worst", "stable", "restored, cut at 80", "cut at 2000", "tenth cut",
        "grid twice as large", "fire rate 0.3", "fire rate 1")


def table():
    done = current()
    rows = ["| " + " | ".join(HEAD) + " |", "|---|---|---|" + "---:|" * (len(HEAD) - 3)]
    for target in TARGETS:
        for experiment in EXPERIMENTS:
            for recipe in RECIPES:
                prefix = "%s/%s/%s/" % (target, experiment, recipe)
                runs = [run for name, run in sorted(done.items()) if name.startswith(prefix)]
                if runs:
                    rows.append("| " + " | ".join(row_of(target, experiment, recipe, runs)) + " |")
    return "\n".join(rows)


def count():
    return str(len(current()))


def hours():
    """Of one core, all trainings together."""
    return "%.1f" % (sum(run["seconds"] for run in current().values()) / 3600)


def minutes(side):
    """Of one core, the fastest and the slowest training with the defaults on a grid of this side."""
    seconds = [run["seconds"] for name, run in current().items()
               if "/regenerating/robust/" in name and TARGETS[name.split("/")[0]][2] == side]
    return "%.0f to %.0f" % (min(seconds) / 60, max(seconds) / 60)


# ---- The command ----------------------------------------------------------------------------------


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--target", action="append", choices=list(TARGETS))
    parser.add_argument("--experiment", action="append", choices=EXPERIMENTS)
    parser.add_argument("--recipe", action="append", choices=RECIPES)
    add_options(parser, 8)
    given = parser.parse_args()
    cases = [(target, experiment, recipe, seed + 1)
             for seed in range(given.seeds)
             for target in given.target or TARGETS
             for experiment in given.experiment or EXPERIMENTS
             for recipe in given.recipe or RECIPES]
    if given.table:
        print(table())
        return
    done = current()
    missing = [case for case in cases if name_of(*case) not in done]
    if given.list:
        for case in cases:
            print("%-40s %s" % (name_of(*case), "missing" if case in missing else "done"))
        return
    workshop = open_workshop("stability", given.build)
    print("%d of %d runs are missing" % (len(missing), len(cases)), flush=True)

    def work(case):
        result = make(workshop, case)
        print("%-40s %5d s  %s" % (name_of(*case), result["seconds"], result.get("failed") or
                                   "L2 %s at 80, %s at 10,000; restored %s"
                                   % (small(result["L2"]["80"]), small(result["L2"]["10000"]),
                                      percent([result["restored"]]))), flush=True)

    work_all(missing, work, given.jobs)
    print("`make figures ONLY=stability` puts the table into docs/recipes.md")


if __name__ == "__main__":
    main()
