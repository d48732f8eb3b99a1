"""Neural cellular automata: train them, run them, measure them.

>>> import nca
>>> run = nca.train(target="phantom", recipe="fast", output="runs/phantom")
>>> states = run.model.grow(steps=96)

docs/python.md is the manual. Results depend only on the settings, the seed and the input, and have
the same bits as those of the program.
"""
import typing as _typing

from nca import medmnist
from nca._library import lib as _lib
from nca._library import text as _text
from nca.errors import (DeviceLostError, DivergedError, Error, ExistsError, FileError, FormatError, Interrupted,
                        InvalidArgumentError, LimitError, MismatchError, NotFoundError, OutOfMemoryError,
                        UnknownSettingError, UnsupportedError)
from nca.evaluation import evaluate
from nca.model import Model, load
from nca.notebook import LiveChart
from nca.parameters import Parameters
from nca.picture import Picture
from nca.rollout import Rollout
from nca.run import Run
from nca.session import Session
from nca.settings import Settings, describe
from nca.sweeping import sweep
from nca.training import train


if _typing.TYPE_CHECKING:
    from nca.pytorch import fire_masks, from_torch
else:  # a type checker that sees this would accept every name

    def __getattr__(name: str) -> _typing.Any:
        """What needs torch is imported when it is first used."""
        if name in _OF_TORCH:
            from nca import pytorch

            return getattr(pytorch, name)
        raise AttributeError("module 'nca' has no attribute %r" % name)


def __dir__() -> _typing.List[str]:
    return sorted({*globals(), *_OF_TORCH})


_OF_TORCH = ("fire_masks", "from_torch")
__version__ = _text(_lib.nca_version())

__all__ = [
    "DeviceLostError", "DivergedError", "Error", "ExistsError", "FileError", "FormatError", "Interrupted",
    "InvalidArgumentError", "LimitError", "LiveChart", "MismatchError", "Model", "NotFoundError",
    "OutOfMemoryError", "Parameters", "Picture", "Rollout", "Run", "Session", "Settings", "UnknownSettingError",
    "UnsupportedError", "describe", "evaluate", "load", "medmnist", "sweep", "train",
]

if _typing.TYPE_CHECKING:  # `from nca import *` does not import torch
    __all__ += ["fire_masks", "from_torch"]
