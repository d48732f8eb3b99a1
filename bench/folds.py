#!/usr/bin/python3
"""Divides a set of MedMNIST for cross-validation: the images of `train` and `val` in a random order, a
third of them as `val`, the others as `train`. The images of `test` are left out.

    /usr/bin/python3 bench/folds.py ARCHIVE.npz OUT.npz FOLD   (python3-numpy; FOLD is 0, 1 or 2)"""
import os
import sys
import tempfile

import numpy as np

FOLDS = 3


def main():
    archive, out, fold = sys.argv[1], sys.argv[2], int(sys.argv[3])
    with np.load(archive) as whole:
        images, labels = (np.concatenate([whole["train_" + kind], whole["val_" + kind]])
                          for kind in ("images", "labels"))
    order = np.random.default_rng(1).permutation(len(images))
    left_out = np.arange(len(images)) % FOLDS == fold
    parts = {"%s_%s" % (split, kind): values[rows]
             for split, rows in (("train", order[~left_out]), ("val", order[left_out]))
             for kind, values in (("images", images), ("labels", labels))}
    with tempfile.NamedTemporaryFile(dir=os.path.dirname(out), delete=False) as file:
        np.savez(file, **parts)
    os.replace(file.name, out)


if __name__ == "__main__":
    main()
