"""The data sets of MedMNIST, from their files (`nca data get` downloads them)."""
from __future__ import annotations

from typing import TYPE_CHECKING, Any, List, NamedTuple, Optional, Tuple

import numpy as np

from nca._callbacks import Callbacks
from nca._library import (FilePath, as_path, check, created, data_root, ffi, lib, new_error, pointer_to, set_numbers,
                          text, whole)
from nca.labelled import split_named

if TYPE_CHECKING:
    from numpy.typing import NDArray

_READ = 256  # images between two moments at which Python sees Ctrl-C


class Images(NamedTuple):
    """Images of one split.

    Attributes
    ----------
    images : array of uint8
        (N,H,W) grey, (N,H,W,3) colour, or (N,D,H,W) volumes.
    labels : array of int64
        (N) classes, or (N, labels) of 0 and 1; empty if the file has none.
    classes : tuple of str
        The names of the classes or labels; empty if the set is not in the catalogue.
    """

    images: NDArray[np.uint8]
    labels: NDArray[np.int64]
    classes: Tuple[str, ...]


def sets() -> List[str]:
    """The names of all sets."""
    return [text(lib.nca_medmnist_set_at(index).name) for index in range(lib.nca_medmnist_set_count())]


def load(name: FilePath, split: str = "train", root: Optional[FilePath] = None) -> Images:
    """Reads a split of a set.

    Parameters
    ----------
    name : str or path
        A set such as "breastmnist" or "breastmnist_64", or the path of an .npz file of this form.
    split : str
        "train", "val" or "test".
    root : path, optional
        The folder of the files; by default .medmnist in the home folder.

    Raises
    ------
    NotFoundError
        There is no such set, file or split.
    """
    data = created(lib.nca_medmnist_open, lib.nca_medmnist_close, _path_of(name, root))
    info = lib.nca_medmnist_about(data)
    part = split_named(split)
    images = np.empty((info.count[part], info.depth, info.height, info.width, info.channels), np.uint8)
    _read(lib.nca_medmnist_read, images, "uint8_t", data, part)
    labels = np.empty((info.count[part] if info.labelled[part] else 0, info.labels), np.int64)
    _read(lib.nca_medmnist_labels, labels, "int64_t", data, part)
    classes: Tuple[str, ...] = ()
    if info.set != ffi.NULL:
        classes = tuple(text(info.set.labels[index]) for index in range(info.set.classes))
    return Images(_without_ones(images), labels[:, 0] if info.labels == 1 else labels, classes)


def synthesise(path: FilePath, name: str, *, size: int = 28, train: int = 64, val: int = 16, test: int = 16,
               seed: int = 0) -> None:
    """Writes a file in the format of a set with made images, for trials without a download."""
    options = ffi.new("nca_synthetic_options *")
    lib.nca_synthetic_options_default(options)
    options.set = _set_named(name)
    set_numbers(options, size=size, seed=seed)
    options.count = [whole("train", train), whole("val", val), whole("test", test)]
    error = new_error()
    check(lib.nca_medmnist_synthesise(as_path(path), options, error), error)


def _set_named(name: str) -> Any:
    found = lib.nca_medmnist_set_named(name.encode())
    if found == ffi.NULL:
        raise ValueError("%r is no set of MedMNIST; expected one of %s" % (name, ", ".join(sets())))
    return found


def _path_of(name: FilePath, root: Optional[FilePath]) -> bytes:
    if not isinstance(name, str) or name.endswith(".npz"):
        return as_path(name)
    plain = ffi.new("char[]", name.encode())
    size = lib.nca_medmnist_take_size(plain)
    out, error = ffi.new("char[]", 4096), new_error()
    check(lib.nca_medmnist_path(out, 4096, data_root(root), _set_named(text(plain)), size, error), error)
    found: bytes = ffi.string(out)
    return found


def _read(function: Any, out: NDArray[Any], kind: str, data: Any, part: int) -> None:
    """Fills an array (N, ...) in pieces."""
    callbacks = Callbacks()
    for first in range(0, len(out), _READ):
        piece = out[first:first + _READ]
        callbacks.call(function, pointer_to(piece, kind), data, part, first, len(piece))


def _without_ones(images: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Without the axes of the depth of a picture and of the channel of grey images."""
    flat = images[:, 0] if images.shape[1] == 1 else images
    return flat[..., 0] if images.shape[-1] == 1 else flat
