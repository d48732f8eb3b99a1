"""Pictures: PNG, JPEG, and the files of tests/fixtures/make_images.py and make_pictures.py."""
import importlib
import io
import pathlib
import struct
import sys
import zlib

import numpy as np

HERE = pathlib.Path(__file__).parent


def fixtures(module):
    """A script of tests/fixtures, whose files are seeds too."""
    sys.path.insert(0, str(HERE / "../../fixtures"))
    return importlib.import_module(module)


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


def picture_seeds(records, random, accepted):
    """`accepted` says whether the harness accepts a file of a size. It chooses the slice by the size."""
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
    holes = random.random((6, 5)).astype("f4")
    holes.flat[[0, 7, 18]] = -np.inf, np.nan, np.inf
    yield "bad-not-finite", made.npy(holes)
