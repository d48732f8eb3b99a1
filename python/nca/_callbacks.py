"""Callbacks of the library, and Ctrl-C.

The library calls back between units of work. That is when Python notices Ctrl-C: the signal's
KeyboardInterrupt is raised in the callback. An exception cannot pass through C, so it is kept, the
callback answers that the work is to stop, and the exception is raised again after the call.
"""
from __future__ import annotations

import os
import sys
from types import TracebackType
from typing import Any, Callable, NoReturn, Optional, Type

import numpy as np

from nca._library import check, ffi, lib, new_error, text


class Callbacks:
    """What is called back during one call of the library.

    Parameters
    ----------
    iterated : callable or None
        Gets the nca_iteration of a run or a session; returns False to end the training.
    notice : callable or None
        Gets a line of text.
    share : callable or None
        Gets the completed fraction; returns False to stop.
    sweep : callable or None
        Gets an nca_sweep_job from time to time.
    """

    def __init__(self, iterated: Optional[Callable[[Any], Any]] = None,
                 notice: Optional[Callable[[str], Any]] = None,
                 share: Optional[Callable[[float], Any]] = None,
                 sweep: Optional[Callable[[Any], Any]] = None) -> None:
        self.iterated, self.notice, self.share, self.sweep = iterated, notice, share, sweep
        self.exception: Optional[BaseException] = None
        self.handle = ffi.new_handle(self)

    def goes_on(self) -> bool:
        """Whether nothing was raised yet."""
        return self.exception is None

    def settle(self, status: int, error: Any) -> None:
        """After a call: raises what was raised in a callback; or, if the call has failed beside that,
        such as in saving the work, its own error from it. A call that a callback has only asked to
        stop is no error."""
        kept, self.exception = self.exception, None
        if status not in (lib.NCA_OK, lib.NCA_INTERRUPTED):
            try:
                check(status, error)
            except BaseException as failure:
                raise failure from kept
        if kept is not None:
            raise kept

    def call(self, function: Any, *arguments: Any) -> None:
        """Calls a function whose last parameter is an nca_error."""
        error = new_error()
        status = function(*arguments, error)
        self.settle(status, error)
        check(status, error)

    def created(self, function: Any, destroy: Any, *arguments: Any) -> Any:
        """The object that a function writes to its first parameter, released when Python drops it,
        also if a callback has raised."""
        out = ffi.new(ffi.typeof(function).args[0])
        try:
            self.call(function, out, *arguments)
        finally:
            handle = ffi.NULL if out[0] == ffi.NULL else ffi.gc(out[0], destroy)
        return handle


def _goes_on(callback: Optional[Callable[[Any], Any]], value: Any) -> bool:
    """Whether a callback lets the work go on: its answer is not False, that of Python or of NumPy. None
    goes on."""
    if callback is None:
        return True
    process = os.getpid()
    try:
        answer = callback(value)
    except BaseException as exception:
        if os.getpid() != process:
            _end_child(process, exception)
        raise
    if os.getpid() != process:
        _end_child(process, None)
    return not isinstance(answer, (bool, np.bool_)) or bool(answer)


def _end_child(parent: int, exception: Optional[BaseException]) -> NoReturn:
    """Ends a process that fork has made in a callback, and that would return from it to the library:
    none of its threads are there, and the files belong to the other process."""
    code: Any = 1
    if isinstance(exception, SystemExit):
        code = exception.code
    elif exception is not None:
        sys.excepthook(type(exception), exception, exception.__traceback__)
    else:
        print("nca: process %d, which fork has made in a callback, cannot go on with the work of process %d and ends; "
              "end it in the callback with os._exit" % (os.getpid(), parent), file=sys.stderr)
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(code if isinstance(code, int) else 0 if code is None else 1)


def _keep(_kind: Type[BaseException], exception: BaseException, trace: Optional[TracebackType]) -> None:
    """Keeps an exception of a callback in the Callbacks whose handle is its last argument."""
    if trace is not None:
        kept: Callbacks = ffi.from_handle(trace.tb_frame.f_locals["user"])
        if kept.exception is None:
            kept.exception = exception


@ffi.def_extern(error=False, onerror=_keep)  # type: ignore[misc]
def nca_python_keep_going(user: Any) -> bool:
    callbacks: Callbacks = ffi.from_handle(user)
    return callbacks.goes_on()


@ffi.def_extern(error=False, onerror=_keep)  # type: ignore[misc]
def nca_python_iterated(_run: Any, report: Any, user: Any) -> bool:
    callbacks: Callbacks = ffi.from_handle(user)
    return _goes_on(callbacks.iterated, report)


@ffi.def_extern(error=False, onerror=_keep)  # type: ignore[misc]
def nca_python_progress(_session: Any, report: Any, user: Any) -> bool:
    callbacks: Callbacks = ffi.from_handle(user)
    return _goes_on(callbacks.iterated, report)


@ffi.def_extern(onerror=_keep)  # type: ignore[misc]
def nca_python_notice(line: Any, user: Any) -> None:
    callbacks: Callbacks = ffi.from_handle(user)
    if callbacks.notice is not None:
        callbacks.notice(text(line))


@ffi.def_extern(error=False, onerror=_keep)  # type: ignore[misc]
def nca_python_share(share: float, user: Any) -> bool:
    callbacks: Callbacks = ffi.from_handle(user)
    return _goes_on(callbacks.share, share)


@ffi.def_extern(error=False, onerror=_keep)  # type: ignore[misc]
def nca_python_count(_done: int, user: Any) -> bool:
    callbacks: Callbacks = ffi.from_handle(user)
    return callbacks.goes_on()


@ffi.def_extern(onerror=_keep)  # type: ignore[misc]
def nca_python_sweep_progress(job: Any, user: Any) -> None:
    callbacks: Callbacks = ffi.from_handle(user)
    _goes_on(callbacks.sweep, job)


KEEP_GOING = lib.nca_python_keep_going
PROGRESS = lib.nca_python_progress
ITERATED = lib.nca_python_iterated
NOTICE = lib.nca_python_notice
SHARE = lib.nca_python_share
COUNT = lib.nca_python_count
SWEEP_PROGRESS = lib.nca_python_sweep_progress
