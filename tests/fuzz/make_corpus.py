#!/usr/bin/python3
"""Writes the seeds of the fuzzers, corpus/<reader>/: small files of every kind, valid and awkward.

Made with Debian 12's python3-numpy (1.24), python3-pil (9.4), python3-torch (1.13) and a seed of 20241124:
    /usr/bin/python3 make_corpus.py [READER...]
The replay (replay.c) demands that good-* is accepted and bad-* refused; other names promise only
that nothing is harmed. Files named found-* came out of a fuzzer and are kept by hand: this script
never touches them.
"""
import io
import json
import pathlib
import pickle
import struct
import sys
import zipfile
import zlib

import numpy as np

HERE = pathlib.Path(__file__).parent
SEED = 20241124

# ---- Safetensors and models ---------------------------------------------------------------------


def safetensors(header, data=b"", length=None):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text) if length is None else length) + text + data


def tensors(*described, **metadata):
    """described: (name, dtype, shape, bytes)."""
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


def model(random, channels=4, hidden=3, bias=True, target=None, cut=0, **changes):
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
                 ("update.w2", "F32", [channels, hidden], values(channels, hidden))]
    if bias:
        described.append(("update.b2", "F32", [channels], values(channels)))
    if target:
        described.append(("target.rgba", "F32", [*target, 4], values(*target, 4)))
    data = safetensors(*tensors(*described, **metadata))
    return data[:len(data) - cut]


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


# ---- Checkpoints --------------------------------------------------------------------------------

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
    """After 3 iterations; one slot of the pool is no longer the seed, and five of its cells are dead."""
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


# ---- Settings -----------------------------------------------------------------------------------


def settings_seeds(_random):
    demo = (HERE / "../../configs/demo.yaml").read_bytes()
    yield "good-empty", b""
    yield "good-demo", b"".join(line for line in demo.splitlines(True) if not line.startswith(b"#"))
    yield "good-reference", (
        b"target_path: \"data/chest image.png\"\nmodel_path: null\nani_path:\ndevice: cuda\n"
        b"iterations: 2000\nlearning_rate: 0.002\nimg_size: 28 # cells\npadding: 0\n"
        b"n_channels: 16\nbatch_size: 8\npool_size: 1024\nfilter: Sobel\nloss: l1\ndamage: true\n")
    yield "good-flow", b"{iterations: 7, loss: \"L1\", memory_limit: 512 MiB}"
    yield "good-document", b"---\nrecipe: medmnist\npadding: 4\n...\n"
    yield "good-mark-and-returns", b"\xef\xbb\xbfiterations: 7\r\n'angle': 1.5e1\r\n"
    yield "good-texts", (b"output: \"a\\u00e9\\x7f\\n\\\"b\\\\\"\ntarget: >\n  folded\n  text\n"
                         b"kernels: scalar\nmodel_path: |\n  kept\n")
    yield "bad-key", b"iterations: 5\n\nlerning_rate: 1\n"
    yield "bad-twice", b"target: a\ntarget_path: b\n"
    yield "bad-value", b"iterations: many\n"
    yield "bad-alias", b"iterations: &a 5\nbatch_size: *a\n"
    yield "bad-laughs", b"a: &a [x,x]\nb: &b [*a,*a]\nc: [*b,*b]\n"
    yield "bad-list", b"- 1\n- 2\n"
    yield "bad-nested", b"iterations: {a: 1}\n"
    yield "bad-tag", b"iterations: !!int 5\n"
    yield "bad-two-documents", b"---\niterations: 1\n---\niterations: 2\n"
    yield "bad-depth", b"[" * 2000
    yield "bad-bytes", b"output: \xff\xfe\n"
    yield "bad-zero-byte", b"output: \"a\\0b\"\n"
    yield "bad-number", b"learning_rate: 1e999\n"
    yield "good-changes", (b"changes: \"5 lr .5,5  damage true, 5 damage-shape HALF_PLANE,\\n"
                           b"7 fire_rate 1e-3\"\n")
    yield "bad-changes", b"changes: 5 damage 1, 4 damage 2\n"


def sweep_seeds(_random):
    yield "good-empty", b""
    yield "good-product", (b"filter: [sobel, scharr]\nloss: [L1, L2]\nseeds: 3\nseed: 7\n"
                           b"target: pictures/a.png\n")
    yield "good-runs", (b"iterations: 10\nruns:\n  - target: [a.png, \"b c.png\"]\n"
                        b"  - {target: a.png, damage: 3}\n")
    yield "good-same-twice", b"padding: [4, 4]\nruns: [{loss: L1}, {loss: L1}]\n"
    yield "good-recipes", b"recipe: [distill, medmnist]\nimg_size: 28\n"
    yield "good-numbers", b"learning_rate: [1e-3, 0.001, 2e-3]\nangle: [0, -45]\n"
    yield "bad-many", b"seeds: 4097\n"
    yield "bad-product", b"".join(b"%s: [1,2,3,4,5,6,7,8]\n" % key for key in (
        b"padding", b"hidden", b"warmup", b"batch_size", b"threads"))
    yield "bad-key", b"fliter: [sobel]\n"
    yield "bad-empty-list", b"loss: []\n"
    yield "bad-list-in-list", b"loss: [[L1]]\n"
    yield "bad-runs-in-runs", b"runs: [{runs: [{loss: L1}]}]\n"
    yield "bad-one-file", b"model_path: m.safetensors\nseeds: 2\n"
    yield "bad-value", b"loss: [L1, L9]\n"
    yield "bad-alias", b"loss: &a [L1]\nfilter: *a\n"
    yield "bad-fit", b"steps_min: [10, 99]\nsteps_max: 20\n"


# ---- Images -------------------------------------------------------------------------------------

SIGNATURE = b"\x89PNG\r\n\x1a\n"


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width, height, depth, kind, raw, interlaced=0, before=b"", after=b""):
    header = struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, interlaced)
    return (SIGNATURE + chunk(b"IHDR", header) + before + chunk(b"IDAT", zlib.compress(raw, 9)) +
            after + chunk(b"IEND", b""))


def rows(random, height, size, filters=(0, 1, 2, 3, 4)):
    return b"".join(bytes([filters[y % len(filters)]]) + random.bytes(size) for y in range(height))


def png_seeds(random):
    palette = chunk(b"PLTE", random.bytes(12))
    yield "good-grey1", png(9, 3, 1, 0, rows(random, 3, 2))
    yield "good-grey4-key", png(5, 5, 4, 0, rows(random, 5, 3), before=chunk(b"tRNS", b"\0\3"))
    yield "good-grey16", png(3, 5, 16, 0, rows(random, 5, 6))
    yield "good-rgb8", png(4, 5, 8, 2, rows(random, 5, 12))
    yield "good-rgb16-key", png(2, 2, 16, 2, rows(random, 2, 12),
                                before=chunk(b"tRNS", random.bytes(6)))
    yield "good-palette2", png(7, 5, 2, 3, rows(random, 5, 2),
                               before=palette + chunk(b"tRNS", b"\0\x80\xff"))
    yield "good-grey-alpha", png(3, 5, 8, 4, rows(random, 5, 6))
    yield "good-rgba", png(3, 5, 8, 6, rows(random, 5, 12))
    yield "good-rgba16", png(2, 5, 16, 6, rows(random, 5, 16))
    # Adam7 on 1 x 1 and 2 x 2: most passes are empty.
    yield "good-interlaced1", png(1, 1, 8, 0, rows(random, 1, 1), 1)
    yield "good-interlaced2", png(2, 2, 8, 2, rows(random, 1, 3) * 2 + rows(random, 1, 6), 1)
    yield "good-texts", png(1, 1, 8, 0, b"\0\1", before=chunk(b"gAMA", b"\0\0\xb1\x8f") +
                            chunk(b"pHYs", b"\0\0\x0b\x13\0\0\x0b\x13\1") + chunk(b"tEXt", b"a\0b") +
                            chunk(b"zTXt", b"a\0\0" + zlib.compress(b"text")) +
                            chunk(b"iTXt", b"a\0\1\0en\0b\0" + zlib.compress(b"text")) +
                            chunk(b"iCCP", b"p\0\0" + zlib.compress(b"profile")))
    yield "good-empty-exif", png(1, 1, 8, 0, b"\0\1", before=chunk(b"eXIf", b""),
                                 after=chunk(b"eXIf", b""))
    big = zlib.compressobj(9)
    bomb = b"".join(big.compress(bytes(1 << 16)) for _ in range(300)) + big.flush()
    yield "bad-text-bomb", png(1, 1, 8, 0, b"\0\1", before=chunk(b"zTXt", b"a\0\0" + bomb))
    yield "bad-claim", png(32768, 8192, 8, 6, b"\0")
    yield "bad-size", png(0, 5, 8, 0, b"\0")
    yield "bad-few-rows", png(3, 5, 8, 0, rows(random, 4, 3))
    yield "bad-filter", png(3, 5, 8, 0, rows(random, 5, 3, (5,)))
    yield "bad-no-palette", png(3, 2, 8, 3, rows(random, 2, 3))
    yield "bad-checksum", png(3, 2, 8, 0, rows(random, 2, 3))[:-20] + b"\0" * 20
    yield "bad-cut", png(3, 2, 8, 0, rows(random, 2, 3))[:-12]
    yield "bad-signature-only", SIGNATURE


def jpeg_seeds(random):
    from PIL import Image
    image = Image.fromarray(random.integers(0, 256, (4, 5, 4), dtype=np.uint8), "CMYK")
    image = image.resize((19, 17), Image.Resampling.BICUBIC)
    rgb = Image.merge("RGB", image.split()[:3])
    made = {}
    for name, picture, options in [
            ("grey", rgb.convert("L"), {}), ("rgb", rgb, {"quality": 60}),
            ("444", rgb, {"subsampling": 0}), ("422", rgb, {"subsampling": 1}),
            ("progressive", rgb, {"progressive": True, "quality": 30}),
            ("optimised", rgb, {"optimize": True}), ("cmyk", image, {"quality": 50}),
            ("restart", rgb, {"quality": 50, "restart_marker_blocks": 1})]:
        out = io.BytesIO()
        picture.save(out, "JPEG", **options)
        made[name] = out.getvalue()
        yield "good-" + name, made[name]
    start = made["progressive"].index(b"\xff\xc2")
    huge = bytearray(made["progressive"])
    huge[start + 5:start + 9] = struct.pack(">HH", 16384, 16384)
    yield "bad-claim", bytes(huge)
    yield "bad-cut", made["rgb"][:-40]
    yield "bad-start-only", b"\xff\xd8\xff"
    images = fixtures("make_images")
    for name, data, _pixels in [*images.exif_records(random), *images.warning_records(random)]:
        if name.startswith("jpeg-") and name[9:] not in ("2-le", "3-le", "4-le", "5-le", "7-le"):
            yield "good-" + name[5:], data
    scan = made["progressive"].rindex(b"\xff\xda")
    yield "bad-many-scans", made["progressive"][:scan] + made["progressive"][scan:-2] * 600


# ---- NumPy --------------------------------------------------------------------------------------


def npy(array, version=(1, 0)):
    out = io.BytesIO()
    np.lib.format.write_array(out, np.asanyarray(array), version, allow_pickle=True)
    return out.getvalue()


def npy_text(header, data=b"", version=1):
    """A header of any text."""
    text = header.encode() + b"\n"
    length = struct.pack("<H" if version == 1 else "<I", len(text))
    return b"\x93NUMPY" + bytes([version, 0]) + length + text + data


def npy_seeds(random):
    cube = random.integers(0, 100, (3, 4, 2))
    for kind in "u1 <i2 >i4 <u8 >f4 <f8 ?".split():
        yield "good-" + kind.strip("<?").replace(">", "big-") or "bool", npy(cube.astype(kind))
    yield "good-version2", npy(cube.astype("u1"), (2, 0))
    yield "good-version3", npy(cube.astype("u1"), (3, 0))
    yield "good-fortran", npy(np.asfortranarray(cube.astype("<u2")))
    yield "good-fortran-plane", npy(np.asfortranarray(cube[0].astype(">u4")))
    yield "good-scalar", npy(np.float32(3))
    yield "good-empty", npy(np.zeros((0, 3), "f4"))
    yield "good-other-order", npy_text("{'shape': (2,),'fortran_order':False, \"descr\":'|u1'}", b"ab")
    yield "good-long-numbers", npy_text("{'descr': '<u1', 'fortran_order': False, 'shape': (2L,), }",
                                        b"ab")
    yield "bad-object", npy(np.array([{}, None]))
    yield "bad-text", npy(np.array(["a", "bc"]))
    yield "bad-structure", npy(np.zeros(2, [("a", "u1"), ("b", "f4")]))
    yield "bad-complex", npy(np.zeros(2, "c8"))
    yield "bad-cut", npy(cube.astype("u1"))[:-1]
    yield "bad-more-after", npy(cube.astype("u1")) + b"x"
    yield "bad-version", npy_text("{}", version=9)
    yield "bad-overflow", npy_text(
        f"{{'descr': '<f8', 'fortran_order': False, 'shape': ({2**32}, {2**32}, 1), }}")
    yield "bad-huge", npy_text("{'descr': '|u1', 'fortran_order': True, 'shape': (1, 9999999999), }")
    yield "bad-negative", npy_text("{'descr': '|u1', 'fortran_order': False, 'shape': (-1,), }")
    yield "bad-nine-axes", npy(np.zeros((1,) * 9, "u1"))
    yield "bad-twice", npy_text("{'shape': (1,), 'shape': (1,), 'descr': '|u1', 'fortran_order': False}",
                                b"a")
    yield "bad-depth", npy_text("{'shape': " + "(" * 500)
    yield "bad-nothing", b""


def archive(members, compression=None, comment=b""):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        file.comment = comment
        for name, data in members:
            about = zipfile.ZipInfo(name)  # of 1980-01-01
            about.compress_type = compression or zipfile.ZIP_STORED
            file.writestr(about, data)
    return out.getvalue()


def wide_local(name, data):
    """As NumPy writes: sizes in a zip64 field of the local header that the directory lacks."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        with file.open(zipfile.ZipInfo(name), "w", force_zip64=True) as member:
            member.write(data)
    return out.getvalue()


def npz_seeds(random):
    images, labels = random.integers(0, 256, (4, 3, 3), "u1"), np.arange(4).reshape(4, 1)
    both = [("train_images.npy", npy(images)), ("train_labels.npy", npy(labels))]
    plain = archive(both)
    yield "good-stored", plain
    yield "good-deflated", archive(both, zipfile.ZIP_DEFLATED)
    yield "good-fortran-deflated", archive(
        [("a.npy", npy(np.asfortranarray(images.astype(">u2"))))], zipfile.ZIP_DEFLATED)
    yield "good-wide-local-header", wide_local("train_images.npy", npy(images))
    yield "good-other-members", archive([("README", b"text"), *both], comment=b"a comment")
    yield "good-nothing-in-it", archive([])
    yield "bad-twice", archive([both[0], both[0]])
    yield "bad-name", archive([("../../etc/\x1b[31m.npy", b"")])
    yield "maybe-bzip2", archive(both, zipfile.ZIP_BZIP2)  # libzip's choice
    yield "bad-method", plain.replace(b"\0\0\0\0!\0", b"\x4d\0\0\0!\0")  # method, time, date
    damaged = bytearray(plain)
    damaged[plain.index(npy(images)) + 130] ^= 1
    yield "bad-checksum", bytes(damaged)
    yield "bad-cut", plain[:-30]
    yield "bad-directory-only", plain[plain.index(b"PK\1\2"):]
    zeros = npy_text("{'descr': '|u1', 'fortran_order': False, 'shape': (100000,), }", bytes(100000))
    bomb = bytearray(archive([("a.npy", zeros)], zipfile.ZIP_DEFLATED))
    for at in (22, bomb.index(b"PK\1\2") + 24):  # claims 4 GiB
        bomb[at:at + 4] = b"\xfe\xff\xff\xff"
    yield "bad-claim", bytes(bomb)
    yield "bad-nothing", b""
    yield "bad-no-zip", b"PK\3\4" + bytes(60)


def medmnist(images, labels, counts=(2, 1, 1), compression=None, leave_out=()):
    members = []
    for split, count in zip(("train", "val", "test"), counts):
        members += [(f"{split}_images.npy", npy(np.repeat(images, count, 0))),
                    (f"{split}_labels.npy", npy(np.repeat(labels, count, 0)))]
    return archive([m for m in members if m[0] not in leave_out], compression)


LABELS = ("train_labels.npy", "val_labels.npy", "test_labels.npy")


def medmnist_seeds(random):
    grey, colour = random.integers(0, 256, (1, 3, 4), "u1"), random.integers(0, 256, (1, 2, 2, 3), "u1")
    volume, label = random.integers(0, 256, (1, 2, 3, 2), "u1"), np.array([[1]], "u1")
    yield "good-grey", medmnist(grey, label)
    yield "good-colour-deflated", medmnist(colour, label.astype("i8"),
                                           compression=zipfile.ZIP_DEFLATED)
    yield "good-volume", medmnist(volume, label[0].astype(">i4"))
    yield "good-many-labels", medmnist(grey, np.arange(14).reshape(1, 14), (1, 1, 1))
    yield "good-fortran", medmnist(np.asfortranarray(np.repeat(grey, 2, 0)), np.repeat(label, 2, 0),
                                   (1, 1, 1))
    yield "good-empty-split", medmnist(grey, label, (1, 0, 1))
    yield "good-no-val-labels", medmnist(grey, label, leave_out=("val_labels.npy",))
    yield "good-no-labels", medmnist(grey, label, leave_out=LABELS)
    yield "good-only-train", medmnist(grey, label, leave_out=(
        "val_images.npy", "val_labels.npy", "test_images.npy", "test_labels.npy"))
    yield "good-only-test", medmnist(grey, label, leave_out=(
        "train_images.npy", "train_labels.npy", "val_images.npy", "val_labels.npy"))
    yield "bad-no-images", medmnist(grey, label, leave_out=(
        "train_images.npy", "val_images.npy", "test_images.npy"))
    yield "bad-floats", medmnist(grey.astype("f4"), label)
    yield "bad-float-labels", medmnist(grey, label.astype("f4"))
    yield "bad-labels", medmnist(grey, np.repeat(label, 3, 0))
    yield "bad-shape", medmnist(grey[0], label)
    yield "good-one-channel", medmnist(grey[..., None], label)
    yield "good-one-channel-first", medmnist(grey[:, None], label)
    yield "good-colour-first", medmnist(random.integers(0, 256, (1, 3, 8, 9), "u1"), label)
    yield "good-rgba", medmnist(random.integers(0, 256, (1, 8, 9, 4), "u1"), label)
    yield "good-volume-one-channel", medmnist(volume[..., None], label)
    yield "bad-slices-or-channels", medmnist(random.integers(0, 256, (1, 4, 8, 9), "u1"), label)


# ---- PyTorch ------------------------------------------------------------------------------------


def state_dict(random, channels=4, hidden=3, prefix="update_module."):
    import torch

    def values(*shape):
        return torch.from_numpy(random.normal(size=shape).astype("f4"))

    return {prefix + "0.weight": values(hidden, 3 * channels, 1, 1),
            prefix + "0.bias": values(hidden), prefix + "2.weight": values(channels, hidden, 1, 1)}


def saved(state, **options):
    import torch
    out = io.BytesIO()
    torch.save(state, out, **options)
    return out.getvalue()


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
        yield f"bad-old-form{protocol}", saved(state, pickle_protocol=protocol,
                                               _use_new_zipfile_serialization=False)
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

# ---- The files of a run, and numbers for plots ---------------------------------------------------

METRICS = (b"iteration,loss,steps,learning_rate,norm_w1,norm_b1,norm_w2,norm_b2,alive_cells,"
           b"seconds\n")


def metrics_row(iteration, loss=b"0.25", seconds=b"1.5"):
    return b"%s,%s,64,0.002,1,0.5,1,0.5,900,%s\n" % (str(iteration).encode(), loss, seconds)


def metrics_seeds(random):
    yield "good-rows", METRICS + b"".join(metrics_row(i) for i in range(1, 61))
    yield "good-not-finite", METRICS + metrics_row(1, b"inf") + metrics_row(2, b"-nan") + \
        metrics_row(3, b"1e308") + metrics_row(4, b"5e-324")
    yield "good-most", METRICS + metrics_row(3999999999) + metrics_row(4000000000)
    yield "bad-nothing", b""
    yield "bad-head", metrics_row(1)
    yield "bad-beyond-a-double", METRICS + metrics_row(2**53 + 1)
    yield "bad-beyond-64-bits", METRICS + metrics_row(2**64)
    yield "bad-zero", METRICS + metrics_row(0)
    yield "bad-cut", METRICS + metrics_row(1)[:-3]
    yield "bad-long-line", METRICS + b"1," * 600 + b"\n"
    yield "bad-zero-byte", METRICS + b"1,\0" + metrics_row(2)
    yield "bad-seconds", METRICS + metrics_row(1, seconds=b"inf")


def events_seeds(random):
    head = b"iteration,key,value\n"
    yield "good-changes", head + b"5,learning_rate,0.001\n5,damage,1\n90,fire_rate,0.75\n"
    yield "good-nothing", head
    yield "good-empty", b""
    yield "bad-key", head + b"5,los,1\n"
    yield "bad-value", head + b"5,learning_rate,fast\n"
    yield "bad-iteration", head + b"99999999999999999999,damage,1\n"
    yield "bad-cut", head + b"5,damage"
    yield "bad-fields", head + b"5,damage,1,2\n"
    yield "bad-blank", head + b"5, damage,1\n"


def evaluation_seeds(random):
    head = b"part,shape,step,measure,mean,deviation\n"
    rows = [b"steps,,%d,%s,%s,%s\n" % (step, measure, b"0.5", b"" if measure == b"surviving" else b"0.1")
            for step in (80, 500) for measure in (b"L1", b"L2", b"Hinge", b"PSNR", b"surviving")]
    yield "good-rows", head + b"".join(rows)
    yield "good-not-finite", head + b"".join(rows).replace(b"0.5,0.1", b"inf,nan")
    yield "good-huge", head + b"".join(rows).replace(b"0.5,0.1", b"1e308,5e-324")
    yield "bad-nothing", b""
    yield "bad-missing", head + b"".join(rows[:-2])
    yield "bad-number", head + b"".join(rows).replace(b"0.5,0.1", b"0x,0.1", 1)
    yield "bad-share", head + b"".join(rows).replace(b"surviving,0.5", b"surviving,1.5")
    yield "bad-cut", head + b"".join(rows)[:-1]
    yield "bad-long-line", head + b"x" * 2000 + b"\n" + b"".join(rows)


def plot_seeds(random):
    """First iteration, window and first step, then values; see fuzz_plot.c."""
    def numbers(first, window, step, values):
        return struct.pack("<QHQ", first, window, step) + struct.pack("<%dd" % len(values), *values)
    inf, nan = float("inf"), float("nan")
    yield "good-falling", numbers(1, 50, 0, [0.5 ** i for i in range(60)])
    yield "good-extremes", numbers(1, 3, 0, [1e308, 5e-324, inf, nan, -inf, -1, 0, 1e-300])
    yield "good-one", numbers(2**53 + 1, 1, 2**53 + 1, [1])
    yield "good-last", numbers(2**64 - 1, 0, 2**64 - 1, [1, 2, 3])
    yield "good-no-finite", numbers(7, 65535, 7, [nan, inf])
    yield "good-equal", numbers(0, 2, 0, [0.25] * 9)
    yield "bad-nothing", b""



# ---- What reaches the server of a page -----------------------------------------------------------

TOKEN = b"0123456789abcdef"
UPGRADE = (b"Upgrade: websocket\r\nConnection: keep-alive, Upgrade\r\nSec-WebSocket-Version: 13\r\n"
           b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n")


def request_seeds(_random):
    def request(line=b"GET / HTTP/1.1", *headers, host=b"localhost:8642"):
        return b"\r\n".join((line, b"Host: " + host) + headers) + b"\r\n\r\n"

    yield "good-page", request()
    yield "good-address", request(host=b"127.0.0.1")
    yield "good-head", request(b"HEAD / HTTP/1.0")
    yield "good-key", request(b"GET /?key=" + TOKEN + b" HTTP/1.1", b"Accept: text/html", host=b"name.example")
    yield "good-browser", request(b"GET / HTTP/1.1", b"User-Agent: Mozilla/5.0 (X11; Linux x86_64)",
                                  b"Accept: text/html,*/*;q=0.8", b"Accept-Language: de,en;q=0.5",
                                  b"Accept-Encoding: gzip, deflate", b"Connection: keep-alive", b"DNT: 1")
    yield "good-live", request(b"GET /live HTTP/1.1", b"Origin: http://localhost:8642", UPGRADE[:-2])
    yield "good-more-after", request() + b"GET / HTTP/1.1\r\n"
    yield "bad-options", request(b"OPTIONS / HTTP/1.1", b"Origin: http://evil.example",
                                 b"Access-Control-Request-Method: GET")
    yield "bad-host", request(host=b"localhost.evil.example")
    yield "bad-hosts", request(b"GET / HTTP/1.1", b"Host: localhost")
    yield "bad-origin", request(b"GET /live HTTP/1.1", b"Origin: http://evil.example", UPGRADE[:-2])
    yield "bad-no-upgrade", request(b"GET /live HTTP/1.1", b"Origin: http://localhost:8642")
    yield "bad-key", request(b"GET /?key=0123456789abcdeX HTTP/1.1", host=b"name.example")
    yield "bad-path", request(b"GET /../etc/passwd HTTP/1.1")
    yield "bad-absolute", request(b"GET http://localhost/ HTTP/1.1")
    yield "bad-version", request(b"GET / HTTP/2.0")
    yield "bad-long-path", request(b"GET /" + b"a" * 1024 + b" HTTP/1.1")
    yield "bad-many-headers", request(b"GET / HTTP/1.1", *[b"a: b"] * 64)
    yield "bad-fold", request(b"GET / HTTP/1.1", b"A: b", b" c")
    yield "bad-line-feeds", request().replace(b"\r\n", b"\n")
    yield "bad-zero", request(b"GET / HTTP/1.1", b"A: \0")
    yield "bad-cut", request()[:-1]
    yield "bad-body", request(b"POST / HTTP/1.1", b"Content-Length: 999999999999") + b"body"
    yield "bad-nothing", b""


def knob(*rest, token=TOKEN):
    return b'{"token":"' + token + b'"' + b"".join(rest) + b"}"


CHANGE = knob(b',"do":"change","key":"learning_rate","value":"0.001"')


def knob_seeds(_random):
    yield "good-change", CHANGE
    yield "good-pause", knob(b',"do":"pause"')
    yield "good-nothing-to-do", knob()
    yield "good-escapes", knob(b',"do":"\\u00e4\\"[{\\\\","key":"\\ud83d\\ude00"')
    yield "good-long", knob(b',"value":"' + b"9" * 900 + b'"')
    yield "good-kinds", knob(b',"do":1e3,"key":null,"value":true')
    yield "bad-token", knob(b',"do":"stop"', token=b"0123456789abcdeX")
    yield "bad-short-token", knob(b',"do":"stop"', token=TOKEN[:-1])
    yield "bad-token-last", b'{"do":"stop","token":"' + TOKEN + b'"}'
    yield "bad-deep", b"[" * 1000
    yield "bad-deep-objects", b'{"a":' * 200
    yield "bad-deep-behind-token", knob()[:-1] + b',"do":' + b"[" * 990
    yield "bad-objects-behind-token", knob()[:-1] + b',"do":{"do":{}}}'
    yield "bad-twice", knob(b',"do":"stop","do":"go"')
    yield "bad-zero", knob(b',"do":"\\u0000"')
    yield "bad-bytes", knob(b',"do":"\xff"')
    yield "bad-cut", CHANGE[:-1]
    yield "bad-more-after", CHANGE + CHANGE
    yield "bad-nothing", b""


def frame(data, kind=1, final=True, reserved=0, mask=b"\1\2\3\4", length=None):
    length = len(data) if length is None else length
    first = bytes([final << 7 | reserved << 4 | kind])
    masked = 0x80 if mask else 0
    if length < 126:
        second = bytes([masked | length])
    elif length < 1 << 16:
        second = struct.pack(">BH", masked | 126, length)
    else:
        second = struct.pack(">BQ", masked | 127, length)
    if mask:
        data = bytes(byte ^ mask[i % 4] for i, byte in enumerate(data))
    return first + second + mask + data


def websocket_seeds(_random):
    yield "good-knob", frame(CHANGE)
    yield "good-knobs", frame(CHANGE) + frame(knob(b',"do":"go"'), mask=b"\0\0\0\0")
    yield "good-longest", frame(knob(b',"value":"' + b"1" * 985 + b'"'))
    yield "good-ping", frame(b"hello", kind=9) + frame(b"", kind=10) + frame(b"x" * 125, kind=9)
    yield "good-cut", frame(CHANGE)[:-1]
    yield "good-nothing", b""
    yield "bad-close", frame(struct.pack(">H", 1000) + b"done", kind=8) + frame(CHANGE)
    yield "bad-token", frame(knob(b',"do":"stop"', token=b"0123456789abcdeX"))
    yield "bad-deep", frame(b"[" * 1000)
    yield "bad-no-mask", frame(CHANGE, mask=b"")
    yield "bad-reserved", frame(CHANGE, reserved=4)
    yield "bad-kind", frame(b"", kind=3)
    yield "bad-bytes", frame(b"\0\1", kind=2)
    yield "bad-parts", frame(CHANGE[:20], final=False) + frame(CHANGE[20:], kind=0)
    yield "bad-long", frame(b" " * 1025)
    yield "bad-claim", frame(b"", length=1 << 31)
    yield "bad-largest-claim", frame(b"", length=(1 << 64) - 1)
    yield "bad-long-ping", frame(b"x" * 126, kind=9)
    yield "bad-flood", frame(b"", kind=9) * 129
    yield "bad-http", b"GET / HTTP/1.1\r\n\r\n"
# ---- Pictures of tests/fixtures -----------------------------------------------------------------


def fixtures(module):
    """The scripts beside pictures.bin and images.bin, whose files are seeds too."""
    import importlib
    sys.path.insert(0, str(HERE / "../fixtures"))
    return importlib.import_module(module)


def picture_seeds(records, random, accepted):
    """accepted: whether the harness, which chooses slices by a file's size, takes one of this size."""
    seen = set()
    for name, _window, data, _rgba in records(random):
        name = name.replace("?", "-").replace("&", "-").replace("=", "")
        if data not in seen and not name.endswith(("raw.tif", "packbits.tif")):
            seen.add(data)
            yield ("good-" if accepted(len(data)) else "maybe-") + name.rsplit(".", 1)[0], data


def tiff_seeds(random):
    made = fixtures("make_pictures")
    yield from picture_seeds(made.tiff_records, random, lambda size: size % 4 != 3)
    word = random.integers(0, 2 ** 16, (5, 4, 1), "u2")
    plain = made.plain_tiff(word)
    at = plain.index(struct.pack("<HHI", 257, 4, 1)) + 8
    yield "bad-cut", plain[:-30]
    yield "bad-rows", plain[:at] + struct.pack("<I", 20000) + plain[at + 4:]
    yield "bad-huge", plain[:at] + struct.pack("<I", 2 ** 31) + plain[at + 4:]
    yield "bad-channels", made.plain_tiff(random.integers(0, 9, (3, 3, 5), "u1"))
    yield "bad-two-channels", made.plain_tiff(random.integers(0, 9, (3, 3, 2), "u1"))
    yield "bad-signature-only", b"II*\0"
    loop = bytearray(plain)
    entries = struct.unpack("<I", plain[4:8])[0]
    end = entries + 2 + 12 * struct.unpack("<H", plain[entries:entries + 2])[0]
    loop[end:end + 4] = plain[4:8]
    yield "maybe-pages-in-a-loop", bytes(loop)


def webp_seeds(random):
    made = fixtures("make_pictures")
    yield from picture_seeds(made.webp_records, random, lambda _size: True)
    from PIL import Image
    frames = [Image.fromarray(random.integers(0, 256, (4, 5, 3), dtype=np.uint8)) for _ in range(2)]
    yield "bad-animated", made.as_bytes(frames[0], format="WebP", save_all=True,
                                        append_images=frames[1:])
    lossy = made.as_bytes(frames[0], format="WebP")
    yield "good-small", lossy
    yield "bad-cut", lossy[:-6]
    yield "bad-signature-only", b"RIFF\4\0\0\0WEBP"


def npy_picture_seeds(random):
    made = fixtures("make_pictures")
    yield from picture_seeds(made.npy_records, random, lambda size: size % 2 == 1)
    yield "bad-cut", made.npy(np.zeros((3, 4), "u1"))[:-1]
    yield "bad-empty", made.npy(np.zeros((0, 4), "f4"))
    yield "maybe-channels", made.npy(np.zeros((9, 9, 2), "u1"))
    yield "bad-five-axes", made.npy(np.zeros((1, 2, 3, 4, 5), "u1"))


SEEDS = {
    "tiff": tiff_seeds,
    "webp": webp_seeds,
    "npy_picture": npy_picture_seeds,
    "safetensors": safetensors_seeds,
    "model": model_seeds,
    "checkpoint": checkpoint_seeds,
    "settings": settings_seeds,
    "sweep": sweep_seeds,
    "png": png_seeds,
    "jpeg": jpeg_seeds,
    "npy": npy_seeds,
    "npz": npz_seeds,
    "medmnist": medmnist_seeds,
    "pickle": pickle_seeds,
    "torch": torch_seeds,
    "request": request_seeds,
    "knob": knob_seeds,
    "websocket": websocket_seeds,
    "metrics": metrics_seeds,
    "events": events_seeds,
    "evaluation": evaluation_seeds,
    "plot": plot_seeds,
}


def main(readers):
    for reader in readers or SEEDS:
        folder = HERE / "corpus" / reader
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.iterdir():
            if not old.name.startswith("found-"):
                old.unlink()
        for name, data in SEEDS[reader](np.random.default_rng(SEED)):
            (folder / name).write_bytes(data)
        size = sum(file.stat().st_size for file in folder.iterdir())
        print(f"{reader}: {sum(1 for _ in folder.iterdir())} files, {size} bytes")


if __name__ == "__main__":
    main(sys.argv[1:])
