"""Writes a PNG file with alpha from a function that gives the colour of a point, with smooth edges."""
import struct
import zlib

FINE = 4  # FINE² samples a pixel


def pixel(colour, column, row):
    found = [colour(column + (i + 0.5) / FINE, row + (k + 0.5) / FINE)
             for i in range(FINE) for k in range(FINE)]
    seen = [c for c in found if c is not None]
    if not seen:
        return bytes(4)
    mean = [round(sum(c[i] for c in seen) / len(seen)) for i in range(3)]
    return bytes(min(255, v) for v in mean) + bytes([round(255 * len(seen) / len(found))])


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def write_png(path, width, height, colour):
    """`colour(x, y)` gives (r, g, b), 0 to 255, or None if the point is transparent."""
    rows = b"".join(b"\0" + b"".join(pixel(colour, x, y) for x in range(width))
                    for y in range(height))
    with open(path, "wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n" +
                   chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)) +
                   chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b""))
