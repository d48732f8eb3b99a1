#!/usr/bin/python3
"""Writes the seeds of the fuzzers, corpus/<reader>/: small files of every kind, valid and awkward.

Made with Debian 12's python3-numpy (1.24), python3-pil (9.4), python3-torch (1.13) and a seed of 20241124:
    /usr/bin/python3 make_corpus.py [READER...]
The replay (replay.c) demands that good-* is accepted and bad-* refused; other names promise only
that nothing is harmed. Files named found-* came out of a fuzzer and are kept by hand: this script
never touches them. The seeds themselves are in seeds/, a module for each family of files.
"""
import pathlib
import sys

import numpy as np

from seeds import arrays, models, pictures, requests, runs, settings, tables, torch_files

HERE = pathlib.Path(__file__).parent
SEED = 20241124

SEEDS = {
    "tiff": pictures.tiff_seeds,
    "webp": pictures.webp_seeds,
    "npy_picture": pictures.npy_picture_seeds,
    "safetensors": models.safetensors_seeds,
    "model": models.model_seeds,
    "checkpoint": models.checkpoint_seeds,
    "settings": settings.settings_seeds,
    "sweep": settings.sweep_seeds,
    "png": pictures.png_seeds,
    "jpeg": pictures.jpeg_seeds,
    "npy": arrays.npy_seeds,
    "npz": arrays.npz_seeds,
    "medmnist": arrays.medmnist_seeds,
    "pickle": torch_files.pickle_seeds,
    "torch": torch_files.torch_seeds,
    "request": requests.request_seeds,
    "knob": requests.knob_seeds,
    "websocket": requests.websocket_seeds,
    "metrics": runs.metrics_seeds,
    "events": runs.events_seeds,
    "evaluation": runs.evaluation_seeds,
    "plot": runs.plot_seeds,
    "table": tables.table_seeds,
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
