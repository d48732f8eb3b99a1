#!/usr/bin/env python3
"""Draws the curves of trainings against the work they did and against their time, and prints what
`nca evaluate` says of them: the pictures and the table of docs/recipes.md.

    bench/recipes.py BENCH_DRAW OUT_FOLDER TITLE NAME=RUN_FOLDER...

A run folder may also hold evaluation.json, from `nca evaluate RUN_FOLDER --json
RUN_FOLDER/evaluation.json`. Work is counted in sample-steps: batch size times T, summed over the
iterations."""
import csv
import json
import os
import subprocess
import sys
import tempfile

TARGET_LOSS = 2.7e-4
WINDOW = 50
MOST_POINTS = 300  # of a curve


def setting(folder, key):
    with open(os.path.join(folder, "config.yaml"), encoding="utf-8") as file:
        return next(line.split(":", 1)[1].strip() for line in file if line.startswith(key + ":"))


def curve(folder):
    """(sample-steps, seconds, mean of the last losses) of each iteration from the 50th on."""
    batch = int(setting(folder, "batch_size"))
    work, losses, points = 0, [], []
    with open(os.path.join(folder, "metrics.csv"), newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            work += batch * int(row["steps"])
            losses = (losses + [float(row["loss"])])[-WINDOW:]
            if len(losses) == WINDOW:
                points.append((work, float(row["seconds"]), sum(losses) / WINDOW))
    return points


def thinned(points):
    step = max(1, len(points) // MOST_POINTS)
    return points[::step] + points[-1:]


def chart(curves, file, title, x_name, column, scale):
    return {"file": file, "kind": "lines", "log": True, "title": title, "x_name": x_name,
            "y_name": "mean of the last 50 losses",
            "series": [{"name": name, "x": [point[column] * scale for point in thinned(points)],
                        "y": [point[2] for point in thinned(points)]}
                       for name, points in curves],
            "levels": [{"name": "2.7e-4, the reference after 1000 iterations",
                        "value": TARGET_LOSS}]}


def row(name, folder, points):
    """One line of the table."""
    hit = next((work for work, _, loss in points if loss <= TARGET_LOSS), None)
    cells = [name, "%d" % round(hit / 1000) if hit else "not within %d" % round(points[-1][0] / 1000)]
    path = os.path.join(folder, "evaluation.json")
    if os.path.exists(path):
        with open(path, encoding="utf-8") as file:
            found = json.load(file)
        for steps in found["rows"]:
            mean = steps["L2"]["mean"]
            cells.append("%.5f" % mean if mean is not None and mean < 100 else "grows without end")
        cells.append("%.0f %%" % (100 * found["rows"][-1]["surviving"]))
        cells += ["%.0f %%" % (100 * shape["healed_share"]) for shape in found["healing"]]
    return "| " + " | ".join(cells) + " |"


def main():
    program, out, title = sys.argv[1:4]
    runs = [argument.split("=", 1) for argument in sys.argv[4:]]
    curves = [(name, curve(folder)) for name, folder in runs]
    stem = "recipes"
    charts = [chart(curves, stem + "-work.png", title + ": loss against work",
                    "thousands of sample-steps", 0, 1e-3),
              chart(curves, stem + "-time.png", title + ": loss against time", "seconds", 1, 1.0)]
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "charts.json")
        with open(path, "w", encoding="utf-8") as file:
            json.dump(charts, file)
        subprocess.run([program, path, out], check=True)
    for (name, folder), (_, points) in zip(runs, curves):
        print(row(name, folder, points))


main()
