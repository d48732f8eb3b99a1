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


def medmnist(images, labels, counts=(2, 1, 1), compression=None, leave_out=None):
    members = []
    for split, count in zip(("train", "val", "test"), counts):
        members += [(f"{split}_images.npy", npy(np.repeat(images, count, 0))),
                    (f"{split}_labels.npy", npy(np.repeat(labels, count, 0)))]
    return archive([m for m in members if m[0] != leave_out], compression)


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
    yield "bad-missing", medmnist(grey, label, leave_out="val_labels.npy")
    yield "bad-floats", medmnist(grey.astype("f4"), label)
    yield "bad-float-labels", medmnist(grey, label.astype("f4"))
    yield "bad-labels", medmnist(grey, np.repeat(label, 3, 0))
    yield "bad-shape", medmnist(grey[0], label)


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
    import os
    import torch
    # fuzz_pickle.c has storages of 36, 3 and 12 floats for them.
    state = state_dict(random)
    for protocol in (2, 3, 4, 5):
        yield f"good-protocol{protocol}", pickle_of(saved(state, pickle_protocol=protocol))
    yield "good-views", pickle_of(saved({"a": torch.zeros(36)[3:9].reshape(2, 3).t()}))
    yield "good-wrapped", pickle_of(saved({"state_dict": state, "x": [1, 2.5, -2**40, "t", None, True,
                                                                      (), {}, [[]]]}))
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



SEEDS = {
    "safetensors": safetensors_seeds,
    "model": model_seeds,
    "settings": settings_seeds,
    "sweep": sweep_seeds,
    "png": png_seeds,
    "jpeg": jpeg_seeds,
    "npy": npy_seeds,
    "npz": npz_seeds,
    "medmnist": medmnist_seeds,
    "pickle": pickle_seeds,
    "torch": torch_seeds,
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
