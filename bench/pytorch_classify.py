#!/usr/bin/python3
"""The classifier in PyTorch on the CPU, for comparison: the fastest ways to write it.

    /usr/bin/python3 bench/pytorch_classify.py [--threads N] [--cases LIST] [--runs N]
                                               [--variants LIST] [--check] [--serve]
    /usr/bin/python3 bench/pytorch_classify.py --model MODEL.safetensors --data SET.npz --steps T

Prints one JSON object; the options are those of pytorch_growing.py. The work is the same as in `nca bench`:
RGB images of 28x28 in the first three channels, 8 classes, 16 or 32 channels, N 128, identity and 2 learned
depthwise 3x3 filters, fire rate 0.5, 24 steps, no alive mask. The class scores are the means of the eight
channels after the image. Cases:

    classify16, classify32   an iteration of training: a batch of 16 images, rollout, cross-entropy,
                             backward and Adam
    predict32                one rollout of each of 64 images, 16 at a time, and their probabilities

Variants of the step, which all compute the same function (--check compares them):

    depthwise      identity and filters in one grouped 3x3 convolution, two 1x1 convolutions, NCHW
    depthwise-cl   the same in channels_last
    concat-cl      only the filters as a convolution, joined to the state
    fused          filters and W1 combined into one dense 3x3 convolution C -> N, NCHW
    fused-cl       the same in channels_last
    linear-cl      concat-cl with linear layers on (cells, channels) instead of 1x1 convolutions
    gather-cl      concat-cl, but the network computes only cells that fire
    gather-mm-cl   the same, with matrix products (BLAS) instead of 1x1 convolutions (oneDNN)

Debian's PyTorch 1.13 has no torch.compile.

With --model it prints the loss and the norms of its gradients for all training images at once, at fire
rate 1, for every variant. nca computes the same (tests/model/test_pytorch_peer.sh).
"""
import json
import sys
import zipfile

import pytorch_driver
from pytorch_driver import read_model

CASES = {"classify16": 16, "classify32": 32, "predict32": 32} # channels
VARIANTS = ["depthwise", "depthwise-cl", "concat-cl", "fused", "fused-cl", "linear-cl", "gather-cl",
            "gather-mm-cl"]
SIDE, INPUTS, CLASSES, N, FILTERS, STEPS = 28, 3, 8, 128, 2, 24
K = 1 + FILTERS
IMAGES, BATCH, PREDICTED = 1024, 16, 64


class Automaton:
    """The update network in one variant. The tensors of a model file become its parameters."""

    def __init__(self, variant, tensors, fire_rate=0.5):
        import torch

        self.kind, self.fire_rate = variant.replace("-cl", ""), fire_rate
        self.layout = torch.channels_last if variant.endswith("-cl") else torch.contiguous_format
        taps = tensors["perception.taps"]
        self.channels = taps.shape[1]
        self.filters = taps.shape[0] // 9
        maps = 1 + self.filters
        grouped = self.kind in ("depthwise", "fused")
        # Columns of W1: c*K + k for one grouped convolution; else the state, then c*filters + f.
        w1 = tensors["update.w1"].reshape(-1, maps, self.channels)
        if grouped:
            w1 = w1.transpose(1, 2).flatten(1)
        else:
            w1 = torch.cat([w1[:, 0], w1[:, 1:].transpose(1, 2).flatten(1)], 1)
        taps = taps.reshape(self.filters, 9, self.channels).permute(2, 0, 1)
        self.parameters = {"taps": taps.reshape(-1, 1, 3, 3), "w1": w1[:, :, None, None],
                           "b1": tensors["update.b1"].flatten(),
                           "w2": tensors["update.w2"][:, :, None, None],
                           "b2": tensors["update.b2"].flatten()}
        self.inputs = self.channels - len(tensors["update.w2"])
        for name, tensor in self.parameters.items():
            whole = tensor.clone(memory_format=torch.contiguous_format) # several variants share the model
            if whole.dim() == 4:
                whole = whole.contiguous(memory_format=self.layout)
            self.parameters[name] = whole.requires_grad_()
        self.identity = torch.zeros(self.channels, 1, 3, 3)
        self.identity[:, :, 1, 1] = 1

    def once_per_rollout(self):
        """The weights as the step needs them. Input channels have no update: their rows of W2 are 0."""
        import torch
        import torch.nn.functional as F

        own = self.parameters
        w2 = F.pad(own["w2"], (0, 0, 0, 0, 0, 0, self.inputs, 0)).contiguous(memory_format=self.layout)
        b2 = F.pad(own["b2"], (self.inputs, 0))
        taps = own["taps"]
        if self.kind in ("depthwise", "fused"):
            taps = torch.cat([self.identity[:, None], taps.reshape(self.channels, -1, 1, 3, 3)], 1)
        if self.kind == "depthwise":
            taps = taps.flatten(0, 1).contiguous(memory_format=self.layout)
        if self.kind == "fused":
            w1 = own["w1"].reshape(len(own["w1"]), self.channels, -1)
            taps = torch.einsum("nck,ckij->ncij", w1, taps[:, :, 0])
            taps = taps.contiguous(memory_format=self.layout)
        return taps, own["w1"], own["b1"], w2, b2

    def dense(self, x, weights, bias):
        """A 1x1 convolution. The dilation has no effect on the result. Without it, PyTorch on one
        thread uses a matrix product that may be 30 times slower."""
        import torch.nn.functional as F

        return F.conv2d(x, weights, bias, dilation=2)

    def perceive(self, x, taps):
        import torch
        import torch.nn.functional as F

        return torch.cat([x, F.conv2d(x, taps, padding=1, groups=self.channels)], 1)

    def step(self, x, fire, taps, w1, b1, w2, b2):
        """The state after a step, whose cells fire where `fire` is 1."""
        import torch
        import torch.nn.functional as F

        if self.kind.startswith("gather"):
            return self.gather_step(x, fire, taps, w1, b1, w2, b2)
        if self.kind == "linear":
            p = self.perceive(x, taps).permute(0, 2, 3, 1)
            h = F.linear(p, w1.flatten(1), b1).relu_()
            return torch.addcmul(x, F.linear(h, w2.flatten(1), b2).permute(0, 3, 1, 2), fire)
        if self.kind == "fused":
            h = F.conv2d(x, taps, b1, padding=1).relu_()
        elif self.kind == "depthwise":
            p = F.conv2d(x, taps, padding=1, groups=self.channels)
            h = self.dense(p, w1, b1).relu_()
        else:
            h = self.dense(self.perceive(x, taps), w1, b1).relu_()
        return torch.addcmul(x, self.dense(h, w2, b2), fire)

    def gather_step(self, x, fire, taps, w1, b1, w2, b2):
        import torch

        index = fire.reshape(-1).nonzero().squeeze(1)
        rows = self.perceive(x, taps).permute(0, 2, 3, 1).flatten(0, 2).index_select(0, index)
        if self.kind == "gather-mm":
            h = torch.addmm(b1, rows, w1.flatten(1).t()).relu_()
            dx = torch.addmm(b2, h, w2.flatten(1).t())
        else:
            rows = rows.t()[None, :, None].contiguous(memory_format=self.layout) # (1,KC,1,cells)
            dx = self.dense(self.dense(rows, w1, b1).relu_(), w2, b2)[0, :, 0].t()
        flat = x.permute(0, 2, 3, 1).reshape(-1, self.channels)
        batch, _, height, width = x.shape
        return flat.index_add(0, index, dx).reshape(batch, height, width, -1).permute(0, 3, 1, 2)

    def scores(self, images, steps):
        """(B,CLASSES) for images (B,INPUTS,H,W) of bytes."""
        import torch

        batch, inputs, height, width = images.shape
        x = torch.zeros(batch, self.channels, height, width).contiguous(memory_format=self.layout)
        x[:, :inputs] = images.float() * (2 / 255) - 1
        weights = self.once_per_rollout()
        for _ in range(steps):
            fire = torch.empty(batch, 1, height, width).bernoulli_(self.fire_rate)
            x = self.step(x, fire, *weights)
        return x[:, inputs:].mean((2, 3))


def loss_and_norms(automaton, images, labels, classes, steps):
    """The cross-entropy, and the norms of its gradients by tensor."""
    import torch.nn.functional as F

    loss = F.cross_entropy(automaton.scores(images, steps)[:, :classes], labels)
    loss.backward()
    norms = {name: float(tensor.grad.double().norm())
             for name, tensor in automaton.parameters.items()}
    return {"loss": float(loss), **norms}


def made_up(channels):
    """Small random weights, as tensors of a model file."""
    import torch

    uniform = lambda bound, *shape: torch.empty(*shape).uniform_(-bound, bound)
    updated = channels - INPUTS
    return {"update.w1": uniform(0.2, N, K * channels), "update.b1": uniform(0.1, N),
            "update.w2": uniform(0.01, updated, N), "update.b2": uniform(0.001, updated),
            "perception.taps": uniform(1 / 3, 9 * FILTERS, channels)}


def build(case, variant):
    import torch
    import torch.nn.functional as F

    torch.manual_seed(1)
    training = case.startswith("classify")
    automaton = Automaton(variant, made_up(CASES[case]))
    images = torch.randint(0, 256, (IMAGES, INPUTS, SIDE, SIDE), dtype=torch.uint8)
    labels = torch.randint(0, CLASSES, (IMAGES,))
    adam = torch.optim.Adam(automaton.parameters.values(), lr=1e-6) # as in nca bench
    order = []

    def train():
        if not order: # a new epoch
            order.extend(torch.randperm(IMAGES).split(BATCH))
        chosen = order.pop()
        loss = F.cross_entropy(automaton.scores(images[chosen], STEPS)[:, :CLASSES], labels[chosen])
        adam.zero_grad(set_to_none=True)
        loss.backward()
        adam.step()

    def predict():
        with torch.no_grad():
            for some in images[:PREDICTED].split(BATCH):
                automaton.scores(some, STEPS)[:, :CLASSES].softmax(1)

    def check():
        torch.manual_seed(2)
        return list(loss_and_norms(automaton, images[:4], labels[:4], CLASSES, 6).values())

    count = BATCH if training else PREDICTED
    return pytorch_driver.Built(train if training else predict, check, lambda: 1.0,
                                count * STEPS * SIDE * SIDE, count)


def array_of(archive, name):
    """An array of an .npz file of uint8."""
    import ast

    import torch

    with archive.open(name + ".npy") as file:
        head = file.read(8)
        size = int.from_bytes(file.read(2 if head[6] == 1 else 4), "little")
        header = ast.literal_eval(file.read(size).decode())
        assert header["descr"] in ("|u1", "u1") and not header["fortran_order"]
        return torch.frombuffer(bytearray(file.read()), dtype=torch.uint8).reshape(header["shape"])


def beside(model, data, steps, variants):
    """The loss and the gradients of a model on the training images of a data set."""
    tensors = read_model(model)
    with zipfile.ZipFile(data) as archive:
        images = array_of(archive, "train_images").permute(0, 3, 1, 2)
        labels = array_of(archive, "train_labels").flatten().long()
    return {variant: loss_and_norms(Automaton(variant, tensors, 1.0), images, labels,
                                    int(labels.max()) + 1, steps) for variant in variants}


TASK = pytorch_driver.Task(CASES, VARIANTS, build)


def main():
    parser = pytorch_driver.parser_of(TASK, __doc__)
    parser.add_argument("--model", help="model file: print its loss and gradients on --data")
    parser.add_argument("--data", help="RGB archive of MedMNIST's form, whose last class occurs in it")
    parser.add_argument("--steps", type=int, default=STEPS)
    arguments = parser.parse_args()
    if arguments.model:
        found = beside(arguments.model, arguments.data, arguments.steps,
                       arguments.variants.split(","))
        json.dump(found, sys.stdout, indent=1)
    else:
        pytorch_driver.main(TASK, arguments)


if __name__ == "__main__":
    main()
