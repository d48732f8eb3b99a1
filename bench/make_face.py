#!/usr/bin/env python3
"""Draws bench/face.png, a target of bench/stability.py: a face of 96×96 pixels whose eyes and mouth are
holes, on a transparent ground.

    bench/make_face.py OUT.png"""
import math
import sys

import drawing

SIDE = 96
EYES = ((33.0, 38.0), (63.0, 38.0))


def colour(x, y):
    """The colour (r, g, b) of a point, or None if it is transparent."""
    dx, dy = x - SIDE / 2, y - SIDE / 2
    radius = math.hypot(dx, dy)
    if radius > 46:
        return None
    if any(math.hypot((x - ex) / 6, (y - ey) / 9) < 1 for ex, ey in EYES):
        return None
    if dy > 6 and 22 < math.hypot(dx, dy + 2) < 29 and abs(dx) < 26:
        return None
    if any(math.hypot(x - cx, y - 56) < 7 for cx in (20, 76)):
        return 240, 120, 90
    if radius > 42:
        return 200, 130, 10
    light = 1 - math.hypot(x - 36, y - 30) / 160
    return 255 * light + 10, 215 * light + 10, 60 * light


drawing.write_png(sys.argv[1], SIDE, SIDE, colour)
