"""Labelled images for a training or an evaluation: arrays, or a source that the library reads."""
from __future__ import annotations

from typing import TYPE_CHECKING, Any, List, Optional, Sequence, Tuple

import numpy as np

from nca._callbacks import SHARE, Callbacks
from nca._library import array_of, data_root, ffi, lib, named, notify, pointer_to, text
from nca.settings import Settings

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


class Labelled:
    """An nca_labelled with what it points to."""

    def __init__(self, handle: Any, *kept: Any) -> None:
        self._handle = handle
        self._kept = kept

    @property
    def is_multi_label(self) -> bool:
        """Whether an image has any number of labels, and not one class."""
        return bool(self._handle.kind == lib.NCA_LABELS_MULTI_LABEL)


def _array_labels(labels: ArrayLike, count: int) -> NDArray[np.uint8]:
    """(count) classes or (count,labels) of 0 and 1 as uint8, checked; always a copy."""
    values = np.asarray(labels)
    if values.ndim == 2 and values.shape[1] == 1:
        values = values[:, 0]
    if values.ndim not in (1, 2) or values.dtype.kind not in "iub" or len(values) != count:
        raise ValueError("labels: expected %d integers, one for each image, or (%d, labels) of 0 and 1, found %s %s"
                         % (count, count, values.dtype, values.shape))
    most = lib.NCA_MAX_CLASSES - 1 if values.ndim == 1 else 1
    if values.size and (values.min() < 0 or values.max() > most):
        raise ValueError("labels: expected 0 to %d%s, found %d to %d"
                         % (most, "" if values.ndim == 1 else " in labels of two axes", values.min(), values.max()))
    return np.array(values, np.uint8, order="C")


def _array_classes(labels: NDArray[np.uint8], classes: Optional[Sequence[str]]) -> Tuple[int, List[str]]:
    """What the labels mean, an nca_label_kind, and the names of the classes, by default their numbers."""
    several = labels.ndim == 2
    count = labels.shape[1] if several else int(labels.max()) + 1 if len(labels) else 0
    names = [str(index) for index in range(count)] if classes is None else [str(name) for name in classes]
    if several and len(names) != count:
        raise ValueError("classes: expected a name for each of %d labels, found %d names" % (count, len(names)))
    if len(labels) == 0:
        raise ValueError("labels: expected at least one image, found none")
    if len(names) < max(count, 2) or len(names) > lib.NCA_MAX_CLASSES:
        raise ValueError("classes: expected 2 to %d names and one for each label, found %d names and labels up to %d"
                         % (lib.NCA_MAX_CLASSES, len(names), count - 1))
    if several:
        return lib.NCA_LABELS_MULTI_LABEL, names
    return lib.NCA_LABELS_BINARY if len(names) == 2 else lib.NCA_LABELS_MULTI_CLASS, names


def from_arrays(images: ArrayLike, labels: ArrayLike, classes: Optional[Sequence[str]] = None,
                split: str = "train") -> Labelled:
    """Images (n,H,W) or (n,H,W,1 or 3) of uint8, and (n) classes, counted from 0, or (n,labels) of 0
    and 1.

    The images are not copied if they are contiguous; the labels are.
    """
    pixels = np.asarray(images)
    pixels = pixels[..., np.newaxis] if pixels.ndim == 3 else pixels
    pixels = array_of(pixels, np.uint8, (None, None, None, None), "images")
    numbers = _array_labels(labels, len(pixels))
    kind, names = _array_classes(numbers, classes)
    handle = ffi.new("nca_labelled *")
    handle.height, handle.width, handle.channels = pixels.shape[1:]
    handle.kind, handle.classes = kind, len(names)
    handle.label_width = 1 if numbers.ndim == 1 else numbers.shape[1]
    class_names = ffi.new("char[][%d]" % lib.NCA_CLASS_NAME, len(names))
    for index, name in enumerate(names):
        cut = name.encode()[:lib.NCA_CLASS_NAME - 1]
        class_names[index] = cut.decode("utf-8", "ignore").encode()  # whole characters
    source, notices = ffi.new("char[]", b"arrays"), ffi.new("char[]", b"")
    handle.class_names, handle.source, handle.notices = class_names, source, notices
    part = handle.split[split_named(split)]
    part.count = len(pixels)
    part.images, part.labels = pointer_to(pixels, "uint8_t"), pointer_to(numbers, "uint8_t")
    return Labelled(handle, pixels, numbers, class_names, source, notices)


def for_training(settings: Settings, images: Optional[ArrayLike], labels: Optional[ArrayLike],
                 classes: Optional[Sequence[str]]) -> Labelled:
    """The images that a training was given as arrays, or those that its settings name."""
    if images is None or labels is None:
        if images is not None or labels is not None:
            raise ValueError("images and labels are needed together")
        return from_settings(settings)
    data = from_arrays(images, labels, classes)
    given = np.asarray(labels)
    if data.is_multi_label and (given.sum(axis=1) == 1).all():
        notify("labels: every image has exactly one of the %d labels; if they are classes, give one number for each "
               "image" % given.shape[1])
    return data


def from_settings(settings: Settings) -> Labelled:
    """The images that the settings of a classification name."""
    options = ffi.new("nca_labelled_options *")
    root = ffi.new("char[]", data_root(None))
    lib.nca_run_data_options(options, settings._handle, root)
    return _open(settings._handle.data, options, root, settings)


def _open(source: Any, options: Any, *kept: Any) -> Labelled:
    callbacks = Callbacks()
    options.progress, options.user = SHARE, callbacks.handle
    handle = callbacks.created(lib.nca_labelled_open, lib.nca_labelled_close, source, options)
    for line in text(handle.notices).splitlines():
        notify(line)
    return Labelled(handle, *kept)


def split_named(split: str) -> int:
    """The number of a split by its name."""
    return named(lib.nca_split_name, lib.NCA_SPLIT_COUNT, split, "split")
