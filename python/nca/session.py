"""A training in memory, one iteration at a time."""
from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable, Dict, Mapping, Optional, Sequence, Tuple, Union

import numpy as np

from nca import labelled
from nca._callbacks import PROGRESS, Callbacks
from nca._library import (FilePath, OfProcess, as_path, borrowed, check, created, data_root, ffi, lib, new_error,
                          notify, pointer_to, text, whole)
from nca.model import Model, copy_of
from nca.notebook import finish
from nca.settings import Settings, _from_handle, gathered

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

Metrics = Dict[str, Any]
Callback = Callable[[Metrics], Any]


def metrics_of(report: Any, automaton: Any) -> Metrics:
    """An nca_iteration as a dict, with the names of the columns of metrics.csv."""
    metrics: Metrics = {key: getattr(report, key) for key in (
        "iteration", "steps", "loss", "smooth_loss", "learning_rate", "alive_cells", "dropped", "dropped_total")}
    for index in range(report.tensors):
        name = lib.nca_metrics_norm_name(automaton, index)
        if name != ffi.NULL:
            metrics["norm_" + text(name)] = report.gradient_norm[index]
    return metrics


class Session(OfProcess):
    """A training in memory. Used by one thread at a time; a process made by fork cannot use it.

    Parameters
    ----------
    target : path or array, optional
        The image to grow: as the setting ``target``, or an array (H,W), (H,W,3) or (H,W,4) of
        uint8, or of floats from 0 to 1, which are rounded to 8 bits; alpha is not premultiplied.
    images, labels : arrays, optional
        Of a classification: (n,H,W) or (n,H,W,channels) of uint8, and (n) classes from 0, or (n,L)
        of 0 and 1 if an image has any number of L labels. The images are used as they are, without a
        copy, if they are contiguous: a change of them during the training changes the training. The
        labels are copied.
    classes : sequence of str, optional
        The names of the classes or labels.
    model : Model, optional
        The training begins with its weights.
    settings : Settings, mapping or path, optional
        Settings, or a YAML file.
    **keywords
        Settings by name, on top of `settings`.
    """

    def __init__(self, target: Union[FilePath, ArrayLike, None] = None, *, images: Optional[ArrayLike] = None,
                 labels: Optional[ArrayLike] = None, classes: Optional[Sequence[str]] = None,
                 model: Optional[Model] = None, settings: Union[Mapping[str, Any], FilePath, None] = None,
                 **keywords: Any) -> None:
        if images is not None:
            keywords.setdefault("task", "classify")
        is_array = target is not None and not _is_path(target)
        if target is not None and not is_array:
            keywords["target"] = target
        chosen = gathered(settings, keywords)
        if model is not None:
            _follow(chosen, model)
        notices = chosen._prepare()
        self._data: Optional[labelled.Labelled] = None
        if chosen["task"] == "classify":
            if target is not None:
                raise ValueError("target: a classification has none; leave it or images, labels and data out")
            self._data = labelled.for_training(chosen, images, labels, classes)
            if chosen["epochs"]:
                lib.nca_classify_take_epochs(chosen._handle, self._data._handle)
                lib.nca_settings_fit_warmup(chosen._handle)
            self._own(*_classify_call(chosen, self._data, model))
        else:
            if not (images is None and labels is None and classes is None):
                raise ValueError("images, labels, classes: these are for a classification; found task=%r"
                                 % chosen["task"])
            image = _target_of_array(target, chosen) if is_array else created(
                lib.nca_run_target, lib.nca_target_destroy, chosen._handle, data_root(None))
            self._own(*_grow_call(chosen, image, model))
        for line in notices:
            notify(line)

    @classmethod
    def resume(cls, path: FilePath, *, images: Optional[ArrayLike] = None, labels: Optional[ArrayLike] = None,
               classes: Optional[Sequence[str]] = None, **changes: Any) -> Session:
        """Continues from a checkpoint that `save` wrote, to the bits of an uninterrupted session.

        Parameters
        ----------
        path : path
            The checkpoint.
        images, labels, classes
            The data of a classification from arrays, which must be the same.
        **changes
            Settings that may change, such as ``threads``, and ``iterations`` unless the learning rate
            ends with them (schedule cosine).
        """
        saved, done, error = Settings(), ffi.new("uint64_t *"), new_error()
        check(lib.nca_checkpoint_settings(saved._handle, done, as_path(path), error), error)
        saved.update(changes)
        saved._prepare(resumed=True)
        session = cls.__new__(cls)
        session._data = None
        if saved["task"] == "classify":
            session._data = labelled.for_training(saved, images, labels, classes)
            lib.nca_classify_take_epochs(saved._handle, session._data._handle)
            session._own(lib.nca_session_resume_classify, lib.nca_session_destroy, as_path(path), saved._handle,
                         session._data._handle)
        else:
            session._own(lib.nca_session_resume, lib.nca_session_destroy, as_path(path), saved._handle)
        return session

    def save(self, path: FilePath) -> None:
        """Writes a checkpoint, whole or not at all."""
        error = new_error()
        check(lib.nca_session_save(self._handle, as_path(path), error), error)

    # ---- Training

    def step(self) -> Metrics:
        """Runs one iteration and returns its metrics; it may be called beyond `total`.

        Raises
        ------
        DivergedError
            The training cannot succeed any more.
        """
        report, error = ffi.new("nca_iteration *"), new_error()
        check(lib.nca_session_step(self._handle, report, error), error)
        return metrics_of(report, self._automaton())

    def run(self, callback: Optional[Callback] = None) -> bool:
        """Runs all iterations that are left, with those that the stability test adds.

        Parameters
        ----------
        callback : callable, optional
            Gets the metrics of each iteration; returns False to stop.

        Returns
        -------
        bool
            Whether all iterations are done.

        Raises
        ------
        KeyboardInterrupt
            Ctrl-C; the session can go on.
        """
        def iterated(report: Any) -> Any:
            return callback is None or callback(metrics_of(report, self._automaton()))

        callbacks, error = Callbacks(iterated=iterated), new_error()
        status = lib.nca_session_run(self._handle, PROGRESS, callbacks.handle, error)
        finish(callback)
        callbacks.settle(status, error)
        return self.iteration >= self.total

    def change(self, key: str, value: Any) -> None:
        """Changes learning_rate, fire_rate, damage or damage_shape from the next iteration on."""
        written, error = str(Settings(**{key: value})[key]), new_error()
        check(lib.nca_session_change(self._handle, key.encode(), written.encode(), error), error)

    @property
    def iteration(self) -> int:
        """The number of iterations done."""
        return int(lib.nca_session_iteration(self._handle))

    @property
    def total(self) -> int:
        """The number of all iterations, with those that the stability test has added."""
        return int(lib.nca_session_total(self._handle))

    # ---- What it has

    @property
    def model(self) -> Model:
        """A copy of the model as it is now."""
        return copy_of(lib.nca_session_model(self._handle))

    @property
    def result(self) -> Model:
        """A copy of the model to keep: that of the averaged weights if the settings ask for it."""
        return copy_of(lib.nca_session_result(self._handle))

    @property
    def settings(self) -> Settings:
        """A copy of the settings, with the changes that were made."""
        return _from_handle(lib.nca_session_settings(self._handle))

    @property
    def states(self) -> NDArray[np.float32]:
        """A copy of the batch (B,H,W,C) after the last iteration."""
        automaton = self._automaton()
        info = lib.nca_session_model(self._handle).info
        shape = (info.height, info.width, automaton.channels)
        batch = lib.nca_session_settings(self._handle).batch_size
        return np.stack([borrowed(lib.nca_session_sample(self._handle, sample), shape, np.float32, self).copy()
                         for sample in range(batch)])

    @property
    def pool_size(self) -> int:
        """The number of slots of the sample pool."""
        return int(lib.nca_session_pool_size(self._handle))

    def pool(self, slot: int) -> NDArray[np.float32]:
        """A copy of the state (H,W,C) of a slot of the pool."""
        info = lib.nca_session_model(self._handle).info
        out = np.empty((info.height, info.width, self._automaton().channels), np.float32)
        if not lib.nca_session_pool_sample(pointer_to(out, "float"), self._handle, whole("slot", slot)):
            raise IndexError("slot: expected 0 to %d, found %d" % (self.pool_size - 1, slot))
        return out

    def _automaton(self) -> Any:
        return ffi.addressof(lib.nca_session_model(self._handle), "automaton")

    def __repr__(self) -> str:
        return "<nca.Session iteration %d of %d>" % (self.iteration, self.total)


def _is_path(target: Any) -> bool:
    return isinstance(target, str) or hasattr(target, "__fspath__")


def _follow(settings: Settings, model: Model) -> None:
    """The automaton of a model, where the settings do not say otherwise."""
    has = ffi.new("bool[]", [key in settings.given for key in settings])
    lib.nca_settings_follow_automaton(settings._handle, ffi.addressof(model._handle, "automaton"), has)


def _grow_call(settings: Settings, image: Any, model: Optional[Model]) -> Tuple[Any, ...]:
    """The function that creates the session, the one that releases it, and the arguments."""
    arguments = (lib.nca_session_destroy, settings._handle, image)
    return (lib.nca_session_create, *arguments) if model is None else (
        lib.nca_session_create_from, *arguments, model._handle)


def _classify_call(settings: Settings, data: labelled.Labelled, model: Optional[Model]) -> Tuple[Any, ...]:
    arguments = (lib.nca_session_destroy, settings._handle, data._handle)
    return (lib.nca_session_create_classify, *arguments) if model is None else (
        lib.nca_session_create_classify_from, *arguments, model._handle)


def pixels_of(image: ArrayLike, name: str) -> NDArray[np.uint8]:
    """(H,W,4) straight RGBA of an image array, which errors call `name`."""
    array = np.asarray(image)
    if array.dtype.kind == "f":
        if not np.all((array >= 0) & (array <= 1)):
            raise ValueError("%s: expected floats from 0 to 1" % name)
        array = np.rint(array * 255).astype(np.uint8)
    if array.dtype != np.uint8 or array.ndim not in (2, 3) or (array.ndim == 3 and array.shape[2] not in (3, 4)):
        raise ValueError("%s: expected (H,W), (H,W,3) or (H,W,4) of uint8 or of floats, found %s %s"
                         % (name, array.dtype, array.shape))
    if array.ndim == 2:
        array = np.repeat(array[..., np.newaxis], 3, axis=2)
    if array.shape[2] == 3:
        array = np.concatenate([array, np.full_like(array[..., :1], 255)], axis=2)
    return np.ascontiguousarray(array)


def _target_of_array(image: Any, settings: Settings) -> Any:
    """The target of an array, with the size, padding and so on of the settings."""
    pixels = pixels_of(image, "target")
    picture = ffi.new("nca_image *", {"width": pixels.shape[1], "height": pixels.shape[0],
                                      "pixels": pointer_to(pixels, "uint8_t")})
    own = settings._handle
    options = ffi.new("nca_target_options *")
    lib.nca_target_options_default(options)
    options.size, options.padding, options.stretch = own.img_size, own.padding, own.stretch
    options.window = own.window
    return created(lib.nca_target_from_image, lib.nca_target_destroy, picture, b"array", options)
