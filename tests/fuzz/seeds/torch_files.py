"""Files of PyTorch, and the pickles in them."""
import io
import pickle
import zipfile

import numpy as np

from seeds.arrays import archive
from seeds.models import safetensors

def state_dict(random, channels=4, hidden=3, prefix="update_module."):
    import torch

    def values(*shape):
        return torch.from_numpy(random.normal(size=shape).astype("f4"))

    return {prefix + "0.weight": values(hidden, 3 * channels, 1, 1),
            prefix + "0.bias": values(hidden), prefix + "2.weight": values(channels, hidden, 1, 1)}


def classifier(random, without=None):
    """4 channels, 3 of them inputs, one feature for two classes."""
    import torch

    def values(*shape):
        return torch.from_numpy(random.normal(size=shape).astype("f4"))

    kernels = torch.zeros(4, 2, 3, 3)
    kernels[:, 0, 1, 1] = 1
    kernels[:, 1] = values(4, 3, 3)
    state = {"perception.weight": kernels.reshape(8, 1, 3, 3), "update_module.0.weight": values(3, 8, 1, 1),
             "update_module.0.bias": values(3), "update_module.2.weight": values(1, 3, 1, 1),
             "head.weight": values(2, 1), "head.bias": values(2)}
    state.pop(without, None)
    about = {"format": "nca-model", "format_version": "1", "task": "classify"}
    about.update({"automaton." + key: value for key, value in dict(
        channels="4", hidden="3", filter="learned", filter_count="1", boundary="zero", angle="0", fire_rate="0.5",
        step_size="1", alive_channel="-1", alive_threshold="0.1", output_bias="false", input_channels="3",
        head_inputs="1", head_outputs="2").items()})
    about.update({"classifier." + key: value for key, value in dict(
        kind="binary-class", classes="2", readout="mean", sigmoid="false", height="5", width="4", steps="3",
        temperature="1").items()})
    about.update({"classifier.%s.%d" % (key, k): "1" for key in ("scale", "offset") for k in range(3)})
    about.update({"classifier.class.0": "no", "classifier.class.1": "yes"})
    return {"state_dict": state, "metadata": about}


def saved(state, **options):
    import torch
    out = io.BytesIO()
    torch.save(state, out, **options)
    return out.getvalue()


def saved_in_old_form(state, protocol):
    """The form before zip archives. torch.save names storages by their addresses, which differ from run
    to run; here they are numbered instead."""
    import torch
    names = {}

    class Name(str):
        def __new__(cls, address):
            return names.setdefault(address, f"{len(names):09d}")

    torch.serialization.str = Name
    try:
        return saved(state, pickle_protocol=protocol, _use_new_zipfile_serialization=False)
    finally:
        del torch.serialization.str


def torch_seeds(random):
    import collections
    import torch
    state = state_dict(random)
    plain = saved(state)
    yield "good-plain", plain
    values = {name: value.numpy() for name, value in state.items()}
    offset, header, data = 0, {"__metadata__": {"format": "pt"}}, b""
    for name, array in values.items():
        header[name] = {"dtype": "F32", "shape": list(array.shape),
                        "data_offsets": [offset, offset + array.nbytes]}
        offset, data = offset + array.nbytes, data + array.tobytes()
    yield "good-safetensors", safetensors(header, data)
    sobel = torch.tensor([[-1., 0., 1.], [-2., 0., 2.], [-1., 0., 1.]])
    identity = torch.zeros(3, 3)
    identity[1, 1] = 1
    taps = torch.stack([identity, sobel, sobel.t()])
    yield "good-perception", saved({"perceive.weight": taps.repeat(4, 1, 1)[:, None], **state})
    yield "good-kernels", saved({"kx": sobel / 8, "ky": sobel.t() / 8, **state})
    yield "good-linear", saved({"fc0.weight": torch.ones(3, 12), "fc1.weight": torch.ones(4, 3)})
    yield "good-three-layers", saved({**state, "update_module.4.weight": torch.ones(4, 4)})
    for protocol in (0, 1, 2, 4):
        yield f"bad-old-form{protocol}", saved_in_old_form(state, protocol)
    yield "good-protocol4", saved(state, pickle_protocol=4)
    yield "good-wrapped", saved({"epoch": 3, "loss": 0.5, "model": collections.OrderedDict(
        state_dict(random, prefix="module.")), "names": ["a", ("b", None)]})
    base = torch.arange(24, dtype=torch.float64)
    yield "good-views", saved({"a": base[1:7].reshape(2, 3).t(), "b": base[::3], "c": base[0]})
    yield "good-types", saved({str(t): torch.ones(2, dtype=t) for t in (
        torch.float16, torch.bfloat16, torch.float64, torch.int64, torch.uint8, torch.bool)})
    yield "good-parameters", saved(collections.OrderedDict(
        weight=torch.nn.Parameter(torch.ones(1, 2)), bias=torch.nn.Parameter(torch.zeros(1))))
    yield "good-deflated", archive([(name, zipfile.ZipFile(io.BytesIO(plain)).read(name)) for name in
                                    zipfile.ZipFile(io.BytesIO(plain)).namelist()],
                                   zipfile.ZIP_DEFLATED)
    yield "bad-old-form", b"".join(pickle.dumps(part, 2) for part in (
        0x1950a86a20f9469cfc6c, 1001, {"little_endian": True}, {}, []))
    yield "bad-module", saved(torch.nn.ReLU())
    yield "bad-cut", plain[:-40]
    yield "bad-repeated-elements", saved({"a": torch.ones(1).expand(1000, 1000)})
    members = [(name, zipfile.ZipFile(io.BytesIO(plain)).read(name)) for name in
               zipfile.ZipFile(io.BytesIO(plain)).namelist()]
    yield "bad-storage-missing", archive([m for m in members if not m[0].endswith("data/0")])
    yield "bad-storage-short", archive([(n, d[:-4] if n.endswith("data/1") else d)
                                        for n, d in members])
    yield "bad-nothing-in-it", archive([])
    yield "good-classifier", saved(classifier(random))
    yield "good-classifier-without-kernels", saved(classifier(random, "perception.weight"))


class Call:
    def __init__(self, *what):
        self.what = what

    def __reduce__(self):
        return self.what


def pickle_of(file):
    with zipfile.ZipFile(io.BytesIO(file)) as archive_:
        name, = (n for n in archive_.namelist() if n.endswith("data.pkl"))
        return archive_.read(name)


def pickle_seeds(random):
    import argparse
    import collections
    import os
    import torch
    # fuzz_pickle.c has storages of 36, 3 and 12 floats for them.
    state = state_dict(random)
    for protocol in (2, 3, 4, 5):
        yield f"good-protocol{protocol}", pickle_of(saved(state, pickle_protocol=protocol))
    yield "good-views", pickle_of(saved({"a": torch.zeros(36)[3:9].reshape(2, 3).t()}))
    yield "good-wrapped", pickle_of(saved({"state_dict": state, "x": [1, 2.5, -2**40, "t", None, True,
                                                                      (), {}, [[]]]}))
    # Objects of other classes, which stay unread; sets, bytes and numbers of any length.
    others = {"w": torch.zeros(36), "args": argparse.Namespace(lr=0.1), "loss": np.float64(1),
              "seen": {1, 2}, "frozen": frozenset("a"), "blob": b"abc", "big": 2**70,
              "device": torch.device("cpu"), "counts": collections.defaultdict(int, a=1)}
    for protocol in (2, 4, 5):
        yield f"good-others{protocol}", pickle_of(saved(others, pickle_protocol=protocol))
    yield "good-nested", pickle_of(saved({"a": [({"net": state},)], "b": {"c": torch.ones(3)}}))
    circle = {"a": torch.zeros(36)}
    circle["self"] = circle
    yield "good-circle", pickle_of(saved(circle))
    yield "bad-stride", pickle_of(saved({"a": torch.zeros(36)[::12]})).replace(b"K\x0c\x85", b"K\x2c\x85")
    yield "bad-call", pickle.dumps(Call(os.system, ("true",)), 2)
    yield "bad-import", b"\x80\x02cbuiltins\neval\n."
    yield "bad-persistent", b"\x80\x02Vx\nQ."
    yield "bad-memo", b"\x80\x02}r\xff\xff\xff\x7f."
    yield "bad-get", b"\x80\x02}q\x00h\x01."
    yield "bad-count", b"\x80\x02X\xff\xff\xff\xffa."
    yield "bad-long", b"\x80\x02\x8b\xff\xff\xff\x7f\x01."
    yield "bad-frame", b"\x80\x04\x95\xff\xff\xff\xff\xff\xff\xff\xff}."
    yield "bad-marks", b"\x80\x02" + b"(" * 3000 + b"."
    yield "bad-doubling", b"\x80\x02)q\x00" + b"h\x00h\x00\x86q\x00" * 200 + b"."
    yield "bad-empty-stack", b"\x80\x02."
    yield "bad-no-end", b"\x80\x02}"
    yield "bad-nothing", b""
