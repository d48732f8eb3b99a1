#!/usr/bin/python3
"""Compares the program with PyTorch, both ways, step by step on the same fire masks.

    /usr/bin/python3 tests/model/pytorch_round_trip.py NCA FOLDER EXAMPLE   (python3-torch, python3-numpy)

For every filter, at fire rates 0.5 and 1: a state dict saved by PyTorch is converted and run here;
the converted file is written back, loaded with weights_only=True and load_state_dict(strict=True),
and run there. So do models with learned filters, of one to eight maps, and in every form that their
kernels can have. Models that the program trained go to PyTorch as well. The states of all rollouts
must agree to 1e-5. Classifiers that the program trained run in the module of examples/classify.py, whose
probabilities must be those of EXAMPLE, the program of examples/classify.c. Masks come from Philox, as tests/fixtures/make_gradients.py draws them.
"""
import inspect
import os
import subprocess
import sys

import numpy as np
import torch
import torch.nn.functional as F

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "fixtures"))
import make_gradients # noqa: E402

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "examples"))
import classify # noqa: E402

PROGRAM, FOLDER, EXAMPLE = sys.argv[1:4]
STEPS, EVERY, BATCH, TOLERANCE = 40, 10, 2, 1e-5


class Reference(torch.nn.Module):
    """The PyTorch reimplementation's automaton; its fire masks are handed in."""

    def __init__(self, channels, hidden, filter_name, bias=False):
        super().__init__()
        self.channels = channels
        x, y = make_gradients.filter_pair({"filter": filter_name, "angle": 0})
        identity = torch.zeros(3, 3)
        identity[1, 1] = 1
        kernel = torch.stack([identity, x.float(), y.float()])
        # Grouped by channel: output c*K + k is filter k of channel c.
        self.kernel = kernel.repeat(channels, 1, 1)[:, None]
        self.update_module = torch.nn.Sequential(
            torch.nn.Conv2d(3 * channels, hidden, 1), torch.nn.ReLU(),
            torch.nn.Conv2d(hidden, channels, 1, bias=bias))

    def alive(self, x):
        return F.max_pool2d(x[:, 3:4], 3, stride=1, padding=1) > 0.1

    def forward(self, x, fire):
        before = self.alive(x)
        perception = F.conv2d(x, self.kernel, padding=1, groups=self.channels)
        x = x + self.update_module(perception) * fire
        return x * (before & self.alive(x))


def rollout_there(model, height, width, rate):
    """(frames, B, H, W, C) from the seed, as the program's `nca rollout` saves them."""
    case = {"H": height, "W": width, "B": BATCH, "iteration": 0, "seed": 0, "fire_rate": rate}
    x = torch.zeros(BATCH, model.channels, height, width)
    x[:, 3:, height // 2, width // 2] = 1
    frames = [x]
    with torch.no_grad():
        for step in range(STEPS):
            x = model(x, make_gradients.fire_mask(case, step).float())
            if (step + 1) % EVERY == 0:
                frames.append(x)
    return torch.stack(frames).permute(0, 1, 3, 4, 2).numpy()


def nca(*arguments):
    subprocess.run([PROGRAM] + [str(a) for a in arguments], check=True, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL)


def rollout_here(path, rate):
    states = os.path.join(FOLDER, "states.npz")
    nca("rollout", path, "--steps", STEPS, "--every", EVERY, "--batch", BATCH, "--fire-rate", rate,
        "-o", states)
    return np.load(states)["states"]


def load(path):
    """As a careful user would: without running code, where this PyTorch can say so."""
    careful = "weights_only" in inspect.signature(torch.load).parameters
    return torch.load(path, **({"weights_only": True} if careful else {}))


def compare(what, here, there):
    assert here.shape == there.shape, (what, here.shape, there.shape)
    difference = float(np.abs(here - there).max())
    alive = float((there[-1][..., 3] > 0.1).mean())
    print("%-44s largest difference %.2g, %2.0f%% alive, values up to %.3g"
          % (what, difference, 100 * alive, np.abs(there).max()))
    assert difference <= TOLERANCE, what
    assert alive > 0.02, "everything died: nothing was compared"


def random_model(filter_name, bias):
    """Weights that make it grow for some steps and stay bounded."""
    model = Reference(8, 24, filter_name, bias)
    with torch.no_grad():
        model.update_module[0].weight.uniform_(-0.3, 0.3)
        model.update_module[0].bias.uniform_(-0.1, 0.1)
        model.update_module[2].weight.uniform_(-0.05, 0.05)
        model.update_module[2].weight[3].abs_() # alpha rises
    return model


def check_filter(filter_name, bias):
    torch.manual_seed(20)
    model = random_model(filter_name, bias)
    theirs, ours, back = (os.path.join(FOLDER, name) for name in ("a.pt", "a.safetensors", "b.pt"))
    torch.save(model.state_dict(), theirs)
    nca("convert", theirs, ours, "--filter", filter_name, "--img-size", 18)
    nca("convert", ours, back)
    state = load(back)
    for name, tensor in model.state_dict().items():
        assert torch.equal(state[name], tensor), name
    again = Reference(8, 24, filter_name, bias)
    again.load_state_dict(state, strict=True)
    for rate in (0.5, 1.0):
        there = rollout_there(again, 18, 18, rate)
        compare("%s%s, fire rate %g" % (filter_name, " and bias" if bias else "", rate),
                rollout_here(ours, rate), there)


class Learned(torch.nn.Module):
    """A perception that is trained: a convolution grouped by channel. The identity is its first map,
    or the state itself before its outputs ("after"), or missing."""

    def __init__(self, channels, hidden, filters, identity="first"):
        super().__init__()
        self.identity = identity
        maps = filters + (identity == "first")
        self.perception = torch.nn.Conv2d(channels, maps * channels, 3, padding=1, groups=channels,
                                          bias=False)
        self.update_module = torch.nn.Sequential(
            torch.nn.Conv2d((filters + (identity != "missing")) * channels, hidden, 1),
            torch.nn.ReLU(), torch.nn.Conv2d(hidden, channels, 1))
        self.channels = channels
        with torch.no_grad():
            if identity == "first":
                self.perception.weight[::maps] = 0
                self.perception.weight[::maps, 0, 1, 1] = 1
            self.update_module[0].weight.uniform_(-0.1, 0.1)
            self.update_module[2].weight.uniform_(-0.03, 0.03)
            self.update_module[2].bias[3] = 0.05 # alpha rises

    def forward(self, x, fire):
        alive = Reference.alive
        before = alive(self, x)
        perceived = self.perception(x)
        if self.identity == "after":
            perceived = torch.cat([x, perceived], 1)
        x = x + self.update_module(perceived) * fire
        return x * (before & alive(self, x))


def check_learned(filters, identity):
    torch.manual_seed(22 + filters)
    model = Learned(8, 24, filters, identity)
    theirs, ours, back, again = (os.path.join(FOLDER, name) for name in
                                 ("a.pt", "a.safetensors", "b.pt", "b.safetensors"))
    torch.save(model.state_dict(), theirs)
    nca("convert", theirs, ours, "--img-size", 18)
    nca("convert", ours, back)
    state = load(back)
    if identity == "first": # the same form: to the bit
        for name, tensor in model.state_dict().items():
            assert torch.equal(state[name], tensor), name
    nca("convert", back, again, "--img-size", 18)
    with open(ours, "rb") as first, open(again, "rb") as second:
        assert first.read() == second.read(), "converted there and back"
    rebuilt = Learned(8, 24, filters)
    rebuilt.load_state_dict(state, strict=True)
    for rate in (0.5, 1.0):
        here = rollout_here(ours, rate)
        what = "%d learned, identity %s, fire rate %g" % (filters, identity, rate)
        compare(what, here, rollout_there(model, 18, 18, rate))
        compare("written back", here, rollout_there(rebuilt, 18, 18, rate))


class Other(torch.nn.Module):
    """Another code's automaton: cat(x, dx, dy), Sobel that is not divided, any padding, linear layers."""

    def __init__(self, channels, hidden, mode):
        super().__init__()
        self.channels, self.mode = channels, mode
        self.sobel = torch.tensor([[-1., 0., 1.], [-2., 0., 2.], [-1., 0., 1.]])
        self.fc0 = torch.nn.Linear(3 * channels, hidden)
        self.fc1 = torch.nn.Linear(hidden, channels, bias=False)

    def filtered(self, x, kernel):
        around = F.pad(x, (1, 1, 1, 1), mode=self.mode)
        return F.conv2d(around, kernel.repeat(self.channels, 1, 1)[:, None], groups=self.channels)

    def alive(self, x):
        return F.max_pool2d(F.pad(x[:, 3:4], (1, 1, 1, 1), mode=self.mode), 3, stride=1) > 0.1

    def forward(self, x, fire):
        before = self.alive(x)
        y = torch.cat([x, self.filtered(x, self.sobel), self.filtered(x, self.sobel.t())], 1)
        y = self.fc1(torch.relu(self.fc0(y.permute(0, 2, 3, 1)))).permute(0, 3, 1, 2)
        x = x + y * fire
        return x * (before & self.alive(x))


def check_other(mode):
    """The options say what its state dict does not; with its kernels in the file, fewer have to."""
    torch.manual_seed(21)
    model = Other(8, 24, mode)
    with torch.no_grad():
        model.fc0.weight.uniform_(-0.1, 0.1)
        model.fc1.weight.uniform_(-0.05, 0.05)
        model.fc1.weight[3].abs_()
    path, kernels, ours = (os.path.join(FOLDER, name) for name in ("o.pt", "k.pt", "o.safetensors"))
    torch.save({"epoch": 3, "weights": model.state_dict()}, path)
    torch.save({"dx": model.sobel, "dy": model.sobel.t().contiguous(), **model.state_dict()}, kernels)
    for rate in (0.5, 0.8):
        there = rollout_there(model, 18, 18, rate)
        nca("convert", path, ours, "--img-size", 18, "--filter", "sobel", "--column-order", "filter",
            "--filter-scale", 1, "--boundary", mode, "--fire-rate", rate)
        compare("another code's, %s, rate %g" % (mode, rate), rollout_here(ours, rate), there)
        nca("convert", kernels, ours, "--img-size", 18, "--boundary", mode)
        compare("its kernels in the file", rollout_here(ours, rate), there)


def check_trained():
    run, path = os.path.join(FOLDER, "run"), os.path.join(FOLDER, "trained.pt")
    nca("train", "--recipe", "medmnist", "--img-size", 12, "--padding", 2, "--iterations", 150,
        "--pool-size", 32, "--hidden", 32, "--filter", "scharr", "--model-path", path, "-o", run)
    model = Reference(16, 32, "scharr")
    model.load_state_dict(load(path), strict=True)
    compare("trained here", rollout_here(run, 0.5), rollout_there(model, 16, 16, 0.5))
    nca("train", "--recipe", "fast", "--img-size", 12, "--padding", 2, "--iterations", 150,
        "--hidden", 32, "--filter", "learned", "--filter-count", 3, "--model-path", path, "-o", run,
        "--overwrite")
    model = Learned(16, 32, 3)
    model.load_state_dict(load(path), strict=True)
    compare("learned here", rollout_here(run, 0.5), rollout_there(model, 16, 16, 0.5))


def probabilities_there(path, pixels, rollouts):
    model = classify.load(path)
    case = {"H": pixels.shape[0], "W": pixels.shape[1], "B": rollouts, "iteration": 0, "seed": 0,
            "fire_rate": model.fire_rate}
    fire = [make_gradients.fire_mask(case, t).float() for t in range(int(model.metadata["classifier.steps"]))]
    image = torch.from_numpy(pixels).permute(2, 0, 1)[None].float() / 255
    with torch.no_grad():
        scores = model(image.expand(rollouts, -1, -1, -1), fire)
    return model, model.probabilities(scores).mean(0).tolist()


def probabilities_here(path, image, rollouts):
    out = subprocess.run([EXAMPLE, path, image, str(rollouts)], check=True, stdout=subprocess.PIPE, text=True).stdout
    return [float(line.split()[0]) for line in out.splitlines()]


def check_classifier(name, source, *settings):
    """Trained here, run there; trained a step further there, and run here."""
    run, image, path, ours = (os.path.join(FOLDER, file) for file in
                              ("votes", "image.npy", "votes.pt", "votes.safetensors"))
    data = os.path.join(FOLDER, source + ".npz")
    nca("data", "synth", source, "-o", data, "--count", "24,8,8")
    nca("train", "--task", "classify", "--data", data, "--iterations", 30, "--n-channels", 16, "--hidden", 16,
        "--steps-min", 8, "--steps-max", 8, "-o", run, "--overwrite", *settings)
    nca("convert", run, path)
    pixels = np.load(data)["test_images"][3]
    np.save(image, pixels)
    pixels = pixels.reshape(*pixels.shape[:2], -1)

    def agree(what, rollouts=3):
        here = probabilities_here(ours, image, rollouts)
        model, there = probabilities_there(path, pixels, rollouts)
        difference = max(abs(a - b) for a, b in zip(here, there))
        print("%-44s largest difference %.2g, probabilities up to %.3f" % (what, difference, max(there)))
        assert len(here) == len(there) and difference <= TOLERANCE, what
        return model

    nca("convert", path, ours)
    with open(ours, "rb") as first, open(os.path.join(run, "model.safetensors"), "rb") as second:
        assert first.read() == second.read(), "converted there and back"
    model = agree(name)
    optimiser = torch.optim.SGD(model.parameters(), lr=0.05)
    model(torch.rand(2, model.inputs, 28, 28)).square().mean().backward()
    optimiser.step()
    torch.save({"state_dict": model.state_dict(), "metadata": model.metadata}, path)
    nca("convert", path, ours)
    agree(name + ", trained on")


def main():
    print("PyTorch", torch.__version__)
    torch.set_num_threads(1)
    for filter_name in make_gradients.FILTERS[:5]:
        check_filter(filter_name, filter_name == "mean")
    for filters in (1, 2, 5, 8):
        for identity in ("first", "after", "missing")[:2 if filters == 1 else 3]:
            check_learned(filters, identity)
    for mode in ("circular", "reflect", "replicate"):
        check_other(mode)
    check_trained()
    check_classifier("classes", "bloodmnist")
    check_classifier("dense layer, max", "retinamnist", "--features", 6, "--readout", "max", "--boundary", "reflect")
    check_classifier("labels, fixed filter", "chestmnist", "--filter", "scharr", "--angle", 20, "--features", 8,
                     "--input-range", "standard", "--fire-rate", 1)


if __name__ == "__main__":
    main()
