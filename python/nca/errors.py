"""Exceptions: one for each status of the library, which is also the exception that Python has for it.

The message is the library's: what went wrong, where, what was expected and found, and what to do.
"""
from __future__ import annotations

from typing import TYPE_CHECKING, Dict, Optional, Type

if TYPE_CHECKING:
    from nca.run import Run


class Error(Exception):
    """What all errors of the library have in common."""


class InvalidArgumentError(Error, ValueError):
    """A value is out of range or does not fit the others."""


class FormatError(Error, ValueError):
    """A file is damaged, or not of the expected format."""


class MismatchError(Error, ValueError):
    """Two things that must agree do not."""


class LimitError(Error, ValueError):
    """Larger than the reader or the memory limit allows."""


class UnknownSettingError(Error, TypeError):
    """A setting of this name does not exist; the message has the closest."""


class NotFoundError(Error, FileNotFoundError):
    """A file or name does not exist."""


class ExistsError(Error, FileExistsError):
    """The output exists already."""


class FileError(Error, OSError):
    """The operating system refused to read or write."""


class OutOfMemoryError(Error, MemoryError):
    """There is not enough memory."""


class UnsupportedError(Error, NotImplementedError):
    """Valid, but not supported by this build or CPU."""


class DivergedError(Error, RuntimeError):
    """A training cannot succeed any more."""


class DeviceLostError(Error, RuntimeError):
    """A device that computes has failed."""


class Interrupted(KeyboardInterrupt):
    """Ctrl-C during a training, whose work was saved.

    Attributes
    ----------
    run : Run or None
        The run, which can be resumed; None if there is none yet, or after a sweep.
    """

    def __init__(self, message: str, run: Optional[Run] = None) -> None:
        super().__init__(message)
        self.run = run


# By the name of the status: "NCA_" and the key.
BY_STATUS: Dict[str, Type[BaseException]] = {
    "INVALID_ARGUMENT": InvalidArgumentError,
    "OUT_OF_MEMORY": OutOfMemoryError,
    "IO": FileError,
    "NOT_FOUND": NotFoundError,
    "EXISTS": ExistsError,
    "FORMAT": FormatError,
    "UNSUPPORTED": UnsupportedError,
    "LIMIT": LimitError,
    "MISMATCH": MismatchError,
    "DIVERGED": DivergedError,
    "INTERRUPTED": KeyboardInterrupt,
    "DEVICE_LOST": DeviceLostError,
}
