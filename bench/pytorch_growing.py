#!/usr/bin/python3
"""The automaton in PyTorch on the CPU, for comparison: the fastest ways to write it in eager PyTorch.

    /usr/bin/python3 bench/pytorch_growing.py [--threads N] [--cases LIST] [--runs N]
                                              [--variants LIST] [--check] [--serve]

Prints one JSON object. Peak memory is that of the whole process; to measure it, select one case and one
variant. --serve prepares one case and one variant, and prints one line of JSON for each line that it
reads.

The work is the same as in `nca bench`: C 16, N 128, K 3 (sobel), fire rate 0.5, batch 8, 80 steps. An
iteration of training consists of pool sampling, rollout, L2 loss, backward and Adam. Every cell of every
step counts as one cell update. Cases:

    train28, infer28, train72, infer72   28x28 and 72x72, every cell alive, without an alive mask
    train72-seed, infer72-seed           72x72, the model phantom40.safetensors grows from its seed;
                                         in training, one sample of the batch starts from the seed, the
                                         others from grown states

Variants of the step, which all compute the same function (--check compares them):

    depthwise      grouped 3x3 convolution, two 1x1 convolutions, NCHW
    depthwise-cl   the same in channels_last
    fused          filters and W1 combined into one dense 3x3 convolution C -> N, NCHW
    fused-cl       the same in channels_last
    slices-cl      the filters as sums of shifted slices, two 1x1 convolutions, channels_last
    gather-cl      depthwise-cl, but the network computes only cells that fire and may be alive
    gather-mm-cl   the same, with matrix products (BLAS) instead of 1x1 convolutions (oneDNN)

Debian's PyTorch does not contain a fast BLAS. It uses OpenBLAS if that is installed
(`tools/setup.sh --bench`). Without OpenBLAS, the 1x1 convolutions are much faster.
"""
import functools
import os
import statistics

import pytorch_driver
from pytorch_driver import read_model

# training, side, growing from the seed
CASES = {"train28": (True, 28, False), "infer28": (False, 28, False),
         "train72": (True, 72, False), "infer72": (False, 72, False),
         "train72-seed": (True, 72, True), "infer72-seed": (False, 72, True)}
VARIANTS = ["depthwise", "depthwise-cl", "fused", "fused-cl", "slices-cl", "gather-cl",
            "gather-mm-cl"]
MODEL = os.path.join(os.path.dirname(os.path.abspath(__file__)), "phantom40.safetensors")
C, N, K, BATCH, STEPS = 16, 128, 3, 8, 80
FULL_POOL, GROWING_POOL = 1024, 16


def build(case, variant):
    import torch
    import torch.nn.functional as F

    torch.manual_seed(1)
    training, side, growing = CASES[case]
    layout = torch.channels_last if variant.endswith("-cl") else torch.contiguous_format

    sobel = torch.tensor([[-1., 0, 1], [-2, 0, 2], [-1, 0, 1]]) / 8
    identity = torch.zeros(3, 3)
    identity[1, 1] = 1
    filters = torch.stack([identity, sobel, sobel.T])                   # (K,3,3)
    grouped = filters.repeat(C, 1, 1)[:, None].contiguous(memory_format=layout)  # c*K + k
    if growing:
        model = read_model(MODEL)
        w1 = model["update.w1"].reshape(N, K, C).permute(0, 2, 1).reshape(N, C * K, 1, 1)
        w1 = w1.contiguous(memory_format=layout)
        w2 = model["update.w2"].reshape(C, N, 1, 1).contiguous(memory_format=layout)
        b1, b2 = model["update.b1"].reshape(N), model["update.b2"].reshape(C)
        target = model["target.rgba"].permute(2, 0, 1)[None]
    else:
        w1 = torch.empty(N, C * K, 1, 1).uniform_(-0.2, 0.2).contiguous(memory_format=layout)
        w2 = torch.empty(C, N, 1, 1).uniform_(-0.01, 0.01).contiguous(memory_format=layout)
        b1, b2 = torch.zeros(N), torch.zeros(C)
        target = torch.rand(1, 4, side, side)
    parameters = [w1, b1, w2, b2]

    def dense(x, weights, bias):
        """A 1x1 convolution. The dilation has no effect on the result. Without it, PyTorch on one
        thread uses a matrix product that may be 30 times slower."""
        return F.conv2d(x, weights, bias, dilation=2)

    def fire_mask(x):
        return torch.empty(x.shape[0], 1, x.shape[2], x.shape[3]).bernoulli_(0.5)

    def alive(x):
        return F.max_pool2d(x[:, 3:4], 3, 1, 1) > 0.1

    def depthwise_dx(x, fire, pre, weights):
        h = dense(F.conv2d(x, grouped, padding=1, groups=C), w1, b1).relu_()
        return dense(h, w2, b2)

    def fused_dx(x, fire, pre, weights):
        return dense(F.conv2d(x, weights, b1, padding=1).relu_(), w2, b2)

    def slices_dx(x, fire, pre, weights):
        z = F.pad(x, (1, 1, 1, 1))
        across = z[:, :, :, 2:] - z[:, :, :, :-2]
        down = z[:, :, 2:] - z[:, :, :-2]
        fx = (across[:, :, :-2] + 2 * across[:, :, 1:-1] + across[:, :, 2:]) / 8
        fy = (down[:, :, :, :-2] + 2 * down[:, :, :, 1:-1] + down[:, :, :, 2:]) / 8
        p = torch.stack([x, fx, fy], 2).flatten(1, 2).contiguous(memory_format=layout)
        return dense(dense(p, w1, b1).relu_(), w2, b2)

    def gather_step(x, fire, pre):
        p = F.conv2d(x, grouped, padding=1, groups=C)
        near = fire if pre is None else F.max_pool2d(pre.float(), 3, 1, 1) * fire
        index = near.reshape(-1).nonzero().squeeze(1)
        rows = p.permute(0, 2, 3, 1).reshape(-1, C * K).index_select(0, index)
        if variant == "gather-mm-cl":
            h = torch.addmm(b1, rows, w1.reshape(N, C * K).t()).relu_()
            dx = torch.addmm(b2, h, w2.reshape(C, N).t())
        else:
            rows = rows.t()[None, :, None].contiguous(memory_format=layout) # (1,3C,1,cells)
            dx = dense(dense(rows, w1, b1).relu_(), w2, b2)[0, :, 0].t()
        flat = x.permute(0, 2, 3, 1).reshape(-1, C)
        y = flat.index_add(0, index, dx)
        return y.reshape(x.shape[0], x.shape[2], x.shape[3], C).permute(0, 3, 1, 2)

    update = {"depthwise": depthwise_dx, "fused": fused_dx, "slices": slices_dx,
              "gather": None, "gather-mm": None}[variant.replace("-cl", "")]

    def rollout(x, steps, watch=None):
        weights = None
        if update is fused_dx: # (N, C, 3, 3), once per rollout
            weights = torch.einsum("nck,kij->ncij", w1.reshape(N, C, K), filters)
            weights = weights.contiguous(memory_format=layout)
        for _ in range(steps):
            fire = fire_mask(x)
            pre = alive(x) if growing else None
            if watch is not None:
                watch.append(float(pre.float().mean()))
            if update is None:
                y = gather_step(x, fire, pre)
            else:
                y = torch.addcmul(x, update(x, fire, pre, weights), fire)
            x = y * (pre & alive(y)) if growing else y
        return x

    def noise(batch):
        return torch.rand(batch, C, side, side).contiguous(memory_format=layout)

    def seeds(batch):
        x = torch.zeros(batch, C, side, side).contiguous(memory_format=layout)
        x[:, 3:, side // 2, side // 2] = 1
        return x

    if training:
        for tensor in parameters:
            tensor.requires_grad_()
        adam = torch.optim.Adam(parameters, lr=1e-6) # as in nca bench: the weights hardly change
        pool = noise(FULL_POOL)
        if growing:
            with torch.no_grad():
                pool = rollout(seeds(BATCH), STEPS).repeat(GROWING_POOL // BATCH, 1, 1, 1)

    def batch_of_pool():
        slots = torch.randperm(len(pool))[:BATCH]
        x = pool[slots].contiguous(memory_format=layout)
        if growing:
            x[:1] = seeds(1)
        return slots, x

    def train():
        slots, x = batch_of_pool()
        x = rollout(x, STEPS)
        loss = ((x[:, :4] - target) ** 2).mean((1, 2, 3))
        adam.zero_grad(set_to_none=True)
        loss.mean().backward()
        adam.step()
        pool[slots] = x.detach()

    def infer():
        with torch.no_grad():
            rollout(x0, STEPS)

    def check():
        torch.manual_seed(2)
        line = torch.arange(side) - side // 2
        x = noise(2)
        if growing: # a disc of random states
            x *= (line[:, None] ** 2 + line[None] ** 2 <= 20 ** 2).float()
        x.requires_grad_()
        end = rollout(x, 6)
        (end * torch.linspace(0, 1, end.numel()).reshape(end.shape)).sum().backward()
        return [float(end.double().sum()), float(end.double().std()),
                float(x.grad.double().sum()), float(x.grad.double().std())]

    @functools.lru_cache(None)
    def alive_share():
        if not growing:
            return 1.0
        shares = []
        with torch.no_grad():
            rollout(batch_of_pool()[1] if training else x0, STEPS, shares)
        return statistics.mean(shares)

    x0 = None if training else seeds(BATCH) if growing else noise(BATCH)
    return pytorch_driver.Built(train if training else infer, check, alive_share,
                                BATCH * STEPS * side * side, None)


TASK = pytorch_driver.Task(CASES, VARIANTS, build)

if __name__ == "__main__":
    pytorch_driver.main(TASK, pytorch_driver.parser_of(TASK, __doc__).parse_args())
