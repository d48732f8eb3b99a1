"""States and images as pictures, which notebooks show."""
from __future__ import annotations

from typing import TYPE_CHECKING, Any, List, Optional

import numpy as np

from nca._library import FilePath, array_of, as_path, borrowed, check, created, ffi, lib, new_error, pointer_to
from nca.session import pixels_of

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


class Picture:
    """A picture of one or several states or images; a notebook shows it as PNG.

    Parameters
    ----------
    values : array
        States (H,W,C) or (B,H,W,C) of floats, whose RGBA channels are drawn as the program draws
        them; or images of uint8: (H,W), (H,W,3), (H,W,4), (n,H,W), (n,H,W,3) or (n,H,W,4). Three axes
        of which the last is 3 or 4 are one image in colour.
    columns : int, optional
        Pictures in a row; by default all, at most 12.
    scale : int, optional
        Pixels a cell; by default so that a picture has about 100 pixels.
    background : str
        "white", "black", "grey" or "#RRGGBB".
    """

    def __init__(self, values: ArrayLike, columns: Optional[int] = None, scale: Optional[int] = None,
                 background: str = "white") -> None:
        array = np.asarray(values)
        parts = _drawn_images(array) if array.dtype == np.uint8 else _drawn_states(array, background)
        if not parts:
            raise ValueError("values: expected at least one picture")
        for name, value in (("columns", columns), ("scale", scale)):
            if value is not None and value < 1:
                raise ValueError("%s: expected 1 or more, found %d" % (name, value))
        across = min(len(parts), 12) if columns is None else columns
        pointers = ffi.new("nca_image *[]", parts)
        whole = created(lib.nca_picture_montage, lib.nca_image_destroy, pointers, len(parts),
                        -(-len(parts) // across), across)
        factor = max(1, round(100 / max(parts[0].height, parts[0].width))) if scale is None else scale
        self._handle = created(lib.nca_image_scale_nearest, lib.nca_image_destroy, whole, factor)

    @property
    def pixels(self) -> NDArray[np.uint8]:
        """(H,W,4), read-only."""
        return borrowed(self._handle.pixels, (self._handle.height, self._handle.width, 4), np.uint8, self._handle)

    def save(self, path: FilePath) -> None:
        """Writes a PNG, whole or not at all."""
        error = new_error()
        check(lib.nca_image_save_png(self._handle, as_path(path), error), error)

    def _repr_png_(self) -> bytes:
        out, size, error = ffi.new("uint8_t **"), ffi.new("size_t *"), new_error()
        check(lib.nca_image_encode_png(out, size, self._handle, error), error)
        return bytes(ffi.buffer(ffi.gc(out[0], lib.free), size[0]))

    def __repr__(self) -> str:
        return "<nca.Picture %d x %d pixels>" % (self._handle.width, self._handle.height)


def _drawn_states(array: NDArray[Any], background: str) -> List[Any]:
    if array.ndim not in (3, 4) or array.shape[-1] < 4:
        raise ValueError("values: expected states (H,W,C) or (B,H,W,C) with 4 or more channels, found %s"
                         % (array.shape,))
    colour, error = ffi.new("nca_colour *"), new_error()
    check(lib.nca_colour_parse(colour, background.encode(), error), error)
    states = array_of(array[..., :4].reshape(-1, *array.shape[-3:-1], 4), np.float32, (None,) * 4, "values")
    return [created(lib.nca_picture_rgba, lib.nca_image_destroy, pointer_to(state, "float"), *state.shape[:2],
                    colour[0]) for state in states]


def _drawn_images(array: NDArray[np.uint8]) -> List[Any]:
    single = array.ndim == 2 or (array.ndim == 3 and array.shape[2] in (3, 4))
    parts = []
    for image in (array[np.newaxis] if single else array):
        pixels = pixels_of(image, "values")
        part = created(lib.nca_image_create, lib.nca_image_destroy, pixels.shape[1], pixels.shape[0])
        ffi.memmove(part.pixels, ffi.from_buffer(pixels), pixels.nbytes)
        parts.append(part)
    return parts
