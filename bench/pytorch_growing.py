#!/usr/bin/python3
"""The automaton in PyTorch on the CPU, as fast as plain eager PyTorch goes, for comparison.

    /usr/bin/python3 bench/pytorch_growing.py [--threads N] [--cases LIST] [--runs N] [--quick]
                                              [--variants LIST | --all-variants] [--check]

Prints one JSON object. Each case runs in a process of its own, so that its peak memory is its own.
The work is that of `nca bench`: C 16, N 128, K 3 (sobel), fire rate 0.5, batch 8, 80 steps;
training is pool sampling, rollout, L2 loss, backward and Adam. Cases:

    train28  28x28, every cell alive      train72  72x72, a 40-cell disc alive
    infer28  28x28, every cell alive      infer72  72x72, a 40-cell disc alive

Every cell of every step counts once as a cell update, alive or not, on both sides.

Variants of the step, all the same function (--check compares them):

    depthwise      grouped 3x3 convolution, two 1x1 convolutions, NCHW
    depthwise-cl   the same in channels_last
    fused          the filters multiplied into W1: one dense 3x3 convolution C -> N, NCHW
    fused-cl       the same in channels_last
    slices-cl      the filters as sums of shifted slices, two 1x1 convolutions, channels_last
    gather-cl      depthwise-cl, but only rows of cells that fire near life go through the network

Debian's PyTorch has no fast BLAS of its own, so the dense layers are 1x1 convolutions (oneDNN) and
not matrix products throughout; that is much the faster way there.
"""
import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import time

# The fastest for each case, found by --all-variants on the machine of docs/benchmarks.md.
FASTEST = {"train28": "depthwise", "infer28": "depthwise-cl",
           "train72": "depthwise", "infer72": "depthwise-cl"}
CASES = {"train28": (True, 28, None), "infer28": (False, 28, None),
         "train72": (True, 72, 20), "infer72": (False, 72, 20)}
C, N, K, BATCH, STEPS, POOL = 16, 128, 3, 8, 80, 1024


def child(arguments):
    """Runs one case in this process and prints its JSON."""
    import torch
    import torch.nn.functional as F

    torch.set_num_threads(arguments.threads)
    torch.set_flush_denormal(True)
    torch.manual_seed(1)
    training, side, radius = CASES[arguments.child]
    variant = arguments.variants
    last = variant.endswith("-cl")
    layout = torch.channels_last if last else torch.contiguous_format
    # A threshold below every value keeps all cells alive and the work of the mask the same.
    threshold = -1e30 if radius is None else 0.1

    sobel = torch.tensor([[-1., 0, 1], [-2, 0, 2], [-1, 0, 1]]) / 8
    identity = torch.zeros(3, 3)
    identity[1, 1] = 1
    filters = torch.stack([identity, sobel, sobel.T])                   # (K,3,3)
    grouped = filters.repeat(C, 1, 1)[:, None].contiguous(memory_format=layout)  # c*K + k
    w1 = torch.empty(N, C * K, 1, 1).uniform_(-0.2, 0.2).contiguous(memory_format=layout)
    b1 = torch.zeros(N)
    w2 = torch.empty(C, N, 1, 1).uniform_(-0.01, 0.01).contiguous(memory_format=layout)
    b2 = torch.zeros(C)
    parameters = [w1, b1, w2, b2]

    def dense(x, weights, bias):
        """A 1x1 convolution. Saying that it is dilated, which changes nothing, keeps PyTorch from
        its own path for one thread, a matrix product on a BLAS that is 30 times slower here."""
        return F.conv2d(x, weights, bias, dilation=2)

    def fire_mask(x):
        return torch.empty(x.shape[0], 1, x.shape[2], x.shape[3]).bernoulli_(0.5)

    def alive(x):
        return F.max_pool2d(x[:, 3:4], 3, 1, 1) > threshold

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
        near = F.max_pool2d(pre.float(), 3, 1, 1) * fire
        index = near.reshape(-1).nonzero().squeeze(1)
        rows = p.permute(0, 2, 3, 1).reshape(-1, C * K).index_select(0, index)
        rows = rows.t()[None, :, None].contiguous(memory_format=layout) # (1,3C,1,cells)
        dx = dense(dense(rows, w1, b1).relu_(), w2, b2)[0, :, 0].t()
        flat = x.permute(0, 2, 3, 1).reshape(-1, C)
        y = flat.index_add(0, index, dx)
        return y.reshape(x.shape[0], x.shape[2], x.shape[3], C).permute(0, 3, 1, 2)

    update = {"depthwise": depthwise_dx, "fused": fused_dx, "slices": slices_dx,
              "gather": None}[variant.replace("-cl", "")]

    def rollout(x, steps):
        weights = None
        if update is fused_dx: # (N, C, 3, 3), once per rollout
            weights = torch.einsum("nck,kij->ncij", w1.reshape(N, C, K), filters)
            weights = weights.contiguous(memory_format=layout)
        for _ in range(steps):
            pre, fire = alive(x), fire_mask(x)
            if update is None:
                y = gather_step(x, fire, pre)
            else:
                y = torch.addcmul(x, update(x, fire, pre, weights), fire)
            x = y * (pre & alive(y))
        return x

    def start(batch):
        """Random states; without a radius everywhere, else inside a disc."""
        x = torch.rand(batch, C, side, side).contiguous(memory_format=layout)
        if radius is not None:
            line = torch.arange(side) - side // 2
            x *= (line[:, None] ** 2 + line[None] ** 2 <= radius ** 2).float()
        return x

    target = start(1)[:, :4]
    runs = arguments.runs
    if training:
        for tensor in parameters:
            tensor.requires_grad_()
        adam = torch.optim.Adam(parameters, lr=1e-6) # the same speed as any, and cells stay alive
        pool = start(POOL)

        def once():
            slots = torch.randperm(POOL)[:BATCH]
            x = pool[slots].contiguous(memory_format=layout)
            x = rollout(x, STEPS)
            loss = ((x[:, :4] - target) ** 2).mean((1, 2, 3))
            adam.zero_grad(set_to_none=True)
            loss.mean().backward()
            adam.step()
            # The states of a disc go back to it, so that each iteration has the same work.
            pool[slots] = x.detach() if radius is None else pool[slots]
            return loss.mean()
    else:
        x0 = start(BATCH)

        def once():
            with torch.no_grad():
                return rollout(x0, STEPS)

    if arguments.check:
        torch.manual_seed(2)
        x = start(2).requires_grad_()
        end = rollout(x, 6)
        (end * torch.linspace(0, 1, end.numel()).reshape(end.shape)).sum().backward()
        print(json.dumps([float(end.double().sum()), float(end.double().std()),
                          float(x.grad.double().sum()), float(x.grad.double().std())]))
        return

    for _ in range(arguments.warm_up):
        once()
    seconds = []
    for _ in range(runs):
        began = time.perf_counter()
        once()
        seconds.append(time.perf_counter() - began)
    median = statistics.median(seconds)
    print(json.dumps({
        "case": arguments.child, "variant": variant, "threads": arguments.threads,
        "seconds": median, "seconds_min": min(seconds), "seconds_max": max(seconds), "runs": runs,
        "cell_updates_per_second": BATCH * STEPS * side * side / median,
        "peak_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        "torch": torch.__version__,
    }))


def run_child(arguments, case, variant, check=False):
    command = [sys.executable, os.path.abspath(__file__), "--child", case, "--variants", variant,
               "--threads", str(arguments.threads), "--runs", str(arguments.runs),
               "--warm-up", str(arguments.warm_up)] + (["--check"] if check else [])
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)


def main():
    variants = ["depthwise", "depthwise-cl", "fused", "fused-cl", "slices-cl", "gather-cl"]
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--runs", type=int, default=7, help="timed runs of each case")
    parser.add_argument("--warm-up", type=int, default=2, help="runs before them")
    parser.add_argument("--cases", default=",".join(CASES))
    parser.add_argument("--variants", help="instead of the fastest known for each case")
    parser.add_argument("--all-variants", action="store_true")
    parser.add_argument("--quick", action="store_true", help="two runs, one before")
    parser.add_argument("--check", action="store_true", help="that all variants agree")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.quick:
        arguments.runs, arguments.warm_up = 2, 1
    if arguments.child:
        return child(arguments)
    if arguments.all_variants or (arguments.check and not arguments.variants):
        arguments.variants = ",".join(variants)

    results = []
    for case in arguments.cases.split(","):
        chosen = (arguments.variants or FASTEST[case]).split(",")
        if arguments.check:
            sums = [run_child(arguments, case, variant, True) for variant in chosen]
            for variant, found in zip(chosen, sums):
                near = all(abs(a - b) <= 1e-4 * max(abs(b), 1) for a, b in zip(found, sums[0]))
                print("%s %-13s %s %s" % (case, variant, "ok" if near else "DIFFERS", found))
                if not near:
                    sys.exit(1)
            continue
        for variant in chosen:
            result = run_child(arguments, case, variant)
            print("%(case)s %(variant)-13s %(seconds).4f s (%(seconds_min).4f..%(seconds_max).4f)"
                  % result, file=sys.stderr)
            results.append(result)
    if not arguments.check:
        print(json.dumps({"program": "pytorch", "results": results}, indent=1))


if __name__ == "__main__":
    main()
