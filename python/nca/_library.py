"""Calling the library: statuses become exceptions, and arrays are passed without a copy."""
from __future__ import annotations

import operator
import os
from typing import TYPE_CHECKING, Any, Iterable, List, Optional, Sequence, Tuple, Union

import numpy as np

from nca._nca import ffi, lib
from nca.errors import BY_STATUS

if TYPE_CHECKING:
    from numpy.typing import DTypeLike, NDArray

__all__ = ["ffi", "lib"]

FilePath = Union[str, "os.PathLike[str]"]


def new_error() -> Any:
    """An nca_error for the last argument of a function."""
    return ffi.new("nca_error *")


def text(pointer: Any) -> str:
    """A string of the library; "" for NULL."""
    return "" if pointer == ffi.NULL else str(ffi.string(pointer), "utf-8", "replace")


def notify(line: str) -> None:
    """Gives a notice of the library, which is no error, to the logger "nca"."""
    import logging

    logging.getLogger("nca").warning(line)


def as_path(path: FilePath, name: str = "path") -> bytes:
    """A path as the library takes it."""
    if not isinstance(path, (str, os.PathLike)):
        raise TypeError("%s: expected a path, found %s" % (name, type(path).__name__))
    written = os.fsencode(path)
    if b"\0" in written:
        raise ValueError("%s: %r contains a null character" % (name, path))
    return written


def check(status: int, error: Any) -> None:
    """Raises the exception of a status other than NCA_OK."""
    if status != lib.NCA_OK:
        name = text(lib.nca_status_name(status))[len("NCA_"):]
        message = text(error.message) or text(lib.nca_status_meaning(status))
        raise BY_STATUS[name](message)


def created(function: Any, destroy: Any, *arguments: Any) -> Any:
    """The object that a function like nca_model_load writes to its first parameter, released when
    Python drops it."""
    out = ffi.new(ffi.typeof(function).args[0])
    error = new_error()
    check(function(out, *arguments, error), error)
    return ffi.gc(out[0], destroy)


def in_this_process(destroy: Any) -> Any:
    """The function that releases an object with threads or files: only in this process, not in one that
    fork makes, whose copy of the object has no threads."""
    process = os.getpid()

    def released(pointer: Any, getpid: Any = os.getpid) -> None:
        if getpid() == process:
            destroy(pointer)

    return released


class OfProcess:
    """An object of the library that has threads. A process that fork made has a copy of the object, but
    not of its threads, so it must neither use it nor release it."""

    def _own(self, function: Any, destroy: Any, *arguments: Any) -> None:
        """Creates the object as `created` does."""
        self._process = os.getpid()
        self._owned = created(function, in_this_process(destroy), *arguments)

    @property
    def _handle(self) -> Any:
        if os.getpid() != self._process:
            raise RuntimeError("this %s belongs to process %d and cannot be used in process %d, which fork has made: "
                               "create it there" % (type(self).__name__, self._process, os.getpid()))
        return self._owned


class Borrowed:
    """Memory of an object of the library as an array: NumPy keeps this, and this keeps the object."""

    def __init__(self, pointer: Any, shape: Sequence[int], dtype: DTypeLike, owner: Any, writable: bool) -> None:
        self.owner = owner
        self.__array_interface__ = {
            "version": 3,
            "data": (int(ffi.cast("uintptr_t", pointer)), not writable),
            "shape": tuple(shape),
            "typestr": np.dtype(dtype).str,
        }


def borrowed(pointer: Any, shape: Sequence[int], dtype: DTypeLike, owner: Any,
             writable: bool = False) -> NDArray[Any]:
    """An array of the library's memory, without a copy."""
    if 0 in shape:
        return np.zeros(shape, dtype)
    return np.asarray(Borrowed(pointer, shape, dtype, owner, writable))


def array_of(values: Any, dtype: DTypeLike, shape: Sequence[Optional[int]], name: str) -> NDArray[Any]:
    """The values as a contiguous array of the type and shape (None: any size); the same array if it is
    one already. Real numbers of another precision are converted, other types are refused."""
    array = np.asarray(values)
    kind = np.dtype(dtype)
    if array.dtype != kind and not (kind.kind == "f" and array.dtype.kind in "fiub"):
        raise TypeError("%s: expected %s, found %s" % (name, kind, array.dtype))
    fits = array.ndim == len(shape) and all(
        want is None or want == have for want, have in zip(shape, array.shape))
    if not fits:
        wanted = ", ".join("any" if side is None else str(side) for side in shape)
        raise ValueError("%s: expected the shape (%s), found %s" % (name, wanted, array.shape))
    return np.ascontiguousarray(array, kind)


def pointer_to(array: NDArray[Any], kind: str) -> Any:
    """The memory of a contiguous array for a call, without a copy."""
    return ffi.cast(kind + " *", ffi.from_buffer(array)) if array.size else ffi.NULL


def numbered(function: Any, count: int) -> List[str]:
    """The names of an enum."""
    return [text(function(value)) for value in range(count)]


def named(function: Any, count: int, name: str, what: str) -> int:
    """The value of an enum by its name."""
    names = numbered(function, count)
    lower = [known.lower() for known in names]
    if not isinstance(name, str) or name.lower() not in lower:
        raise ValueError("%s: expected %s, found %r" % (what, ", ".join(names), name))
    return lower.index(name.lower())


def kernels_named(name: str) -> Any:
    """A kernel set by its name; NULL, which means the fastest, for "auto"."""
    if name == "auto":
        return ffi.NULL
    found = lib.nca_kernels_named(name.encode()) if isinstance(name, str) else ffi.NULL
    if found == ffi.NULL:
        buffer = ffi.new("char[]", lib.NCA_KERNELS_TEXT)
        lib.nca_kernels_list(buffer, lib.NCA_KERNELS_TEXT)
        raise ValueError("kernels: expected %s, found %r" % (text(buffer), name))
    return found


def precision_named(name: str) -> int:
    """A precision by its name."""
    return named(lib.nca_precision_name, lib.NCA_PRECISION_COUNT, name, "precision")


def whole(name: str, value: Any) -> int:
    """A number as the library takes it: a whole one from 0 on, in 64 bits. Ranges are checked there."""
    try:
        number = None if isinstance(value, (bool, np.bool_)) else operator.index(value)
    except TypeError:
        number = None
    if number is None:
        raise TypeError("%s: expected a whole number, found %r" % (name, value))
    if not 0 <= number < 2**64:
        raise ValueError("%s: expected a whole number from 0 to %d, found %d" % (name, 2**64 - 1, number))
    return number


def set_numbers(options: Any, **values: Any) -> None:
    """Sets fields of a struct that hold whole numbers; errors have their names."""
    for name, value in values.items():
        try:
            setattr(options, name, whole(name, value))
        except OverflowError:  # a field of 32 bits
            raise ValueError("%s: %d is too large" % (name, value)) from None


def size_pair(size: Union[int, Sequence[int]]) -> Tuple[int, int]:
    """(height, width) of one number or two."""
    sides = tuple(size) if isinstance(size, Iterable) else (size, size)
    if len(sides) != 2:
        raise ValueError("size: expected a whole number or (height, width), found %r" % (size,))
    return whole("size", sides[0]), whole("size", sides[1])


def data_root(root: Optional[FilePath]) -> bytes:
    """The folder of MedMNIST's files: the one given, or .medmnist in the home folder."""
    return as_path(root) if root is not None else as_path(os.path.expanduser("~/.medmnist"))
