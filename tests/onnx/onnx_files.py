#!/usr/bin/python3
"""Compares ONNX files of the program with its own rollouts and predictions, on the same fire masks.

    /usr/bin/python3 tests/onnx/onnx_files.py NCA FOLDER EXAMPLE   (python3-onnx, python3-numpy)

A file of one step is run again and again, a file of a rollout once; both must agree with the program to
1e-5: every filter and boundary, learned filters, another step size, without alive masking, classifiers with every
read-out. onnx's checker accepts all files. EXAMPLE is the program of examples/classify.c."""
import os
import subprocess
import sys

import numpy as np

import onnx_evaluator

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "fixtures"))
from philox import fire_masks # noqa: E402

PROGRAM, FOLDER, EXAMPLE = sys.argv[1:4]
STEPS, BATCH, TOLERANCE = 24, 2, 1e-5


def path(name):
    return os.path.join(FOLDER, name)


def nca(*arguments):
    subprocess.run([PROGRAM] + [str(a) for a in arguments], check=True, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL)


def largest(what, here, there):
    difference = float(np.abs(here - there).max())
    print("%-44s largest difference %.2g, values up to %.3g" % (what, difference, np.abs(here).max()))
    assert here.shape == there.shape and difference <= TOLERANCE, what


def exported(run):
    nca("export", run, "-o", path("step.onnx"))
    nca("export", run, "-o", path("rollout.onnx"), "--rollout")


def check_growth(*settings):
    """A training of some iterations, so that every part of the network has weights."""
    run = path("run")
    nca("train", "--recipe", "fast", "--img-size", 10, "--padding", 3, "--iterations", 60, "--hidden", 16,
        "--n-channels", 8, "-o", run, "--overwrite", *settings)
    nca("rollout", run, "--steps", STEPS, "--every", STEPS, "--batch", BATCH, "-o", path("states.npz"))
    frames = np.load(path("states.npz"))["states"].transpose(0, 1, 4, 2, 3) # (frames,B,C,H,W)
    size = frames.shape[3:]
    fire = fire_masks(STEPS, BATCH, size, 0.5)
    exported(run)
    state = frames[0]
    for step in range(STEPS):
        state = onnx_evaluator.run(path("step.onnx"), state=state, fire=fire[step])["next_state"]
    what = " ".join(settings) or "as it is"
    largest(what, frames[-1], state)
    assert np.abs(frames[-1]).max() > 0.05 and (frames[-1] != frames[0]).any(), "nothing was compared"
    final = onnx_evaluator.run(path("rollout.onnx"), state=frames[0], fire=fire)["final_state"]
    largest(what + ", loop", frames[-1], final)


def check_classifier(source, *settings):
    run, image, data = path("votes"), path("image.npy"), path(source + ".npz")
    nca("data", "synth", source, "-o", data, "--count", "24,8,8")
    nca("train", "--task", "classify", "--data", data, "--iterations", 30, "--n-channels", 20, "--hidden", 16,
        "--steps-min", 8, "--steps-max", 8, "-o", run, "--overwrite", *settings)
    nca("evaluate", run, "--calibrated", path("calibrated.safetensors"), "--rollouts", 2)
    exported(path("calibrated.safetensors"))
    pixels = np.load(data)["test_images"][3]
    np.save(image, pixels)
    rollouts = 3
    out = subprocess.run([EXAMPLE, path("calibrated.safetensors"), image, str(rollouts)], check=True,
                         stdout=subprocess.PIPE, text=True).stdout
    here = np.array([float(line.split()[0]) for line in out.splitlines()])
    values = pixels.reshape(*pixels.shape[:2], -1).transpose(2, 0, 1)[None].astype(np.float32) / 255
    fire = fire_masks(8, rollouts, values.shape[2:], 0.5)
    there = onnx_evaluator.run(path("rollout.onnx"), image=values.repeat(rollouts, 0), fire=fire)
    what = source + " " + " ".join(settings)
    largest(what, here, there["probabilities"].mean(0))
    # The same step by step, from the state that the loop begins with: no step, so no mask.
    begin = onnx_evaluator.run(path("rollout.onnx"), image=values.repeat(rollouts, 0), fire=fire[:0])
    state = begin["final_state"]
    for step in range(8):
        found = onnx_evaluator.run(path("step.onnx"), state=state, fire=fire[step])
        state = found["next_state"]
    largest(what + ", steps", there["probabilities"], found["probabilities"])
    largest(what + ", scores", there["scores"], found["scores"])


def main():
    check_growth()
    for name in ("scharr", "gaussian", "laplacian", "mean"):
        check_growth("--filter", name)
    check_growth("--filter", "learned", "--filter-count", "3", "--step-size", "0.5")
    check_growth("--filter", "sobel", "--angle", "30", "--no-output-bias")
    for boundary in ("circular", "reflect", "replicate"):
        check_growth("--boundary", boundary, "--padding", "0")
    check_growth("--alive-channel", "-1")
    check_classifier("breastmnist")
    check_classifier("retinamnist", "--features", "6", "--readout", "max", "--boundary", "reflect")
    check_classifier("chestmnist", "--filter", "scharr", "--readout", "per-cell")


if __name__ == "__main__":
    main()
