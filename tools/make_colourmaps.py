#!/usr/bin/env python3
"""Writes src/base/colourmap_tables.inc: matplotlib's colour maps as tables of 256 colours.

    /usr/bin/python3 tools/make_colourmaps.py > src/base/colourmap_tables.inc

Needs matplotlib (Debian: python3-matplotlib). The values of viridis, magma and inferno were
released under CC0: S. van der Walt and N. Smith, "A Better Default Colormap for Matplotlib",
SciPy 2015. They are rounded to the nearest byte, as in the published "#000004" to "#fcfdbf"; older
matplotlibs cut them off instead when they are asked for bytes.
"""
import sys

import matplotlib

MAPS = ["viridis", "magma", "inferno"]


def main():
    out = sys.stdout
    out.write("/* Written by tools/make_colourmaps.py; do not edit. */\n")
    for name in MAPS:
        colours = [[round(255 * part) for part in colour] for colour in matplotlib.colormaps[name].colors]
        out.write(f"static const uint8_t {name}_table[256][3] = {{\n")
        for start in range(0, 256, 6):
            row = (f"{{{r}, {g}, {b}}}" for r, g, b in colours[start : start + 6])
            out.write("    " + ", ".join(row) + ",\n")
        out.write("};\n")


main()
