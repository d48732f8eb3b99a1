"""Files of NumPy and of MedMNIST."""
import io
import struct
import zipfile

import numpy as np

def npy(array, version=(1, 0)):
    out = io.BytesIO()
    np.lib.format.write_array(out, np.asanyarray(array), version, allow_pickle=True)
    return out.getvalue()


def npy_text(header, data=b"", version=1):
    """An array file with any text as its header."""
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
    """As NumPy writes archives: with sizes in a zip64 field of the local header, which the directory does
    not have."""
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
