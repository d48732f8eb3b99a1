"""A run: the folder of a training. Training in it is in nca/training.py."""
from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, List, Optional

from nca._callbacks import KEEP_GOING, ROW, Callbacks
from nca._library import FilePath, check, created, data_root, ffi, lib, new_error, path_bytes, text
from nca.errors import NotFoundError
from nca.model import Model, copy_of
from nca.settings import Settings
from nca.tables import from_columns

if TYPE_CHECKING:
    from nca.session import Callback, Metrics


class Run:
    """The folder of a training, whether it is finished, was stopped, or another program trains in it.

    Attributes
    ----------
    folder : str
        Its path.
    """

    def __init__(self, folder: FilePath) -> None:
        self.folder = os.fspath(folder)

    @classmethod
    def open(cls, folder: FilePath) -> Run:
        """The run in a folder.

        Raises
        ------
        NotFoundError
            There is no run in the folder.
        """
        name = ffi.new("const char **")
        lib.nca_run_settle(path_bytes(folder))
        if not lib.nca_run_exists(path_bytes(folder), name):
            raise NotFoundError("%s: expected the folder of a run, found no file of one; nca.train(output=...) "
                                "makes a run" % os.fspath(folder))
        return cls(folder)

    def file(self, name: str) -> str:
        """The path of a file in the folder, such as "growth.gif"."""
        return os.path.join(self.folder, name)

    @property
    def settings(self) -> Settings:
        """The settings in its config.yaml."""
        return Settings.load(self.file(text(lib.NCA_RUN_CONFIG)))

    @property
    def model(self) -> Model:
        """Its newest model: of a run that was stopped, that of the checkpoint; of a classification,
        the one with the best validation."""
        watch, error = _Watch(self.folder), new_error()
        news = ffi.gc(ffi.new("nca_run_news *"), lib.nca_run_news_free)
        lib.nca_run_watch_news(news, watch.handle, False, error)
        if news.model == ffi.NULL:
            check(error.status or lib.NCA_NOT_FOUND, error)
        return copy_of(news.model)

    @property
    def metrics(self) -> Any:
        """metrics.csv: one row for each iteration, a DataFrame with pandas, else a dict of arrays."""
        rows: List[Metrics] = []
        _Watch(self.folder, rows)
        names = rows[0].keys() if rows else ()
        return from_columns({name: [row[name] for row in rows] for name in names})

    @property
    def validations(self) -> Any:
        """validation.csv of a classification: one row for each validation, in the form of `metrics`."""
        rows, count, error = ffi.new("nca_validation_row **"), ffi.new("size_t *"), new_error()
        check(lib.nca_validations_read(rows, count, path_bytes(self.folder), error), error)
        owned = ffi.gc(rows[0], lib.free)
        names = ("iteration", "auc", "accuracy", "balanced_accuracy", "log_loss")
        return from_columns({name: [getattr(owned[index], name) for index in range(count[0])] for name in names})

    @property
    def iterations(self) -> int:
        """The number of iterations done."""
        return int(lib.nca_run_watch_last(_Watch(self.folder).handle).iteration)

    @property
    def complete(self) -> bool:
        """Whether the training has ended by itself; False if it was stopped or is going on."""
        return text(lib.nca_run_watch_state(_Watch(self.folder).handle)) == "finished"

    def resume(self, callback: Optional[Callback] = None, draw: bool = True, **changes: Any) -> Run:
        """Continues a run that was stopped, to the bits of an uninterrupted one, or trains it further.

        Parameters
        ----------
        callback, draw
            As of `nca.train`.
        **changes
            Settings that may change, such as ``iterations=8000`` or ``threads=2``.

        Returns
        -------
        Run
            The same run.
        """
        from nca.training import resume

        return resume(self, callback, draw, changes)

    def __repr__(self) -> str:
        return "<nca.Run %r, %d iterations%s>" % (
            self.folder, self.iterations, "" if self.complete else ", not complete")

    def _repr_html_(self) -> str:
        from nca.notebook import run_html

        return run_html(self)


class _Watch:
    """An nca_run_watch that has read the settings and the metrics; `rows` gets the latter."""

    def __init__(self, folder: str, rows: Optional[List[Metrics]] = None) -> None:
        def keep(row: Any) -> None:
            if rows is not None:
                rows.append(_row_as_dict(row, names))

        callbacks, error = Callbacks(row=keep), new_error()
        root = ffi.new("char[]", data_root(None))
        options = ffi.new("nca_run_watch_options *")
        lib.nca_run_watch_options_default(options)
        options.data_root, options.keep_going, options.user = root, KEEP_GOING, callbacks.handle
        self._borrowed = (root, callbacks)
        self.handle = created(lib.nca_run_watch_open, lib.nca_run_watch_close, path_bytes(folder), options)
        callbacks.call(lib.nca_run_watch_settings_read, self.handle)
        names = _norm_names(lib.nca_run_watch_settings(self.handle))
        status = lib.nca_run_watch_rows(self.handle, ROW, callbacks.handle, error)
        callbacks.raise_kept()
        if status != lib.NCA_NOT_FOUND:
            check(status, error)


def _norm_names(settings: Any) -> List[str]:
    """The columns of the gradient norms: those of a run's automaton."""
    automaton = ffi.new("nca_automaton *", lib.nca_settings_automaton(settings))
    names = []
    for index in range(lib.NCA_MAX_TENSORS):
        name = lib.nca_metrics_norm_name(automaton, index)
        names.append("norm_%s" % (text(name) or index))
    return names


def _row_as_dict(row: Any, norm_names: List[str]) -> Metrics:
    values: Metrics = {key: getattr(row, key) for key in (
        "iteration", "loss", "steps", "learning_rate", "alive_cells", "seconds")}
    values.update((norm_names[index], row.norm[index]) for index in range(row.norm_count))
    return values
