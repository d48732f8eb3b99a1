#!/usr/bin/env python3
"""Draws examples/photo.png, the picture that README's tour trains on: a flower of 120×90 pixels on a
transparent ground.

    bench/make_photo.py OUT.png"""
import math
import struct
import sys
import zlib

WIDTH, HEIGHT, FINE = 120, 90, 4  # FINE² samples a pixel
CENTRE, PETALS = (62.0, 34.0), 7


def colour(x, y):
    """Of a point: (r, g, b), or None where there is nothing."""
    dx, dy = x - CENTRE[0], y - CENTRE[1]
    radius, angle = math.hypot(dx, dy), math.atan2(dy, dx) + 0.35
    if radius < 8.5:
        shade = 0.75 + 0.25 * math.cos(radius)
        return 250 * shade, 190 * shade, 40 * shade
    petal = math.cos(PETALS / 2 * angle) ** 2
    if radius < 12 + 18 * petal:
        light = min(1.0, radius / 30)
        return 150 + 90 * light, 40 + 90 * light * petal, 140 + 60 * light
    stem = 62 + 5 * math.sin((y - 34) / 16)
    if 34 < y < 86 and abs(x - stem) < 2.2:
        return 60, 140, 60
    for side, top in ((-1, 74.0), (1, 68.0)):
        along, across = side * (x - stem), y - top
        if 0 < along < 30 and abs(across + along * 0.25) < 6.5 * math.sin(math.pi * along / 30):
            return (40, 110, 50) if abs(across + along * 0.25) < 0.8 else (80, 170, 70)
    return None


def pixel(column, row):
    found = [colour(column + (i + 0.5) / FINE, row + (k + 0.5) / FINE)
             for i in range(FINE) for k in range(FINE)]
    seen = [c for c in found if c is not None]
    if not seen:
        return bytes(4)
    mean = [round(sum(c[i] for c in seen) / len(seen)) for i in range(3)]
    return bytes(min(255, v) for v in mean) + bytes([round(255 * len(seen) / len(found))])


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def main():
    rows = b"".join(b"\0" + b"".join(pixel(x, y) for x in range(WIDTH)) for y in range(HEIGHT))
    with open(sys.argv[1], "wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n" +
                   chunk(b"IHDR", struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 6, 0, 0, 0)) +
                   chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b""))


main()
