#!/usr/bin/env python3
"""Draws examples/photo.png, the picture that README's tour trains on: a flower of 120×90 pixels on a
transparent ground.

    bench/make_photo.py OUT.png"""
import math
import sys

import drawing

WIDTH, HEIGHT = 120, 90
CENTRE, PETALS = (62.0, 34.0), 7


def colour(x, y):
    """The colour (r, g, b) of a point, or None if it is transparent."""
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


drawing.write_png(sys.argv[1], WIDTH, HEIGHT, colour)
