"""A model: an automaton, its weights, and what is known of their training."""
from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Dict, Iterator, Optional, Tuple, Union

import numpy as np

from nca._callbacks import COUNT, Callbacks
from nca._library import (FilePath, array_of, as_path, check, created, ffi, kernels_named, lib, named, new_error,
                          notify, pointer_to, precision_named, set_numbers, text)
from nca.parameters import Parameters
from nca.rollout import Rollout
from nca.settings import Settings, Value

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray
    from nca.pytorch import Automaton
    from nca.run import Run

_AUTOMATON_SETTINGS = ("n_channels", "hidden", "filter", "filter_count", "angle", "boundary", "fire_rate", "step_size",
                       "alive_channel", "alive_threshold", "output_bias")


class Model:
    """A model that grows an image or classifies images. `nca.load` reads one.

    Attributes
    ----------
    parameters : Parameters
        The weights by name; see `Parameters`.
    """

    def __init__(self, handle: Any) -> None:
        self._handle = handle
        self.parameters = Parameters(handle)

    @classmethod
    def create(cls, seed: int = 0, **settings: Any) -> Model:
        """A model with random weights.

        Parameters
        ----------
        seed : int
            Of the weights.
        **settings
            Settings of the automaton, such as ``n_channels=16`` or ``filter="scharr"``.
        """
        described = Settings(seed=seed, **settings)
        automaton = ffi.new("nca_automaton *", lib.nca_settings_automaton(described._handle))
        handle = created(lib.nca_model_create, lib.nca_model_destroy, automaton)
        lib.nca_parameters_init(handle.parameters, automaton, described._handle.initialisation, seed)
        lib.nca_taps_init(handle.parameters, automaton, described._handle.filter_initialisation, seed)
        return cls(handle)

    def copy(self) -> Model:
        """An independent model with the same weights."""
        return Model(created(lib.nca_model_copy, lib.nca_model_destroy, self._handle))

    def save(self, path: FilePath) -> None:
        """Writes the model, whole or not at all: as a PyTorch file if the path ends in .pt or .pth,
        else as safetensors."""
        error = new_error()
        check(lib.nca_model_save_as(self._handle, as_path(path), error), error)

    def __reduce__(self) -> Tuple[Any, Tuple[bytes]]:
        import tempfile

        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "model.safetensors")
            self.save(path)
            with open(path, "rb") as file:
                return _unpickled, (file.read(),)

    # ---- What it is

    @property
    def channels(self) -> int:
        """C, the channels of a cell."""
        return int(self._handle.automaton.channels)

    @property
    def hidden(self) -> int:
        """N, the width of the hidden layer."""
        return int(self._handle.automaton.hidden)

    @property
    def input_channels(self) -> int:
        """Channels that hold the image of a classifier; 0 if the model grows an image."""
        return int(self._handle.automaton.input_channels)

    @property
    def size(self) -> Tuple[int, int]:
        """(H, W), the grid of the training; (0, 0) if unknown."""
        return int(self._handle.info.height), int(self._handle.info.width)

    @property
    def settings(self) -> Dict[str, Value]:
        """The settings of the automaton by name."""
        settings = Settings()
        lib.nca_settings_follow_automaton(settings._handle, ffi.addressof(self._handle, "automaton"), ffi.NULL)
        return {key: settings[key] for key in _AUTOMATON_SETTINGS}

    @property
    def info(self) -> Dict[str, Any]:
        """What is known of the training: iterations, loss, seed, padding, target, loss_name, experiment, recipe."""
        info = self._handle.info
        about: Dict[str, Any] = {key: getattr(info, key) for key in ("iterations", "loss", "seed", "padding")}
        about.update((key, text(getattr(info, key))) for key in ("target", "loss_name", "experiment", "recipe"))
        return about

    @property
    def is_classifier(self) -> bool:
        """Whether the model classifies images."""
        return bool(self._handle.classifier != ffi.NULL)

    @property
    def is_multi_label(self) -> bool:
        """Whether the model gives an image any number of labels; False if it gives one class, or none."""
        return self.is_classifier and bool(self._handle.classifier.kind == lib.NCA_LABELS_MULTI_LABEL)

    @property
    def classes(self) -> Tuple[str, ...]:
        """The names of the classes or labels; empty if the model grows an image."""
        if not self.is_classifier:
            return ()
        classifier = self._handle.classifier
        return tuple(text(classifier.class_names[index]) for index in range(classifier.classes))

    @property
    def target(self) -> Optional[NDArray[np.float32]]:
        """A read-only copy of the image that the model grows, (H,W,4) premultiplied RGBA; None if
        unknown. Assigning an image sets it."""
        if self._handle.target == ffi.NULL:
            return None
        image = np.empty((*self.size, 4), np.float32)
        ffi.memmove(ffi.from_buffer(image), self._handle.target, image.nbytes)
        image.flags.writeable = False  # a change would not reach the model
        return image

    @target.setter
    def target(self, image: ArrayLike) -> None:
        pixels = array_of(image, np.float32, (None, None, 4), "target")
        error = new_error()
        check(lib.nca_model_set_target(self._handle, pointer_to(pixels, "float"), *pixels.shape[:2], error), error)

    @property
    def digest(self) -> str:
        """16 hexadecimal digits that are equal for equal weights and filters."""
        out = ffi.new("char[]", lib.NCA_MODEL_DIGEST_SIZE)
        lib.nca_model_digest(out, self._handle)
        return text(out)

    def __repr__(self) -> str:
        what = "classes %s" % (self.classes,) if self.is_classifier else "size %s" % (self.size,)
        return "<nca.Model %d channels, hidden %d, filter %s, %s, digest %s>" % (
            self.channels, self.hidden, self.settings["filter"], what, self.digest)

    def _repr_html_(self) -> str:
        from nca.notebook import page_frame

        return page_frame(self)

    # ---- Running

    def rollout(self, batch: int = 1, seed: int = 0, size: Union[int, Tuple[int, int], None] = None, *,
                first_sample: int = 0, threads: int = 0, kernels: str = "auto", precision: str = "fp32") -> Rollout:
        """Grids that start from the seed and are run step by step.

        Parameters
        ----------
        batch : int
            B, the number of grids.
        seed : int
            Of the fire masks.
        size : int or (int, int), optional
            (H, W); by default the grid of the training.
        first_sample : int
            Sample k has the fire masks of sample ``first_sample + k``.
        threads : int
            0: all cores. Changes no bit of a result.
        kernels : str
            "auto" or the name of a kernel set. Changes no bit of a result.
        precision : str
            "fp32" or "int8".
        """
        return Rollout(self._handle, batch, seed, size, first_sample, threads, kernels, precision)

    def grow(self, steps: int = 96, batch: int = 1, seed: int = 0, size: Union[int, Tuple[int, int], None] = None,
             **options: Any) -> NDArray[np.float32]:
        """The states after some steps from the seed.

        Parameters
        ----------
        steps : int
            T, the number of steps.
        batch, seed, size, **options
            As of `rollout`.

        Returns
        -------
        array (B,H,W,C)
            Channels 0 to 3 are premultiplied RGBA.
        """
        rollout = self.rollout(batch, seed, size, **options)
        rollout.run(steps)
        return rollout.states

    # ---- Classifying

    def predict(self, images: ArrayLike, *, rollouts: int = 1, steps: int = 0, seed: int = 0, threads: int = 0,
                kernels: str = "auto", precision: str = "fp32") -> NDArray[np.float64]:
        """The probabilities of the classes, or of each label for itself.

        Parameters
        ----------
        images : array of uint8
            (n,H,W) grey or (n,H,W,channels); passed without a copy if it is contiguous.
        rollouts : int
            The result is the mean over so many rollouts with different fire masks.
        steps : int
            0: those of the classifier.
        seed, threads, kernels, precision
            As of `rollout`.

        Returns
        -------
        array (n, classes)
        """
        return self._predict("probabilities", images, rollouts, steps, seed, threads, kernels, precision)

    def scores(self, images: ArrayLike, *, rollouts: int = 1, steps: int = 0, seed: int = 0, threads: int = 0,
               kernels: str = "auto", precision: str = "fp32") -> NDArray[np.float64]:
        """The class scores (logits) divided by the temperature; otherwise like `predict`."""
        return self._predict("scores", images, rollouts, steps, seed, threads, kernels, precision)

    def _predict(self, what: str, images: ArrayLike, rollouts: int, steps: int, seed: int, threads: int,
                 kernels: str, precision: str) -> NDArray[np.float64]:
        pixels = np.asarray(images)
        channels = max(self.input_channels, 1)
        if pixels.ndim == 3 and channels == 1:
            pixels = pixels[..., np.newaxis]
        pixels = array_of(pixels, np.uint8, (None, None, None, channels), "images")
        options = ffi.new("nca_prediction_options *")
        lib.nca_prediction_options_default(options)
        set_numbers(options, rollouts=rollouts, steps=steps, seed=seed, threads=threads)
        options.kernels, options.precision = kernels_named(kernels), precision_named(precision)
        callbacks = Callbacks()
        options.progress, options.user = COUNT, callbacks.handle
        out = np.empty((len(pixels), max(len(self.classes), 1)), np.float64)
        outputs = [pointer_to(out, "double") if name == what else ffi.NULL
                   for name in ("probabilities", "deviations", "scores")]
        callbacks.call(lib.nca_predict, *outputs, self._handle, pointer_to(pixels, "uint8_t"), *pixels.shape[:3],
                       options)
        return out

    def to_torch(self) -> Automaton:
        """An nn.Module with the same step (docs/python.md); imports torch."""
        from nca.pytorch import to_torch

        return to_torch(self)


def load(source: Union[FilePath, Run, Model], *, filter: Optional[str] = None, column_order: Optional[str] = None,
         filter_scale: Optional[float] = None, boundary: Optional[str] = None,
         fire_rate: Optional[float] = None) -> Model:
    """Reads a model.

    Parameters
    ----------
    source : path, Run or Model
        A model file, a run folder, or a PyTorch file (.pt, .pth); a Model is copied.
    filter, column_order, filter_scale, boundary, fire_rate
        For PyTorch files: what a state dict does not contain (docs/pytorch.md). What is assumed
        instead, and what was not used of the file, goes to the logger "nca".

    Raises
    ------
    NotFoundError, FormatError
        There is no such file, or it is not a model.
    """
    from nca.run import Run

    of_torch = (filter, column_order, filter_scale, boundary, fire_rate)
    if isinstance(source, (Model, Run)):
        if of_torch != (None,) * 5:
            raise ValueError("filter, column_order, filter_scale, boundary and fire_rate are for PyTorch files, "
                             "not for %r" % source)
        return source.copy() if isinstance(source, Model) else source.model
    path = ffi.new("nca_run_path *")
    lib.nca_run_model_path(path, as_path(source, "source"))
    name = path.text
    if not (lib.nca_torch_is(name) or lib.nca_torch_has_ending(name)):
        if of_torch != (None,) * 5:
            raise ValueError("%s: filter, column_order, filter_scale, boundary and fire_rate are for PyTorch files"
                             % text(name))
        return Model(created(lib.nca_model_load, lib.nca_model_destroy, name))
    file = created(lib.nca_torch_open, lib.nca_torch_close, name)
    return model_of_torch(file, text(name), torch_options(*of_torch))


def model_of_torch(file: Any, name: str, options: Any) -> Model:
    """The model of an open nca_torch; what was assumed and not used is told."""
    report = ffi.new("nca_torch_report *")
    model = Model(created(lib.nca_model_from_torch, lib.nca_model_destroy, file, options, report))
    for line in _torch_notices(report):
        notify("%s: %s" % (name, line))
    return model


def _torch_notices(report: Any) -> Iterator[str]:
    used = report.used
    filter_name, divisor = text(lib.nca_filter_name(used.filter)), lib.nca_filter_divisor(used.filter)
    scale = "1/%g" % divisor if used.filter_scale * divisor == 1 else "%.6g" % used.filter_scale
    elsewhere, perception = text(report.elsewhere), text(report.perception)
    if text(report.path):
        yield 'using the weights under "%s"%s' % (text(report.path), elsewhere and "; not used: " + elsewhere)
    elif elsewhere:
        yield "not used: " + elsewhere
    if text(report.unused):
        yield "not used, because it is not part of the update network: " + text(report.unused)
    if text(report.unread):
        yield "not read, and no code of them was run: objects of " + text(report.unread)
    if perception and used.filter == lib.NCA_FILTER_LEARNED:
        yield "learned filters found: %s%s" % (perception, "; the identity, which is not among them, was added with "
                                               "zero weights" if report.added_identity else "")
    elif perception:
        yield "perception filter found: %s is %s, scale %s" % (perception, filter_name, scale)
    assumed = [written for is_assumed, written in (
        (report.assumed_filter, "filter=%r" % filter_name),
        (report.assumed_order, "column_order=%r" % text(lib.nca_torch_order_name(used.order))),
        (report.assumed_scale, "filter_scale=" + scale),
        (report.assumed_boundary, "boundary=%r" % text(lib.nca_boundary_name(used.boundary))),
        (report.assumed_fire_rate, "fire_rate=%g" % used.fire_rate)) if is_assumed]
    if assumed:
        yield "assumed, because it is not there: " + ", ".join(assumed)


def torch_options(filter: Optional[str], column_order: Optional[str], filter_scale: Optional[float],
                  boundary: Optional[str], fire_rate: Optional[float]) -> Any:
    """What a state dict does not contain, as the library takes it; None: unknown."""
    options = ffi.new("nca_torch_options *")
    lib.nca_torch_options_default(options)
    if filter is not None:
        options.filter = named(lib.nca_filter_name, lib.NCA_FILTER_COUNT, filter, "filter")
    if column_order is not None:
        options.order = named(lib.nca_torch_order_name, lib.NCA_TORCH_ORDER_COUNT, column_order, "column_order")
    if boundary is not None:
        options.boundary = named(lib.nca_boundary_name, lib.NCA_BOUNDARY_COUNT, boundary, "boundary")
    for name, value in (("filter_scale", filter_scale), ("fire_rate", fire_rate)):
        if value is not None:
            if not value > 0:  # 0 is the library's "unknown"
                raise ValueError("%s: expected more than 0, found %r" % (name, value))
            setattr(options, name, value)
    return options


def _unpickled(content: bytes) -> Model:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "model.safetensors")
        with open(path, "wb") as file:
            file.write(content)
        return load(path)


def copy_of(pointer: Any) -> Model:
    """A copy of a model that belongs to a session."""
    return Model(created(lib.nca_model_copy, lib.nca_model_destroy, pointer))


