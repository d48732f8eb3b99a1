"""The weights of a model by name, as arrays that are the model's own memory."""
from __future__ import annotations

from typing import TYPE_CHECKING, Any, Dict, Iterator, Mapping

import numpy as np

from nca._library import array_of, borrowed, ffi, lib, text

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


class Parameters(Mapping[str, "NDArray[np.float32]"]):
    """Arrays by the names of the tensors: ``update.w1`` (N, K*C), ``update.b1`` (N), ``update.w2``
    (C, N), ``update.b2`` (C), and of some models ``perception.taps``, ``head.w`` and ``head.b``.

    Reading gives the model's memory without a copy; what is written to such an array changes the
    model. An assignment copies values of the same shape into it.
    """

    def __init__(self, handle: Any) -> None:
        self._arrays: Dict[str, NDArray[np.float32]] = {}
        for index in range(lib.nca_tensor_count(_automaton(handle))):
            tensor = lib.nca_tensor_at(_automaton(handle), index)
            if tensor.rows > 0:
                shape = (tensor.rows, tensor.columns) if tensor.rank == 2 else (tensor.rows,)
                self._arrays[text(tensor.name)] = borrowed(
                    handle.parameters + tensor.offset, shape, np.float32, handle, writable=True)

    def __getitem__(self, name: str) -> NDArray[np.float32]:
        return self._arrays[name]

    def __setitem__(self, name: str, values: ArrayLike) -> None:
        array = self._arrays[name]
        array[...] = array_of(values, np.float32, array.shape, name)

    def update(self, values: Mapping[str, ArrayLike]) -> None:
        """Assigns several arrays, all or none."""
        checked = {name: array_of(value, np.float32, self._arrays[name].shape, name)
                   for name, value in values.items()}
        for name, array in checked.items():
            self._arrays[name][...] = array

    def copy(self) -> Dict[str, NDArray[np.float32]]:
        """The weights as arrays of their own, which `update` puts back."""
        return {name: array.copy() for name, array in self._arrays.items()}

    def __iter__(self) -> Iterator[str]:
        return iter(self._arrays)

    def __len__(self) -> int:
        return len(self._arrays)

    def __repr__(self) -> str:
        return "Parameters(%s)" % ", ".join("%s %s" % (name, self[name].shape) for name in self)


def _automaton(handle: Any) -> Any:
    return ffi.addressof(handle, "automaton")
