"""Neural cellular automata: train them, run them, measure them.

>>> import nca
>>> run = nca.train(target="phantom", recipe="fast", output="runs/phantom")
>>> states = run.model.grow(steps=96)

docs/python.md is the manual. Results depend only on the settings, the seed and the input, and have
the same bits as those of the program.
"""
from typing import Any as _Any

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


def __getattr__(name: str) -> _Any:
    """What needs torch is imported when it is first used."""
    if name in ("fire_masks", "from_torch"):
        from nca import pytorch

        return getattr(pytorch, name)
    raise AttributeError("module 'nca' has no attribute %r" % name)


__version__ = _text(_lib.nca_version())

__all__ = [
    "DeviceLostError", "DivergedError", "Error", "ExistsError", "FileError", "FormatError", "Interrupted",
    "InvalidArgumentError", "LimitError", "LiveChart", "MismatchError", "Model", "NotFoundError",
    "OutOfMemoryError", "Parameters", "Picture", "Rollout", "Run", "Session", "Settings", "UnknownSettingError",
    "UnsupportedError", "describe", "evaluate", "load", "medmnist", "sweep", "train",
]
