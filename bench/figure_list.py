"""The list of figures: the trainings that they need, the commands that generate them, and the parts of
the outputs that the pages show. bench/figures.py generates them."""
import csv
import json
import os
import struct
import subprocess
import zipfile
from collections import namedtuple

import classifiers
import diagnosis
import page
import recipes
import stability

DISTILL = ("train recipe=distill; experiment=persistent; filter=sobel; boundary=zero; loss=L2; "
           "injection=before; initialisation=glorot; optimiser=adam; schedule=step; "
           "precision=fp32; damage_shape=circle; damage_area=grid")
MEDMNIST = "train recipe=medmnist"
FAST = "train recipe=fast"
ROBUST = "train recipe=robust"
CLASSIFY = ("train recipe=classify; task=classify; padding=0; damage=0; n_channels=10; "
            "readout=mean; sampling=uniform; input_range=symmetric; class_loss=cross-entropy; "
            "class_weights=none")
REGENERATING = "train experiment=regenerating"
ROLLOUT = "rollout fp32"

Training = namedtuple("Training", "folder command bits")
# version: to be raised when `values` computes other values from the same outputs. bits: the lines of
# the list of digests that it depends on, in addition to those of its training runs.
Figure = namedtuple("Figure", "name trainings commands pictures values files version takes is_quick "
                    "bits")

TRAININGS = {}
FIGURES = []


def training(name, command, *bits, folder=None):
    TRAININGS[name] = Training(folder or "runs/" + name, command, bits)
    return name


def figure(name, takes, trainings=(), commands=None, pictures=None, values=None, files=(),
           version=1, is_quick=False, bits=()):
    FIGURES.append(Figure(name, tuple(trainings), commands or {}, pictures or {},
                          values or (lambda outputs, workshop: {}), tuple(files), version, takes,
                          is_quick, tuple(bits)))


def block(command, output):
    """A command and its output, as a page shows them."""
    return "```\n$ %s\n%s\n```" % (command, output.rstrip("\n"))


def mean_of(output, measure, column=0):
    """A mean in the table of `nca evaluate`. If several rows have the name, it is that of the first."""
    line = next(line for line in output.splitlines() if line.startswith(measure + " "))
    cells = [cell for cell in line[len(measure):].split("  ") if cell.strip()]
    return cells[column].split("±")[0].strip()


# ---- The demo -----------------------------------------------------------------------------------

DEMO = {
    "evaluate": "nca evaluate runs/demo --long -o evaluation.png --healing-plot healing.png",
    "turned": "nca evaluate runs/demo --angle 45 --no-damage --steps 80",
    "growth": "nca visualize runs/demo -o growth.gif",
    "hidden": "nca visualize runs/demo -o hidden.png --view hidden "
              "--filmstrip 8,24,60,120,130,240",
}
training("demo", "nca train --config configs/demo.yaml -o runs/demo", ROBUST)


def demo_values(outputs, _):
    return {"evaluate": block(DEMO["evaluate"], outputs["evaluate"]),
            "turned": block(DEMO["turned"], outputs["turned"]),
            "hidden": block(DEMO["hidden"], outputs["hidden"]),
            "l2": mean_of(outputs["evaluate"], "L2")}


figure("demo", "3 minutes", ["demo"], DEMO,
       {"growth.gif": "growth.gif", "evaluation.png": "evaluation.png",
        "healing.png": "healing.png", "hidden.png": "hidden.png"}, demo_values)

# ---- The committed model, images of a data set --------------------------------------------------

HEAD = {"evaluate": "nca evaluate examples/head.safetensors --rollouts 4 --steps 80,500,2000 "
                    "--no-damage",
        "info": "nca info examples/head.safetensors"}
figure("head", "5 seconds", (), HEAD, {},
       lambda outputs, _: {name: block(HEAD[name], outputs[name]) for name in HEAD},
       ["examples/head.safetensors"], is_quick=True)

# The sizes of its page; they depend on the sources of the page and on the tools that build it.
PAGE = {"fp32": "nca export examples/head.safetensors -o head.html",
        "int8": "nca export examples/head.safetensors --quantise int8 -o head-int8.html"}


def page_values(_, workshop):
    sizes = {name: os.path.getsize(workshop.path(command.split()[-1]))
             for name, command in PAGE.items()}
    return {name: "%.0f kB" % (size / 1000) for name, size in sizes.items()}


figure("page", "1 second", (), PAGE, {}, page_values, ["examples/head.safetensors"])

figure("breastmnist", "1 second", (),
       {"montage": "nca data montage breastmnist --class malignant --rows 4 --cols 8 --scale 2 "
                   "-o breastmnist.png"},
       {"breastmnist.png": "breastmnist.png"}, is_quick=True)

# ---- A retina with every setting of the article -------------------------------------------------

RETINA = {"evaluate": "nca evaluate runs/retina --no-damage",
          "half": "nca evaluate runs/retina/snapshots/001000.safetensors --no-damage "
                  "--steps 80"}
training("retina", "nca train --recipe distill --target medmnist:retinamnist/train/2 "
         "--snapshot-every 1000 -o runs/retina", DISTILL)
figure("retina", "4 minutes", ["retina"], RETINA, {}, lambda outputs, _: {
    "evaluate": block(RETINA["evaluate"], outputs["evaluate"]),
    "l2_1000": mean_of(outputs["half"], "L2"), "l2_2000": mean_of(outputs["evaluate"], "L2")})

# ---- The reimplementation's two files -----------------------------------------------------------

training("medmnist", "nca train --config configs/medmnist-train.yaml -o runs/medmnist", MEDMNIST)
REFERENCE = {"visualize": "nca visualize --config configs/medmnist-visualize.yaml"}
figure("reference", "2 minutes", ["medmnist"], REFERENCE, {},
       lambda outputs, _: {"visualize": block(REFERENCE["visualize"], outputs["visualize"])},
       ["configs/medmnist-visualize.yaml"])

# ---- int8 and fp32 ---------------------------------------------------------------------------

training("halfway", "nca train --config configs/medmnist-train.yaml --iterations 60 "
         "--model-path halfway.pt --ani-path halfway.gif -o runs/halfway", MEDMNIST)
INT8_MODELS = [("phantom40", "bench/phantom40.safetensors",
                "`bench/phantom40.safetensors`, 72×72", (80, 200, 500)),
               ("demo", "runs/demo", "the demo (`make demo`), 44×44, regenerating", (80, 500)),
               ("retina", "runs/retina", "retinamnist, 28×28, persistent", (80, 500)),
               ("halfway", "runs/halfway",
                "a half-trained image (`medmnist` recipe), 28×28", (80, 500))]
INT8_STEPS = 20  # between the frames that are saved


def floats(archive, name):
    """The shape of an array and its float32 values."""
    with archive.open(name + ".npy") as file:
        head = file.read(10)
        header = file.read(struct.unpack("<H", head[8:10])[0]).decode()
        shape = tuple(int(part) for part in
                      header.split("(")[1].split(")")[0].split(",") if part.strip())
        return shape, memoryview(file.read()).cast("f")


def int8_rows(name, title, steps, workshop):
    """L2 in both precisions, and the difference between them, over the RGBA of all cells."""
    archives = [zipfile.ZipFile(workshop.path("%s-%s.npz" % (name, precision)))
                for precision in ("fp32", "int8")]
    (frames, batch, height, width, channels), fp32 = floats(archives[0], "states")
    _, int8 = floats(archives[1], "states")
    _, target = floats(archives[0], "target")
    cells, rows = height * width, []
    for step in steps:
        frame = step // INT8_STEPS
        assert frame < frames
        squares, apart, largest = [0.0, 0.0], 0.0, 0.0
        for cell in range(batch * cells):
            at = (frame * batch * cells + cell) * channels
            for c in range(4):
                wanted = target[cell % cells * 4 + c]
                a, b = fp32[at + c], int8[at + c]
                squares[0] += (a - wanted) ** 2
                squares[1] += (b - wanted) ** 2
                apart += abs(a - b)
                largest = max(largest, abs(a - b))
        count = batch * cells * 4
        rows.append("| %s | %d | %.5f | %.5f | %.4f | %.3f |"
                    % (title if step == steps[0] else "", step, squares[0] / count,
                       squares[1] / count, apart / count, largest))
    return rows


def int8_values(_, workshop):
    rows = ["| model | steps | L2 in fp32 | L2 in int8 | mean difference | largest difference |",
            "|---|---|---|---|---|---|"]
    for name, _, title, steps in INT8_MODELS:
        rows += int8_rows(name, title, steps, workshop)
    return {"table": "\n".join(rows)}


figure("int8", "1 minute in addition to demo and retina", ["demo", "retina", "halfway"],
       {"%s-%s" % (name, precision): "nca rollout %s --steps 500 --every %d --batch 8 "
        "--precision %s -o %s-%s.npz -q" % (model, INT8_STEPS, precision, name, precision)
        for name, model, _, _ in INT8_MODELS for precision in ("fp32", "int8")},
       {}, int8_values, ["bench/phantom40.safetensors"])

# ---- A picture of one's own ---------------------------------------------------------------------

PHOTO = {"visualize": "nca visualize runs/photo -o photo.gif", "info": "nca info runs/photo"}
training("photo", "nca train --target photo.png -o runs/photo", ROBUST)


def photo_values(outputs, _):
    lines = [line for line in outputs["photo"].splitlines() if not line.startswith("time")]
    both = "\n".join("$ %s\n%s" % (PHOTO[name], outputs[name].rstrip("\n")) for name in PHOTO)
    return {"train": "```\n" + "\n".join(lines) + "\n```", "look": "```\n" + both + "\n```"}


figure("photo", "10 minutes", ["photo"], PHOTO, {}, photo_values)

# ---- The reimplementation's experiment ----------------------------------------------------------

SWEEP = ("nca sweep configs/medmnist-grid.yaml --target medmnist:breastmnist/train/4 "
         "--target medmnist:pneumoniamnist/val/6 --target medmnist:retinamnist/train/2 --seed 4 "
         "-o runs/experiment")
training("experiment", SWEEP + " -q", MEDMNIST, "train recipe=medmnist; experiment=regenerating")
# The reimplementation's published models of this retina image, run with its own code; mean of 8
# rollouts: L1 and L2 after 80 steps, L2 after 500.
THEIRS = {("Manhattan", "sobel"): ("0.0221", "0.00100", "0.00030"),
          ("L1", "sobel"): ("0.0189", "0.00074", "0.00014"),
          ("L2", "scharr"): ("0.0299", "0.00171", "0.00025"),
          ("L2", "sobel"): ("0.0262", "0.00130", "0.00028"),
          ("L2", "laplacian"): ("0.0698", "0.01069", "0.00967"),
          ("L2", "mean"): ("0.0935", "0.01656", "0.01251"),
          ("L2", "gaussian"): ("0.0957", "0.01952", "0.01692"),
          ("Hinge", "sobel"): ("0.1889", "0.05035", "0.03866")}


def experiment_values(_, workshop):
    with open(workshop.path("runs/experiment/summary.md"), encoding="utf-8") as file:
        table = "\n".join(line.rstrip() for line in file if line.startswith("|"))
    with open(workshop.path("runs/experiment/summary.csv"), newline="", encoding="utf-8") as file:
        runs = {(run["loss"], run["filter"]): run for run in csv.DictReader(file)
                if "retinamnist" in run["target_path"] and run["experiment"] == "persistent"}
    rows = ["| loss trained with | filter | L1 at 80 | its L1 | L2 at 80 | its L2 | L2 at 500 "
            "| its L2 |", "|---|---|---:|---:|---:|---:|---:|---:|"]
    for (loss, name), theirs in THEIRS.items():
        ours = [float(runs[loss, name][key]) for key in ("L1_80", "L2_80", "L2_500")]
        rows.append("| %s | %s | %.4f | %s | %.5f | %s | %.5f | %s |"
                    % (loss, name, ours[0], theirs[0], ours[1], theirs[1], ours[2], theirs[2]))
    return {"command": "```sh\n" + SWEEP + "\n```", "table": table, "beside": "\n".join(rows)}


figure("experiment", "25 minutes", ["experiment"], {},
       {"experiment.png": "runs/experiment/sheet.png"}, experiment_values)

# ---- Recipes ------------------------------------------------------------------------------------

BITS = {"robust": ROBUST, "fast": FAST, "distill": DISTILL, "medmnist": MEDMNIST}
TARGETS = {"retina": ("retina", "medmnist:retinamnist/train/2", ""),
           "breast": ("breast", "medmnist:breastmnist/train/3", ""),
           "chest": ("chest", "medmnist:pneumoniamnist/val/6", ""),
           "phantom": ("phantom, margin 8", "phantom", "--img-size 28 --padding 8 ")}
# The same work for all: 109 to 115 thousand sample-steps.
ITERATIONS = {"robust": 400, "fast": 1000, "distill": 175, "medmnist": 175}
SAME_WORK = [(target, recipe, seed) for target in ("retina", "breast", "chest", "phantom")
             for recipe, seeds in (("fast", 3), ("robust", 1), ("distill", 1), ("medmnist", 1))
             for seed in range(1, seeds + 1)]


def recipe_run(target, recipe, seed):
    name = "recipes-%s-%s-%d" % (target, recipe, seed)
    _, source, options = TARGETS[target]
    return training(name, "nca train --target %s %s--experiment persistent --recipe %s --seed %d "
                    "--iterations %d -o runs/%s -q"
                    % (source, options, recipe, seed, ITERATIONS[recipe], name), BITS[recipe])


WORK_RUNS = [recipe_run(*run) for run in SAME_WORK]
WORK_COMMANDS = {name: "nca evaluate runs/%s --rollouts 16 --no-damage --json runs/%s/evaluation.json -q"
                 % (name, name) for name in WORK_RUNS}


def recipe_values(_, workshop):
    def reached(*targets):
        """The sample-steps that `fast` needs, in thousands, from the lowest to the highest."""
        hits = [recipes.trained(workshop.path("runs/" + name))[0]
                for name, (target, recipe, _) in zip(WORK_RUNS, SAME_WORK)
                if recipe == "fast" and target in targets]
        known = sorted(int(hit) for hit in hits if hit.isdigit())
        return "%d to %d" % (known[0], known[-1]) if known else "\u2013"

    rows = ["| target | recipe, seed | 2.7e-4 after, thousands | loss at the end | L2, 80 steps "
            "| 500 | 2000 | alive |", "|---|---|---|---|---|---|---|---|"]
    for name, (target, recipe, seed) in zip(WORK_RUNS, SAME_WORK):
        folder = workshop.path("runs/" + name)
        rows.append(recipes.row([TARGETS[target][0], "`%s`, %d" % (recipe, seed)] +
                                recipes.trained(folder) + recipes.evaluated(folder)))
    chart = recipes.chart([(recipe, recipes.curve(workshop.path("runs/recipes-retina-%s-1" % recipe)))
                           for recipe in ("fast", "robust", "distill")], "recipes-work.png",
                          "Retina, 28×28: loss against work")
    with open(workshop.path("charts.json"), "w", encoding="utf-8") as file:
        json.dump([chart], file)
    subprocess.run([os.path.join(workshop.tools, "bench_draw"), workshop.path("charts.json"),
                    workshop.place], check=True)
    return {"table": "\n".join(rows), "retina": reached("retina"),
            "opaque": reached("retina", "breast", "chest")}


figure("recipes", "15 minutes", WORK_RUNS, WORK_COMMANDS,
       {"recipes-work.png": "recipes-work.png"}, recipe_values)

# ---- Stability: what bench/stability.py has measured --------------------------------------------

figure("stability", "1 second", (), {}, {}, lambda outputs, workshop: {
    "table": stability.table(), "hours": stability.hours(), "runs": stability.count(),
    "minutes72": stability.minutes(72)},
       ["docs/figures/stability-runs.json", "bench/stability.py"], is_quick=True,
       bits=[BITS[recipe] for recipe in stability.RECIPES] + [REGENERATING])

# ---- Classifiers: what bench/classifiers.py has measured ------------------------------------------

figure("classifiers", "1 second", (), {}, {}, lambda outputs, workshop: {
    "table": classifiers.table(), "full": classifiers.full_table()},
       ["docs/figures/classifier-runs.json", "bench/classifiers.py"], is_quick=True, bits=[CLASSIFY])

# ---- A classifier of BreastMNIST, and the table over sets of MedMNIST --------------------------------

BREAST = {
    "evaluate": "nca evaluate runs/breast",
    "predict": "nca predict runs/breast medmnist:breastmnist/test/6",
    "votes": "nca visualize runs/breast --data medmnist:breastmnist/test/6 -o votes.png",
}
training("breast", "nca train --task classify --data medmnist:breastmnist -o runs/breast", CLASSIFY)
figure("breast", "4 minutes", ["breast"], BREAST, {"votes.png": "votes.png"},
       lambda outputs, _: {name: block(BREAST[name], outputs[name])
                           for name in ("evaluate", "predict")})

# int8: of the same model; bf16: of a training in that precision.
PRECISIONS = {
    "fp32": "nca evaluate runs/breast --json fp32.json --predictions fp32.csv -q",
    "int8": "nca evaluate runs/breast --precision int8 --json int8.json --predictions int8.csv -q",
    "bf16": "nca evaluate runs/breast-bf16 --json bf16.json -q",
}
training("breast-bf16", "nca train --task classify --data medmnist:breastmnist --precision bf16 "
         "-o runs/breast-bf16", CLASSIFY)
figure("class-precision", "4 minutes in addition to breast", ["breast", "breast-bf16"], PRECISIONS, {},
       diagnosis.precision_values)

for name, options in diagnosis.STAYING.items():
    training("breast-" + name, "nca train --task classify --data medmnist:breastmnist %s -o runs/breast-%s -q"
             % (options, name), CLASSIFY)
figure("class-steps", "4 minutes in addition to breast",
       ["breast"] + ["breast-" + name for name in diagnosis.STAYING], diagnosis.steps_commands(), {},
       diagnosis.staying_values)

training("diagnosis", diagnosis.TABLE, CLASSIFY, folder=diagnosis.FOLDER)
figure("diagnosis", "2 hours", ["diagnosis"], diagnosis.evaluations(),
       {"diagnosis.png": diagnosis.FOLDER + "/table.png"}, diagnosis.values)

PROFILE = ("nca train --task classify --data medmnist:breastmnist --iterations 200 --profile "
           "-o runs/profile -q")
training("profile", PROFILE, CLASSIFY)
figure("profile", "30 seconds, on an idle machine", ["profile"], {}, {}, lambda outputs, _: {
    "table": block(PROFILE, outputs["profile"][outputs["profile"].index("parts of"):])})

training("costs", diagnosis.COSTS, CLASSIFY)
figure("costs", "5 minutes", ["costs"], {}, {}, diagnosis.costs_values)

# ---- What `make bench` has measured --------------------------------------------------------------

BENCH = "docs/figures/bench-results.json"


def bench_values(outputs, workshop):
    root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    with open(os.path.join(root, BENCH), encoding="utf-8") as file:
        return page.readme(json.load(file))


figure("bench", "1 second", (), {}, {}, bench_values, [BENCH, "bench/page.py"], is_quick=True)
