"""Training in a folder, as `nca train` does it: the same files, the same bits."""
from __future__ import annotations

import os
from typing import Any, Mapping, Optional, Union

from nca._callbacks import ITERATED, KEEP_GOING, NOTICE, Callbacks
from nca._library import (FilePath, as_path, check, data_root, ffi, in_this_process, lib, new_error, notify, text,
                          whole)
from nca.errors import DivergedError, Error, Interrupted, InvalidArgumentError
from nca.notebook import finish
from nca.run import Run
from nca.session import Callback, metrics_of
from nca.settings import Settings, gathered


def train(target: Optional[FilePath] = None, *, settings: Union[Mapping[str, Any], FilePath, None] = None,
          output: Optional[FilePath] = None, callback: Optional[Callback] = None, overwrite: bool = False,
          retry: int = 0, draw: bool = True, **keywords: Any) -> Run:
    """Trains a model in a folder, with checkpoints and metrics, and draws its pictures.

    Parameters
    ----------
    target : path, optional
        The image to grow; a picture file, "phantom", or "medmnist:SET/SPLIT/INDEX".
    settings : Settings, mapping or path, optional
        Settings, or a YAML file. Keywords on top are to a file what options of the program are.
    output : path, optional
        The folder of the run; by default "runs/" and the name of the target.
    callback : callable, optional
        Gets the metrics of each iteration as a dict; the training ends when it returns False.
    overwrite : bool
        Whether a run in the folder is replaced.
    retry : int
        If the training diverges or its model fails the stability test, it begins again with the next random
        seed, so many times.
    draw : bool
        Whether the pictures of the run are drawn at the end.
    **keywords
        Settings by name, on top of `settings`, such as ``recipe="fast"`` or ``iterations=1000``.

    Returns
    -------
    Run
        Its `complete` is False if the callback has ended the training.

    Raises
    ------
    Interrupted
        Ctrl-C: a KeyboardInterrupt. A checkpoint was written; its `run` can be resumed.
    ExistsError
        The folder has a run, or another program trains in it.
    DivergedError
        The training cannot succeed any more.
    """
    if {"images", "labels"} & set(keywords):
        raise TypeError("images, labels: nca.Session takes arrays; nca.train takes data, which the folder of the run "
                        'can name: numpy.savez("a.npz", train_images=images, train_labels=labels) writes such a file')
    retries = whole("retry", retry)
    if target is not None:
        if not isinstance(target, (str, os.PathLike)):
            raise TypeError("target: expected a path, which the folder of the run can name; nca.Session takes arrays")
        keywords["target"] = target
    if output is not None:
        keywords["output"] = output
    chosen = gathered(settings, keywords)
    notices = chosen._prepare()
    if chosen["output"] == "":
        folder = ffi.new("nca_run_path *")
        own = chosen._handle
        lib.nca_run_default_folder(folder, own.data if chosen["task"] == "classify" else own.target_path)
        chosen["output"] = text(folder.text)
    _check_outputs(chosen)
    training = _Training(chosen, lib.NCA_RUN_REPLACE if overwrite else lib.NCA_RUN_NEW, callback)
    for line in notices:
        notify(line)
    return training.all(retries, draw)


def resume(run: Run, callback: Optional[Callback], draw: bool, changes: Mapping[str, Any]) -> Run:
    """`Run.resume`."""
    saved, done, notice, error = Settings(), ffi.new("uint64_t *"), ffi.new("nca_error *"), new_error()
    check(lib.nca_run_resume_settings(saved._handle, done, notice, as_path(run.folder), error), error)
    if notice.status != lib.NCA_OK:
        notify("%s; the later changes of settings in this file are ignored" % text(notice.message))
    saved.update(changes)
    saved._prepare(resumed=True)
    saved["output"] = run.folder
    _check_outputs(saved)
    if done[0] >= saved["iterations"] and not changes and lib.nca_run_is_finished(saved._handle):
        return run
    return _Training(saved, lib.NCA_RUN_RESUME, callback).all(0, draw)


def _check_outputs(settings: Settings) -> None:
    """What is only written after the training is refused before it, if it could not be written."""
    folder = as_path(str(settings["output"]))
    for key in ("model_path", "ani_path"):
        path = str(settings[key])
        if not lib.nca_folder_has_place(as_path(path), folder):
            raise InvalidArgumentError('%s: the folder of "%s" does not exist; create it first' % (key, path))
    path = str(settings["ani_path"])
    if path and not lib.nca_growth_is_animation(as_path(path)):
        raise InvalidArgumentError('ani_path: expected a file that ends in .gif, .mp4 or .webm, found "%s"' % path)


class _Training:
    """An open nca_run, its callbacks, and how it ends."""

    def __init__(self, settings: Settings, start: int, callback: Optional[Callback]) -> None:
        if callback is not None and not callable(callback):  # before a run is replaced
            raise TypeError("callback: expected a function, found %r" % (callback,))
        self.callback = callback
        self.settings = settings
        self.callbacks = Callbacks(iterated=self._iterated, notice=notify)
        self.begun, self.is_resumed = False, start == lib.NCA_RUN_RESUME
        root = ffi.new("char[]", data_root(None))
        options = ffi.new("nca_run_options *")
        lib.nca_run_options_default(options)
        options.start, options.data_root, options.user = start, root, self.callbacks.handle
        options.keep_going, options.iterated, options.notice = KEEP_GOING, ITERATED, NOTICE
        try:
            self.handle = self.callbacks.created(lib.nca_run_open, in_this_process(lib.nca_run_close), settings._handle,
                                                 options)
        except KeyboardInterrupt as interrupt:
            raise self._interrupted_early() from interrupt

    def all(self, retry: int, draw: bool) -> Run:
        """Trains, draws and closes the run."""
        try:
            self.callbacks.call(lib.nca_run_begin, self.handle)
            self.begun = True
            self._train(retry)
            if draw and lib.nca_run_is_complete(self.handle):
                self._draw()
        except KeyboardInterrupt as interrupt:
            raise self._interrupted() from interrupt
        finally:
            ffi.release(self.handle)
            finish(self.callback)
        return Run(self.folder)

    @property
    def folder(self) -> str:
        return str(self.settings["output"])

    def _iterated(self, report: Any) -> Any:
        if self.callback is None:
            return True
        model = lib.nca_session_model(lib.nca_run_session(self.handle))
        return self.callback(metrics_of(report, ffi.addressof(model, "automaton")))

    def _draw(self) -> None:
        """Draws the pictures. The training is done without them, so a failure is only told."""
        try:
            self.callbacks.call(lib.nca_run_draw, self.handle)
        except Error as failure:
            if failure.__cause__ is not None:  # a callback has raised, too
                raise
            notify("%s: the training is complete, but a picture is missing: %s" % (self.folder, failure))

    def _train(self, retries: int) -> None:
        while True:
            failure: Optional[DivergedError] = None
            try:
                self.callbacks.call(lib.nca_run_train, self.handle)
            except DivergedError as diverged:
                if diverged.__cause__ is not None:  # a callback has raised, too
                    raise
                failure = diverged
            if failure is None and not self._has_failed():
                return
            if retries == 0:
                if failure is not None:
                    raise failure
                notify("%s: the model has failed the stability test; train it for longer, or try retry=3" % self.folder)
                return
            retries -= 1
            notify("%s; starting again with the next seed" % (failure or "the model has failed the stability test"))
            self.callbacks.call(lib.nca_run_retry, self.handle)

    def _has_failed(self) -> bool:
        test = lib.nca_run_stability(self.handle)
        return bool(lib.nca_run_is_complete(self.handle) and test.rollouts > 0 and not test.passed)

    def _interrupted(self) -> Interrupted:
        session = lib.nca_run_session(self.handle)
        done, total = lib.nca_session_iteration(session), lib.nca_session_total(session)
        if done == 0 or not self.begun:
            return self._interrupted_early()
        return Interrupted("stopped after iteration %d of %d; the run %s is saved and its resume() continues"
                           % (done, total, self.folder), Run(self.folder))

    def _interrupted_early(self) -> Interrupted:
        """Nothing was trained; a run that was to be resumed is still there."""
        if self.is_resumed:
            return Interrupted("interrupted before the training; the run %s is unchanged" % self.folder,
                               Run(self.folder))
        return Interrupted("interrupted before the first iteration")
