"""A rollout: grids that a model runs step by step."""
from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Iterator, Optional, Sequence, Tuple, Union

import numpy as np

from nca._library import (OfProcess, array_of, check, ffi, kernels_named, lib, named, new_error, pointer_to,
                          precision_named, set_numbers, size_pair, whole)

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

_PIECE_SECONDS = 0.1  # between two moments at which Python sees Ctrl-C


class Rollout(OfProcess):
    """A batch of grids of one model; `Model.rollout` makes one. A process made by fork cannot use it.

    Iterating over a rollout is without end: each turn is one step and gives the states. Used by one
    thread at a time.

    Attributes
    ----------
    batch, height, width, channels : int
        The shape of the states.
    """

    def __init__(self, model: Any, batch: int, seed: int, size: Union[int, Tuple[int, int], None], first_sample: int,
                 threads: int, kernels: str, precision: str) -> None:
        if model.classifier != ffi.NULL:
            raise ValueError("this model classifies images and grows none; use its predict")
        options = ffi.new("nca_rollout_options *")
        lib.nca_rollout_options_default(options, model)
        if size is not None:
            options.height, options.width = size_pair(size)
        set_numbers(options, batch=batch, seed=seed, first_sample=first_sample, threads=threads)
        options.kernels, options.precision = kernels_named(kernels), precision_named(precision)
        self._own(lib.nca_rollout_create, lib.nca_rollout_destroy, model, options)
        self._automaton = ffi.new("nca_automaton *", model.automaton)
        self.batch, self.height, self.width = int(batch), int(options.height), int(options.width)
        self.channels = int(model.automaton.channels)
        self._target = self._copy_target(model)

    def _copy_target(self, model: Any) -> Optional[NDArray[np.float32]]:
        if model.target == ffi.NULL or (model.info.height, model.info.width) != (self.height, self.width):
            return None
        target = np.empty((self.height, self.width, 4), np.float32)
        ffi.memmove(ffi.from_buffer(target), model.target, target.nbytes)
        return target

    def __repr__(self) -> str:
        return "<nca.Rollout %d x %d cells, %d channels, batch %d, %d steps>" % (
            self.height, self.width, self.channels, self.batch, self.steps)

    # ---- Steps

    @property
    def steps(self) -> int:
        """The number of steps since the last reset."""
        return int(lib.nca_rollout_steps(self._handle))

    @steps.setter
    def steps(self, value: int) -> None:
        lib.nca_rollout_set_steps(self._handle, whole("steps", value))

    def run(self, steps: int = 1) -> Rollout:
        """Advances all grids; returns the rollout itself. Ctrl-C stops it between two steps."""
        error, left, piece = new_error(), whole("steps", steps), 1
        while left > 0:
            piece = min(piece, left)
            begin = time.monotonic()
            check(lib.nca_rollout_run(self._handle, piece, error), error)
            left -= piece
            if time.monotonic() - begin < _PIECE_SECONDS / 2:
                piece *= 2
        return self

    def iterate(self, steps: int, every: int = 1) -> Iterator[NDArray[np.float32]]:
        """Yields the states (B,H,W,C) after every `every` steps, `steps` steps in all."""
        if whole("every", every) < 1:
            raise ValueError("every: expected 1 or more, found %d" % every)
        for done in range(0, whole("steps", steps), every):
            self.run(min(every, steps - done))
            yield self.states

    def __iter__(self) -> Iterator[NDArray[np.float32]]:
        return self

    def __next__(self) -> NDArray[np.float32]:
        return self.run(1).states

    def reset(self) -> Rollout:
        """Sets all grids to the seed and the step counter to 0."""
        lib.nca_rollout_reset(self._handle)
        return self

    # ---- States

    @property
    def states(self) -> NDArray[np.float32]:
        """A copy of the states (B,H,W,C); assigning one puts it in."""
        out = np.empty((self.batch, self.height, self.width, self.channels), np.float32)
        for sample in range(self.batch):
            lib.nca_rollout_get(pointer_to(out[sample], "float"), self._handle, sample)
        return out

    @states.setter
    def states(self, values: ArrayLike) -> None:
        shape = (self.batch, self.height, self.width, self.channels)
        states = array_of(values, np.float32, shape, "states")
        for sample in range(self.batch):
            lib.nca_rollout_set(self._handle, sample, pointer_to(states[sample], "float"))

    @property
    def rgba(self) -> NDArray[np.float32]:
        """A copy of the images (B,H,W,4), premultiplied, not clamped."""
        out = np.empty((self.batch, self.height, self.width, 4), np.float32)
        for sample in range(self.batch):
            lib.nca_rollout_rgba(pointer_to(out[sample], "float"), self._handle, sample)
        return out

    @property
    def alive(self) -> NDArray[np.int64]:
        """(B) the number of cells whose neighbourhood is alive."""
        return np.array([lib.nca_rollout_alive(self._handle, sample) for sample in range(self.batch)], np.int64)

    def loss(self, loss: str = "L2", target: Optional[ArrayLike] = None) -> NDArray[np.float64]:
        """(B) the loss of each image against a target (H,W,4), by default that of the model."""
        image = self._target if target is None else array_of(
            target, np.float32, (self.height, self.width, 4), "target")
        if image is None:
            raise ValueError("the model has no target of this size; give one")
        kind = named(lib.nca_loss_name, lib.NCA_LOSS_COUNT, loss, "loss")
        pointer = pointer_to(image, "float")
        return np.array([lib.nca_rollout_loss(self._handle, sample, kind, pointer) for sample in range(self.batch)])

    # ---- Damage

    def damage(self, shape: str = "circle", *, seed: int = 0, iteration: int = 0, area: str = "living",
               samples: Optional[Sequence[int]] = None) -> NDArray[np.int64]:
        """Erases cells at random.

        Parameters
        ----------
        shape : str
            "circle", "half-plane", "square", "cells" or "mixed".
        seed, iteration : int
            Which damage is drawn: sample k gets that of (seed, k, iteration).
        area : str
            "living" takes 10 to 60 % of the living cells, "grid" lies around the middle of the grid.
        samples : sequence of int, optional
            By default all.

        Returns
        -------
        array of int64
            The number of cells erased, for each of the samples.
        """
        kind = named(lib.nca_damage_name, lib.NCA_DAMAGE_COUNT, shape, "shape")
        where = named(lib.nca_damage_area_name, lib.NCA_DAMAGE_AREA_COUNT, area, "area")
        for name, value in (("seed", seed), ("iteration", iteration)):
            whole(name, value)
        chosen = range(self.batch) if samples is None else [whole("samples", sample) for sample in samples]
        for sample in chosen:
            if sample >= self.batch:
                raise IndexError("samples: expected 0 to %d, found %d" % (self.batch - 1, sample))
        return np.array([self._damage_one(index, kind, where, seed, iteration) for index in chosen], np.int64)

    def _damage_one(self, sample: int, shape: int, area: int, seed: int, iteration: int) -> int:
        state = np.empty((self.height, self.width, self.channels), np.float32)
        lib.nca_rollout_get(pointer_to(state, "float"), self._handle, sample)
        living = ffi.new("nca_living *", {
            "grid": pointer_to(state, "float"), "height": self.height, "width": self.width,
            "channels": self.channels, "alive_channel": self._automaton.alive_channel,
            "alive_threshold": self._automaton.alive_threshold, "input_channels": self._automaton.input_channels})
        damage = ffi.new("nca_damage *", lib.nca_damage_draw_in(area, shape, seed, sample, iteration, living))
        return int(lib.nca_rollout_damage(self._handle, sample, damage))
