"""A run: the folder of a training. Training in it is in nca/training.py."""
from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Dict, Optional

import numpy as np

from nca._library import FilePath, as_path, check, created, data_root, ffi, lib, new_error, text
from nca.errors import NotFoundError
from nca.model import Model, copy_of
from nca.settings import Settings
from nca.tables import from_columns

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from nca.session import Callback


class Run:
    """The folder of a training, whether it is finished, was stopped, or another program trains in it.

    Attributes
    ----------
    folder : str
        Its path.
    """

    def __init__(self, folder: FilePath) -> None:
        self.folder = os.fsdecode(as_path(folder, "folder"))

    @classmethod
    def open(cls, folder: FilePath) -> Run:
        """The run in a folder.

        Raises
        ------
        NotFoundError
            There is no run in the folder.
        """
        name = ffi.new("const char **")
        lib.nca_run_settle(as_path(folder))
        if not lib.nca_run_exists(as_path(folder), name):
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
        return from_columns(_Watch(self.folder, keep=True).columns())

    @property
    def validations(self) -> Any:
        """validation.csv of a classification: one row for each validation, in the form of `metrics`."""
        rows, count, error = ffi.new("nca_validation_row **"), ffi.new("size_t *"), new_error()
        check(lib.nca_validations_read(rows, count, as_path(self.folder), error), error)
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
            Settings that may change, such as ``threads=2``, and ``iterations=8000`` unless the learning rate
            ends with them (schedule cosine, as of the recipe fast).

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
    """An nca_run_watch that has read the settings and the metrics, whose rows it keeps if asked to."""

    def __init__(self, folder: str, keep: bool = False) -> None:
        error, root = new_error(), ffi.new("char[]", data_root(None))
        options = ffi.new("nca_run_watch_options *")
        lib.nca_run_watch_options_default(options)
        options.data_root = self._root = root
        self.handle = created(lib.nca_run_watch_open, lib.nca_run_watch_close, as_path(folder), options)
        check(lib.nca_run_watch_settings_read(self.handle, error), error)
        self._kept = ffi.gc(ffi.new("nca_python_rows *"), lambda kept: lib.free(kept.rows))
        tell = ffi.addressof(lib, "nca_python_row_kept" if keep else "nca_python_row_passed")
        status = lib.nca_run_watch_rows(self.handle, tell, self._kept, error)
        if self._kept.failed:
            raise MemoryError("%s: there are too many rows in its metrics" % folder)
        if status != lib.NCA_NOT_FOUND:
            check(status, error)

    def columns(self) -> Dict[str, NDArray[Any]]:
        """The rows that were kept, as arrays by the names of the columns."""
        count, kind = self._kept.count, ffi.typeof("nca_metrics_row")
        if count == 0:
            return {}
        size = ffi.sizeof(kind)
        content = np.frombuffer(ffi.buffer(self._kept.rows, count * size), np.uint8).reshape(count, size)

        def column(offset: int, field: str) -> NDArray[Any]:
            own = np.dtype({"uint64_t": np.uint64, "size_t": np.uintp, "unsigned int": np.uintc}.get(field, np.float64))
            values = np.ascontiguousarray(content[:, offset:offset + own.itemsize]).view(own)[:, 0]
            return values if own.kind == "f" else values.astype(np.int64)

        found = {key: column(ffi.offsetof(kind, key), dict(kind.fields)[key].type.cname) for key in (
            "iteration", "loss", "steps", "learning_rate", "alive_cells", "seconds")}
        for index in range(self._kept.rows[0].norm_count):
            name = "norm_%s" % text(lib.nca_run_watch_norm_name(self.handle, index))
            found[name] = column(ffi.offsetof(kind, "norm") + index * ffi.sizeof("double"), "double")
        return found
