#!/usr/bin/env python3
"""The curves and the tables of docs/recipes.md, from run folders: the loss as a function of the work of a
training, and the results of `nca evaluate RUN --json RUN/evaluation.json`. Work is measured in
sample-steps: batch size times T, summed over the iterations. bench/figure_list.py lists the runs."""
import csv
import json
import os

import goals

TARGET_LOSS = 2.7e-4
WINDOW = 50
MOST_POINTS = 300  # of a curve


def setting(folder, key):
    with open(os.path.join(folder, "config.yaml"), encoding="utf-8") as file:
        return next(line.split(":", 1)[1].split()[0] for line in file if line.startswith(key + ":"))


def curve(folder):
    """Pairs (sample-steps, mean of the last losses) of each iteration from the 50th on."""
    batch = int(setting(folder, "batch_size"))
    work, losses, points = 0, [], []
    with open(os.path.join(folder, "metrics.csv"), newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            work += batch * int(row["steps"])
            losses = (losses + [float(row["loss"])])[-WINDOW:]
            if len(losses) == WINDOW:
                points.append((work, sum(losses) / WINDOW))
    return points


def thinned(points):
    step = max(1, len(points) // MOST_POINTS)
    return points[::step] + points[-1:]


def chart(curves, file, title):
    """The input of bench_draw for the chart."""
    return {"file": file, "kind": "lines", "log": True, "title": title,
            "x_name": "thousands of sample-steps", "y_name": "mean of the last 50 losses",
            "series": [{"name": name, "x": [point[0] * 1e-3 for point in thinned(points)],
                        "y": [point[1] for point in thinned(points)]} for name, points in curves],
            "levels": [{"name": goals.power(TARGET_LOSS) + ", the reference after 1000 iterations",
                        "value": TARGET_LOSS}]}


def small(loss):
    if loss is None or loss >= 100:
        return "diverges"
    return "%.5f" % loss if loss >= 5e-5 else "%.6f" % loss


def evaluated(folder):
    """The L2 loss after 80, 500 and 2000 steps, and the fraction of rollouts that stay alive."""
    with open(os.path.join(folder, "evaluation.json"), encoding="utf-8") as file:
        found = json.load(file)
    cells = [small(steps["L2"]["mean"]) for steps in found["rows"]]
    cells.append("%.0f %%" % (100 * found["rows"][-1]["surviving"]))
    return cells


def trained(folder):
    """The sample-steps needed to reach a loss of 2.7e-4, in thousands, and the final loss."""
    points = curve(folder)
    hit = next((work for work, loss in points if loss <= TARGET_LOSS), None)
    return ["%d" % round(hit / 1000) if hit else "\u2013", small(points[-1][1])]


def row(cells):
    return "| " + " | ".join(cells) + " |"
