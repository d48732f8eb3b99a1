"""Measuring a model, as `nca evaluate` does it."""
from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Optional, Sequence, Union

from nca import labelled
from nca._callbacks import SHARE, Callbacks
from nca._library import FilePath, check, ffi, kernels_named, lib, named, new_error, precision_named, set_numbers, whole
from nca.model import Model, load
from nca.run import Run
from nca.settings import Settings
from nca.tables import from_csv

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


def evaluate(model: Union[Model, Run, FilePath], *, rollouts: Optional[int] = None,
             steps: Optional[Sequence[int]] = None, healing: bool = True, damage_at: Optional[int] = None,
             damage_area: str = "living", cuts: int = 1, seed: int = 0, threads: int = 0, kernels: str = "auto",
             precision: str = "fp32", data: Optional[FilePath] = None, images: Optional[ArrayLike] = None,
             labels: Optional[ArrayLike] = None, split: str = "test") -> Any:
    """Measures a model: how well it grows, how stable it is and how it regenerates, or, of a
    classifier, its scores on labelled images.

    Parameters
    ----------
    model : Model, Run or path
        What `nca.load` reads.
    rollouts : int, optional
        By default 64, of a classifier 16.
    steps : sequence of int, optional
        When to measure; by default 80, 500 and 2000, of a classifier multiples of its steps.
    healing : bool
        Whether the regeneration after each shape of damage is measured.
    damage_at, damage_area, cuts
        The step of the first cut (80), where cuts are placed, and their number.
    seed, threads, kernels, precision
        As of `Model.rollout`.
    data : path, optional
        Of a classifier: the labelled images, as the setting ``data``; by default those of the run.
    images, labels : arrays, optional
        Of a classifier, instead of `data`; as of `nca.Session`.
    split : str
        Which images of `data`: "train", "val" or "test".

    Returns
    -------
    DataFrame or list of dict
        One row for each number, with the columns of the program's CSV file: part, shape, step,
        measure, mean, deviation; of a classifier part, class, at, measure, value.
    """
    if not isinstance(model, (Model, Run)) and os.path.isdir(model):
        model = Run.open(model)
    loaded = load(model)
    if loaded.is_classifier:
        shown = _images_of(model, loaded, data, images, labels, split)
        return _evaluate_classes(loaded, shown, "train" if images is not None else split, rollouts, steps, seed,
                                 threads, kernels, precision)
    if not (data is None and images is None and labels is None):
        raise ValueError("data, images and labels are for classifiers; this model grows an image")
    options = ffi.new("nca_evaluation_options *")
    lib.nca_evaluation_options_default(options)
    if rollouts is not None:
        set_numbers(options, rollouts=rollouts)
    _listed = _take_steps(options, steps)
    if damage_at is not None:
        set_numbers(options, damage_at=damage_at)
    options.damage_area = named(lib.nca_damage_area_name, lib.NCA_DAMAGE_AREA_COUNT, damage_area, "damage_area")
    set_numbers(options, cuts=cuts, seed=seed, threads=threads)
    options.healing = healing
    options.kernels, options.precision = kernels_named(kernels), precision_named(precision)
    callbacks = Callbacks()
    options.progress, options.user = SHARE, callbacks.handle
    found = callbacks.created(lib.nca_evaluate, lib.nca_evaluation_destroy, loaded._handle, options)
    return _table(lib.nca_evaluation_csv, found)


def _take_steps(options: Any, steps: Optional[Sequence[int]]) -> Any:
    """Sets the steps of options, if they are given; they live as long as the array that is returned."""
    if steps is None:
        return None
    listed = ffi.new("size_t[]", [whole("steps", step) for step in steps])
    options.steps, options.step_count = listed, len(steps)
    return listed


def _table(write: Any, result: Any) -> Any:
    """The table of a result that the library can write as CSV."""
    out, error = ffi.new("char **"), new_error()
    check(write(out, result, error), error)
    return from_csv(ffi.string(ffi.gc(out[0], lib.free)).decode())


def _images_of(source: Union[Model, Run, FilePath], model: Model, data: Optional[FilePath],
               images: Optional[ArrayLike], labels: Optional[ArrayLike], split: str) -> labelled.Labelled:
    """The images that were given, or those of the run, in the size of the model."""
    if images is not None or labels is not None:
        if images is None or labels is None:
            raise ValueError("images and labels are needed together")
        return labelled.from_arrays(images, labels, model.classes)
    if isinstance(source, Run) and data is None:
        settings = source.settings
    elif data is not None:
        settings = Settings(task="classify", data=data, img_size=model.size[0])
    else:
        raise ValueError("a classifier is measured on labelled images; give data, or images and labels")
    return labelled.from_settings(settings)


def _evaluate_classes(model: Model, data: labelled.Labelled, split: str, rollouts: Optional[int],
                      steps: Optional[Sequence[int]], seed: int, threads: int, kernels: str, precision: str) -> Any:
    options = ffi.new("nca_class_report_options *")
    lib.nca_class_report_options_default(options)
    prediction = options.prediction
    if rollouts is not None:
        set_numbers(prediction, rollouts=rollouts)
    set_numbers(prediction, seed=seed, threads=threads)
    prediction.kernels, prediction.precision = kernels_named(kernels), precision_named(precision)
    _listed = _take_steps(options, steps)
    callbacks = Callbacks()
    options.progress, options.user = SHARE, callbacks.handle
    found = callbacks.created(lib.nca_class_report_create, lib.nca_class_report_destroy, model._handle, data._handle,
                              labelled.split_named(split), options)
    return _table(lib.nca_class_report_csv, found)
