#!/usr/bin/python3
"""Writes the seeds of the fuzzers to corpus/READER/: small valid and invalid files of every kind.

    /usr/bin/python3 make_corpus.py [READER...]           writes the seeds
    /usr/bin/python3 make_corpus.py --check [READER...]   fails if the committed seeds differ

The committed seeds were made with python3-numpy (1.24), python3-pil (9.4) and python3-torch (1.13) of
Debian 12, and the random seed below. The replay (replay.c) requires that files named good-* are accepted
and files named bad-* are refused. For other names, only the checks of the harness must hold. Files named
found-* were found by a fuzzer. They are added by hand, and this script does not touch them. The folder
seeds/ has one module for each family of files.
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
    "validations": runs.validations_seeds,
    "evaluation": runs.evaluation_seeds,
    "plot": runs.plot_seeds,
    "table": tables.table_seeds,
}


def seeds_of(reader):
    """The contents of the seeds by their names."""
    return dict(SEEDS[reader](np.random.default_rng(SEED)))


def committed(reader):
    """The files of the seeds by their names."""
    folder = HERE / "corpus" / reader
    return {file.name: file for file in folder.iterdir() if not file.name.startswith("found-")}


def write(reader):
    folder = HERE / "corpus" / reader
    folder.mkdir(parents=True, exist_ok=True)
    for file in committed(reader).values():
        file.unlink()
    for name, data in seeds_of(reader).items():
        (folder / name).write_bytes(data)
    size = sum(file.stat().st_size for file in folder.iterdir())
    print(f"{reader}: {sum(1 for _ in folder.iterdir())} files, {size} bytes")


def differences(reader):
    """What differs between the generated and the committed seeds, as sentences."""
    made, found = seeds_of(reader), committed(reader)
    for name in sorted(made.keys() | found.keys()):
        if name not in found:
            yield f"corpus/{reader}/{name} is missing"
        elif name not in made:
            yield f"corpus/{reader}/{name} is not generated"
        elif found[name].read_bytes() != made[name]:
            yield f"corpus/{reader}/{name} differs from the generated seed"


def main(arguments):
    readers = [name for name in arguments if name != "--check"] or SEEDS
    if "--check" in arguments:
        wrong = [sentence for reader in readers for sentence in differences(reader)]
        sys.exit("\n".join(wrong) or 0)
    for reader in readers:
        write(reader)


if __name__ == "__main__":
    main(sys.argv[1:])
