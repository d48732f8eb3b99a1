"""Settings and sweeps."""
import pathlib

HERE = pathlib.Path(__file__).parent

SETTINGS = {
    "good-empty": b"",
    "good-many-keys": (
        b"target: phantom\nimg_size: 28\npadding: 8\nexperiment: regenerating\n"
        b"damage: 1\nbatch_size: 4\npool_size: 256\nsteps_min: 48\nsteps_max: 64\n"
        b"iterations: 1800\nlearning_rate: 0.005\nwarmup: 20\nschedule: cosine\n"
        b"decay_factor: 0.05\nbeta1: 0.8\nbeta2: 0.95\nseed: 1\n"),
    "good-reference": (
        b"target_path: \"data/chest image.png\"\nmodel_path: null\nani_path:\ndevice: cuda\n"
        b"iterations: 2000\nlearning_rate: 0.002\nimg_size: 28 # cells\npadding: 0\n"
        b"n_channels: 16\nbatch_size: 8\npool_size: 1024\nfilter: Sobel\nloss: l1\ndamage: true\n"),
    "good-flow": b"{iterations: 7, loss: \"L1\", memory_limit: 512 MiB}",
    "good-document": b"---\nrecipe: medmnist\npadding: 4\n...\n",
    "good-mark-and-returns": b"\xef\xbb\xbfiterations: 7\r\n'angle': 1.5e1\r\n",
    "good-texts": (b"output: \"a\\u00e9\\x7f\\n\\\"b\\\\\"\ntarget: >\n  folded\n  text\n"
                   b"kernels: scalar\nmodel_path: |\n  kept\n"),
    "bad-key": b"iterations: 5\n\nlerning_rate: 1\n",
    "bad-twice": b"target: a\ntarget_path: b\n",
    "bad-value": b"iterations: many\n",
    "bad-alias": b"iterations: &a 5\nbatch_size: *a\n",
    "bad-laughs": b"a: &a [x,x]\nb: &b [*a,*a]\nc: [*b,*b]\n",
    "bad-list": b"- 1\n- 2\n",
    "bad-nested": b"iterations: {a: 1}\n",
    "bad-tag": b"iterations: !!int 5\n",
    "bad-two-documents": b"---\niterations: 1\n---\niterations: 2\n",
    "bad-depth": b"[" * 2000,
    "bad-bytes": b"output: \xff\xfe\n",
    "bad-zero-byte": b"output: \"a\\0b\"\n",
    "bad-number": b"learning_rate: 1e999\n",
    "good-changes": (b"changes: \"5 lr .5,5  damage true, 5 damage-shape HALF_PLANE,\\n"
                     b"7 fire_rate 1e-3\"\n"),
    "bad-changes": b"changes: 5 damage 1, 4 damage 2\n",
}

SWEEPS = {
    "good-empty": b"",
    "good-product": (b"filter: [sobel, scharr]\nloss: [L1, L2]\nseeds: 3\nseed: 7\n"
                     b"target: pictures/a.png\n"),
    "good-runs": (b"iterations: 10\nruns:\n  - target: [a.png, \"b c.png\"]\n"
                  b"  - {target: a.png, damage: 3}\n"),
    "good-same-twice": b"padding: [4, 4]\nruns: [{loss: L1}, {loss: L1}]\n",
    "good-recipes": b"recipe: [distill, medmnist]\nimg_size: 28\n",
    "good-numbers": b"learning_rate: [1e-3, 0.001, 2e-3]\nangle: [0, -45]\n",
    "bad-many": b"seeds: 4097\n",
    "bad-product": b"".join(b"%s: [1,2,3,4,5,6,7,8]\n" % key for key in (
        b"padding", b"hidden", b"warmup", b"batch_size", b"threads")),
    "bad-key": b"fliter: [sobel]\n",
    "bad-empty-list": b"loss: []\n",
    "bad-list-in-list": b"loss: [[L1]]\n",
    "bad-runs-in-runs": b"runs: [{runs: [{loss: L1}]}]\n",
    "bad-one-file": b"model_path: m.safetensors\nseeds: 2\n",
    "bad-value": b"loss: [L1, L9]\n",
    "bad-alias": b"loss: &a [L1]\nfilter: *a\n",
    "bad-fit": b"steps_min: [10, 99]\nsteps_max: 20\n",
}


def settings_seeds(_random):
    demo = (HERE / "../../../configs/demo.yaml").read_bytes()
    yield "good-demo", b"".join(line for line in demo.splitlines(True) if not line.startswith(b"#"))
    yield from SETTINGS.items()


def sweep_seeds(_random):
    yield from SWEEPS.items()
