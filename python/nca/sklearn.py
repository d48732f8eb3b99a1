"""A classifier for scikit-learn. Only this file imports it."""
from __future__ import annotations

from typing import Any, Dict, Mapping, Optional, Sequence, Tuple

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import check_random_state
from sklearn.utils.multiclass import check_classification_targets, type_of_target
from sklearn.utils.validation import check_is_fitted, column_or_1d

from nca._library import lib
from nca.model import Model
from nca.session import Session

try:
    from sklearn.utils.validation import validate_data
except ImportError:  # before scikit-learn 1.6

    def validate_data(estimator: Any, *arguments: Any, **options: Any) -> Any:
        return estimator._validate_data(*arguments, **options)


class NCAClassifier(ClassifierMixin, BaseEstimator):
    """A neural cellular automaton that classifies images.

    Parameters
    ----------
    image_shape : tuple, optional
        (H,W) or (H,W,channels) of the rows of a table X (n, H*W*channels), with 1 or 3 channels. By
        default a row is a square if that is possible, else a line, in which neighbours mean nothing.
        Not needed for arrays (n,H,W) or (n,H,W,channels).
    iterations : int
        Of the training.
    learning_rate, n_channels, hidden, batch_size : optional
        Settings; None: those of the recipe classify.
    steps : int, optional
        The steps of the automaton before its scores are read; None: those of the recipe.
    rollouts : int
        Predictions are the mean over so many rollouts.
    settings : dict, optional
        Further settings by name, such as ``{"flip_x": True}``.
    threads : int
        0: all cores. Changes no bit of a result.
    random_state : int, RandomState or None
        Of the weights, the batches and the fire masks of the training.

    Attributes
    ----------
    model_ : Model
        The trained model.
    classes_ : array
        The labels, as in `y`; if an image has any number of them, 0 to L - 1.
    range_ : (float, float)
        The values of X that became 0 and 255; (0, 255) for images of uint8.
    losses_ : array
        The loss of each iteration.
    n_features_in_ : int
        The length of the second axis of X.

    Notes
    -----
    The library classifies 8-bit images. An X of another type is scaled from its smallest to its
    largest value in `fit`, rounded to 256 values, and clipped to them in predictions.
    """

    def __init__(self, image_shape: Optional[Sequence[int]] = None, iterations: int = 300,
                 learning_rate: Optional[float] = None, n_channels: Optional[int] = None,
                 hidden: Optional[int] = None, batch_size: Optional[int] = None, steps: Optional[int] = None,
                 rollouts: int = 1, settings: Optional[Mapping[str, Any]] = None, threads: int = 0,
                 random_state: Any = None) -> None:
        self.image_shape = image_shape
        self.iterations = iterations
        self.learning_rate = learning_rate
        self.n_channels = n_channels
        self.hidden = hidden
        self.batch_size = batch_size
        self.steps = steps
        self.rollouts = rollouts
        self.settings = settings
        self.threads = threads
        self.random_state = random_state

    def fit(self, X: Any, y: Any) -> NCAClassifier:
        """Trains a model.

        Parameters
        ----------
        X : array (n, H*W*channels), (n,H,W) or (n,H,W,channels)
        y : array (n), or (n,L) of 0 and 1
            2 to 64 classes; or, if an image has any number of labels, which of them. It may be sparse.
        """
        X, y = validate_data(self, X, y, allow_nd=True, dtype=_dtype_of(X), multi_output=True)
        if y.ndim == 2 and y.shape[1] == 1:
            y = column_or_1d(y, warn=True)
        check_classification_targets(y)
        self.classes_, labels = _labels_of(y)
        if not 2 <= len(self.classes_) <= lib.NCA_MAX_CLASSES:
            raise ValueError("NCAClassifier needs 2 to %d classes; y has %d class%s"
                             % (lib.NCA_MAX_CLASSES, len(self.classes_), "" if len(self.classes_) == 1 else "es"))
        self.range_ = (0.0, 255.0) if X.dtype == np.uint8 else (float(X.min()), float(X.max()))
        session = Session(images=self._images(X), labels=labels, classes=_names(self.classes_),
                          **self._settings(X.ndim > 2))
        losses = []
        session.run(lambda metrics: losses.append(metrics["loss"]))
        self.losses_, self.model_ = np.array(losses), session.result
        return self

    def predict_proba(self, X: Any) -> NDArray[np.float64]:
        """The probabilities (n, classes), in the order of `classes_`; of several labels, (n, L), that of
        each label for itself."""
        check_is_fitted(self)
        X = validate_data(self, X, reset=False, allow_nd=True, dtype=_dtype_of(X))
        model: Model = self.model_
        found = model.predict(self._images(X), rollouts=self.rollouts, threads=self.threads)
        if model.is_multi_label:
            return found
        shares: NDArray[np.float64] = found / found.sum(axis=1, keepdims=True)
        return shares

    def predict(self, X: Any) -> NDArray[Any]:
        """The most probable label of each image (n); of several labels, (n, L): 1 where the probability
        is above 0.5."""
        check_is_fitted(self)
        probabilities = self.predict_proba(X)
        if self.model_.is_multi_label:
            return (probabilities > 0.5).astype(np.int64)
        labels: NDArray[Any] = self.classes_[probabilities.argmax(axis=1)]
        return labels

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags

    def _more_tags(self) -> Dict[str, bool]:  # before scikit-learn 1.6
        return {"multilabel": True}

    def _settings(self, is_image: bool) -> Dict[str, Any]:
        """The settings of the training. An image that is moved or brighter is another image of the same
        class; a row of a table may not be."""
        chosen: Dict[str, Any] = {"iterations": self.iterations, "threads": self.threads,
                                  "seed": int(check_random_state(self.random_state).randint(2**31 - 1))}
        if self.steps is not None:
            chosen.update(steps_min=self.steps, steps_max=self.steps)
        if not is_image and self.image_shape is None:
            chosen.update(shift=0, brightness=0, contrast=0, noise=0)
        for key in ("learning_rate", "n_channels", "hidden", "batch_size"):
            if getattr(self, key) is not None:
                chosen[key] = getattr(self, key)
        chosen.update(self.settings or {})
        return chosen

    def _images(self, X: NDArray[Any]) -> NDArray[np.uint8]:
        """X as images (n,H,W,channels) of uint8."""
        shape = X.shape[1:] if X.ndim > 2 else self._shape(X.shape[1])
        if len(shape) not in (2, 3) or (len(shape) == 3 and shape[2] not in (1, 3)):
            raise ValueError("expected images (H,W), (H,W,1) or (H,W,3), found %s" % (tuple(shape),))
        if X.dtype != np.uint8 or self.range_ != (0, 255):
            X = X.astype(np.float64, copy=False)  # a difference of uint8 would wrap around
            low, high = self.range_
            X = np.rint(np.clip((X - low) / (high - low or 1), 0, 1) * 255).astype(np.uint8)
        return np.ascontiguousarray(X.reshape(len(X), *shape))

    def _shape(self, features: int) -> Tuple[int, ...]:
        if self.image_shape is None:
            side = int(np.sqrt(features))
            return (side, side) if side * side == features else (1, features)
        shape = tuple(int(side) for side in self.image_shape)
        if int(np.prod(shape)) != features:
            raise ValueError("image_shape %s has %d values, and the rows of X have %d"
                             % (shape, np.prod(shape), features))
        return shape

    def _repr_html_(self) -> str:
        from nca.notebook import classifier_html

        return classifier_html(self)

    def _repr_mimebundle_(self, **_options: Any) -> Dict[str, str]:
        """What notebooks ask for first; without this they would show BaseEstimator's."""
        return {"text/plain": repr(self), "text/html": self._repr_html_()}


def _dtype_of(X: Any) -> Any:
    """Images of uint8 stay so, also as the columns of a DataFrame; everything else becomes floats."""
    types = list(X.dtypes) if hasattr(X, "columns") else [getattr(X, "dtype", None)]
    return np.uint8 if types and all(kind is not None and kind == np.uint8 for kind in types) else np.float64


def _labels_of(y: Any) -> Tuple[NDArray[Any], NDArray[Any]]:
    """The classes of `y`, and the numbers of those of each image (n), or (n,L) of 0 and 1."""
    kind = type_of_target(y)
    if kind == "multilabel-indicator":
        labels = np.asarray(y.toarray() if hasattr(y, "toarray") else y).astype(np.int64)
        return np.arange(labels.shape[1]), labels
    if y.ndim != 1:
        raise ValueError("y: expected one class for each image, or labels of 0 and 1, found %s" % kind)
    classes, numbers = np.unique(y, return_inverse=True)
    return classes, numbers


def _names(classes: NDArray[Any]) -> Tuple[str, ...]:
    """Names for the model; if they are long, they are cut and numbered."""
    names = [str(label) for label in classes]
    is_long = any(len(name.encode()) >= lib.NCA_CLASS_NAME for name in names)
    return tuple("%d %s" % (index, name[:20]) if is_long else name for index, name in enumerate(names))
