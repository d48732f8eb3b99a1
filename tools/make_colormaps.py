#!/usr/bin/env python3
"""Writes src/base/colormap_tables.inc: matplotlib's colormaps as tables of 256 colours, and a
diverging one of 255 colours, so that it has a middle.

    /usr/bin/python3 tools/make_colormaps.py > src/base/colormap_tables.inc

Needs matplotlib (Debian: python3-matplotlib). The values of viridis, magma and inferno were
released under CC0: S. van der Walt and N. Smith, "A Better Default Colormap for Matplotlib",
SciPy 2015. They are rounded to the nearest byte, as in the published values "#000004" to "#fcfdbf".
Older versions of matplotlib truncate them when they return bytes.

The diverging map is ColorBrewer's RdBu with 11 classes, reversed, with straight lines between its
colours: C. Brewer and M. Harrower, https://colorbrewer2.org (Apache License 2.0).
"""
import sys

import matplotlib

MAPS = ["viridis", "magma", "inferno"]
DIVERGING = "RdBu_r"
STEPS = 255


def rounded(colours):
    return [[round(255 * part) for part in colour[:3]] for colour in colours]


def write_table(name, colours):
    out = sys.stdout
    out.write(f"static const uint8_t {name}_table[{len(colours)}][3] = {{\n")
    for start in range(0, len(colours), 6):
        row = (f"{{{r}, {g}, {b}}}" for r, g, b in colours[start : start + 6])
        out.write("    " + ", ".join(row) + ",\n")
    out.write("};\n")


def main():
    sys.stdout.write("/* Written by tools/make_colormaps.py; do not edit. */\n")
    for name in MAPS:
        write_table(name, rounded(matplotlib.colormaps[name].colors))
    diverging = matplotlib.colormaps[DIVERGING].resampled(STEPS)
    write_table("diverging", rounded(diverging(i) for i in range(STEPS)))


main()
