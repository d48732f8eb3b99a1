"""Safetensors, models and checkpoints."""
import json
import struct

import numpy as np

def safetensors(header, data=b"", length=None):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text) if length is None else length) + text + data


def tensors(*described, **metadata):
    """`described` has (name, dtype, shape, bytes) of each tensor."""
    header, data = {}, b""
    if metadata:
        header["__metadata__"] = metadata
    for name, dtype, shape, values in described:
        header[name] = {"dtype": dtype, "shape": shape,
                        "data_offsets": [len(data), len(data) + len(values)]}
        data += values
    return header, data


def safetensors_seeds(random):
    floats = random.normal(size=6).astype("<f4").tobytes()
    one = {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}
    yield "good-empty", safetensors({})
    yield "good-padded", safetensors(b"{}      ")
    yield "good-types", safetensors(*tensors(
        ("f", "F32", [2, 3], floats), ("b", "U8", [3], b"abc"), ("i", "U32", [1], b"\1\2\3\4"),
        ("l", "U64", [1], b"12345678"), ("h", "BF16", [2], b"wxyz"), ("s", "F32", [], b"\0\0\0\0"),
        a="1", text="caf\u00e9 \U0001f9e0"))
    yield "good-nothing-in-it", safetensors(*tensors(("a", "F32", [0, 3], b""),
                                                     ("b", "F32", [1], b"\0\0\0\0")))
    yield "good-eight-dimensions", safetensors(*tensors(("a", "U8", [1] * 8, b"x")))
    yield "bad-nine-dimensions", safetensors(*tensors(("a", "U8", [1] * 9, b"x")))
    yield "bad-cut", safetensors({"a": one}, b"abc")
    yield "bad-more-after", safetensors({"a": one}, b"abcde")
    yield "bad-overlap", safetensors({"a": one, "b": {**one, "data_offsets": [2, 6]}}, b"abcdef")
    yield "bad-overflow", safetensors({"a": {**one, "shape": [2**62, 2**62]}}, b"abcd")
    yield "bad-length", safetensors({"a": one}, b"abcd", length=2**63)
    yield "bad-twice", safetensors(b'{"a":%b,"a":%b}' % ((json.dumps(one).encode(),) * 2), b"abcd")
    yield "bad-nul", safetensors(b'{"__metadata__":{"a":"\\u0000"}}')
    yield "bad-depth", safetensors(b'{"a":' + b"[" * 3000 + b"]" * 3000 + b"}")
    yield "bad-nothing", b""


def model(random, channels=4, hidden=3, bias=True, target=None, cut=0, inputs=0, head=None, **changes):
    metadata = {
        "format": "nca-model", "format_version": "1", "automaton.channels": str(channels),
        "automaton.hidden": str(hidden), "automaton.filter": "sobel", "automaton.boundary": "zero",
        "automaton.angle": "0", "automaton.fire_rate": "0.5", "automaton.step_size": "1",
        "automaton.alive_channel": "3", "automaton.alive_threshold": "0.1",
        "automaton.output_bias": "true" if bias else "false",
    }
    metadata.update({key.replace("__", "."): value for key, value in changes.items()})

    def values(*shape):
        return random.normal(size=shape).astype("<f4").tobytes()

    described = [("update.w1", "F32", [hidden, 3 * channels], values(hidden, 3 * channels)),
                 ("update.b1", "F32", [hidden], values(hidden)),
                 ("update.w2", "F32", [channels - inputs, hidden], values(channels - inputs, hidden))]
    if bias:
        described.append(("update.b2", "F32", [channels - inputs], values(channels - inputs)))
    if head:
        described += [("head.w", "F32", [head[1], head[0]], values(head[1], head[0])),
                      ("head.b", "F32", [head[1]], values(head[1]))]
    if target:
        described.append(("target.rgba", "F32", [*target, 4], values(*target, 4)))
    data = safetensors(*tensors(*described, **metadata))
    return data[:len(data) - cut]


def classifier(random, classes=2, inputs=1, head=None, **changes):
    about = {"task": "classify", "automaton.alive_channel": "-1",
             "automaton.input_channels": str(inputs), "classifier.kind": "multi-class",
             "classifier.classes": str(classes), "classifier.readout": "mean",
             "classifier.sigmoid": "false", "classifier.height": "5", "classifier.width": "7",
             "classifier.steps": "24", "classifier.temperature": "1"}
    about.update({f"classifier.{what}.{k}": value for what, value in (("scale", "2"), ("offset", "-1"))
                  for k in range(3)})
    about.update({f"classifier.class.{k}": f"class {k}" for k in range(classes)})
    if head:
        about.update({"automaton.head_inputs": str(head[0]), "automaton.head_outputs": str(head[1])})
    about.update({key.replace("__", "."): value for key, value in changes.items()})
    about = {key: value for key, value in about.items() if value is not None}
    return model(random, channels=8, inputs=inputs, head=head, **about)


def model_seeds(random):
    training = dict(training__height="5", training__width="3", training__padding="1",
                    training__iterations="18446744073709551615", training__loss="0.30000000000000004",
                    training__seed="7", training__target='photos/caf\u00e9 "1".png',
                    training__loss_name="L2", training__experiment="regenerating",
                    training__recipe="distill")
    yield "good-plain", model(random)
    yield "good-no-bias", model(random, bias=False, automaton__filter="laplacian",
                                automaton__boundary="circular")
    yield "good-everything", model(random, target=(5, 3), **training)
    yield "good-no-alive-mask", model(random, automaton__alive_channel="-1",
                                      automaton__angle="-0.7853982", automaton__fire_rate="1")
    yield "bad-cut", model(random, cut=1)
    yield "bad-later-version", model(random, format_version="2")
    yield "bad-channels", model(random, automaton__channels="5")
    yield "bad-huge", model(random, automaton__channels="4294967295", automaton__hidden="4294967295")
    yield "bad-rate", model(random, automaton__fire_rate="nan")
    yield "bad-target-without-size", model(random, target=(5, 3))
    yield "bad-checkpoint", model(random, format="nca-checkpoint")
    yield "bad-infinite", model(random)[:-4] + struct.pack("<f", float("inf"))
    yield "good-classifier", classifier(random)
    yield "good-classifier-labels", classifier(
        random, classes=4, inputs=3, classifier__kind="multi-label, binary-class",
        classifier__sigmoid="true", classifier__readout="max", classifier__temperature="1.5")
    yield "good-classifier-head", classifier(random, classes=3, head=(2, 3))
    yield "bad-classifier-one-class", classifier(random, classes=1)
    yield "bad-classifier-class-missing", classifier(random, classifier__class__1=None)
    yield "bad-classifier-kind", classifier(random, classifier__kind="classes")
    yield "bad-classifier-temperature", classifier(random, classifier__temperature="0")
    yield "bad-classifier-scale", classifier(random, classifier__scale__2="inf")
    yield "bad-classifier-size", classifier(random, classifier__height="16385")
    yield "bad-classifier-inputs", classifier(random, inputs=2)
    yield "bad-classifier-head", classifier(random, classes=3, head=(2, 4))


CHECKPOINT_SETTINGS = """recipe: distill
experiment: persistent
iterations: 6
batch_size: 1
pool_size: 2
steps_min: 1
steps_max: 2
target_path: "phantom"
img_size: 3
padding: 0
n_channels: 4
hidden: 2
"""


def checkpoint(random, settings="", leave_out=(), replace=None, cut=0, **metadata):
    """A checkpoint after 3 iterations. One slot of the pool is not the seed any more, and five of its
    cells are dead."""
    about = {"format": "nca-checkpoint", "format_version": "2", "iteration": "3", "updates": "3",
             "dropped": "0", "dropped_in_a_row": "0", "target_padding": "0",
             "target_source": "phantom", "settings": CHECKPOINT_SETTINGS + settings}
    about.update(metadata)
    parts = {}
    for prefix in ("", "adam.m.", "adam.v."):
        for name, shape in (("w1", (2, 12)), ("b1", (2,)), ("w2", (4, 2)), ("b2", (4,))):
            parts[prefix + "update." + name] = abs(random.normal(size=shape)).astype("f4")
    parts["target"] = random.uniform(size=(3, 3, 4)).astype("f4")
    parts["recent_losses"] = random.uniform(size=3).view("u8")
    parts["pool.slots"] = np.array([1], "u4")
    parts["pool.cells"] = random.normal(size=(4, 4)).astype("f4")
    parts["pool.marks"] = np.array([[[0, 1, 0], [1, 0, 1], [0, 1, 0]]], "u1")
    parts.update(replace or {})
    types = {"f": "F32", "d": "F64", "B": "U8", "I": "U32", "L": "U64"}
    header, data = {"__metadata__": about}, b""
    for name, array in parts.items():
        if name not in leave_out:
            raw = array.tobytes()
            header[name] = {"dtype": types[array.dtype.char], "shape": list(array.shape),
                            "data_offsets": [len(data), len(data) + len(raw)]}
            data += raw
    file = safetensors(header, data)
    return file[:len(file) - cut]


def checkpoint_seeds(random):
    yield "good-plain", checkpoint(random)
    pool = ("pool.slots", "pool.cells", "pool.marks")
    yield "good-seeds-only", checkpoint(random, leave_out=pool)
    # As version 1 had it.
    yield "good-states", checkpoint(random, format_version="1", leave_out=pool[1:], replace={
        "pool.states": random.normal(size=(1, 3, 3, 4)).astype("f4")})
    yield "good-growing", checkpoint(random, "\n".join(["damage: 0", ""]),
                                     leave_out=pool,
                                     settings_note="other metadata")
    yield "good-changes", checkpoint(random, "changes: \"2 learning_rate 0.001\"\n")
    yield "good-muon", checkpoint(random, "optimiser: muon\nboundary: circular\nfilter: mean\n")
    yield "good-dropped", checkpoint(random, updates="2", dropped="1", dropped_in_a_row="1",
                                     replace={"recent_losses": np.ones(2).view("u8")})
    yield "bad-counters", checkpoint(random, updates="4")
    yield "bad-iteration", checkpoint(random, iteration="99999999999", updates="99999999999")
    yield "bad-slot", checkpoint(random, replace={"pool.slots": np.array([2], "u4")})
    yield "bad-slot-twice", checkpoint(random, replace={
        "pool.slots": np.array([1, 1], "u4"), "pool.cells": np.zeros((1, 4), "f4"),
        "pool.marks": np.array([[[1, 0, 0], [0, 0, 0], [0, 0, 0]], [[0] * 3] * 3], "u1")})
    yield "bad-state", checkpoint(random, replace={
        "pool.cells": np.full((4, 4), np.inf, "f4")})
    yield "bad-states", checkpoint(random, format_version="1", leave_out=pool[1:], replace={
        "pool.states": np.full((1, 3, 3, 4), np.inf, "f4")})
    yield "bad-marks", checkpoint(random, replace={
        "pool.marks": np.array([[[0, 1, 0], [1, 1, 1], [0, 1, 0]]], "u1")})
    yield "bad-no-marks", checkpoint(random, leave_out=("pool.marks",))
    yield "bad-moment", checkpoint(random, replace={"adam.v.update.b1": -np.ones(2, "f4")})
    yield "bad-loss", checkpoint(random, replace={"recent_losses": np.full(3, np.nan).view("u8")})
    yield "bad-type", checkpoint(random, replace={"target": np.zeros((3, 3, 4))})
    yield "bad-shape", checkpoint(random, replace={"update.w1": np.zeros((2, 16), "f4")})
    yield "bad-missing", checkpoint(random, leave_out=("adam.m.update.w2",))
    yield "bad-padding", checkpoint(random, target_padding="2")
    yield "bad-target", checkpoint(random, replace={"target": np.zeros((0, 3, 4), "f4")})
    yield "bad-setting", checkpoint(random, "learning_rate: fast\n")
    yield "bad-settings-fit", checkpoint(random, "warmup: 7\nsteps_min: 3\n")
    yield "bad-version", checkpoint(random, format_version="3")
    yield "bad-model", model(random)
    yield "bad-cut", checkpoint(random, cut=1)
