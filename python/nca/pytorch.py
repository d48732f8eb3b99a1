"""Models as PyTorch modules with the same step, and back. Only this file imports torch.

A module's state dict has the names and shapes of a .pt file of the program (docs/pytorch.md):
perception.weight, update_module.0.weight ..., so that `nca.load` reads what torch.save writes.
"""
from __future__ import annotations

import io
import os
import tempfile
from typing import TYPE_CHECKING, Any, Dict, List, Mapping, Optional, Sequence, Union

import numpy as np
import torch
import torch.nn.functional as F

from nca._library import created, ffi, lib
from nca.model import Model, model_of_torch, torch_options

if TYPE_CHECKING:
    from numpy.typing import NDArray


class _Learned(torch.nn.Module):
    """The perception with learned filters: a convolution grouped by channel, whose first map of each
    channel is the identity and stays it. Its state dict is that of a convolution."""

    def __init__(self, kernels: torch.Tensor, channels: int) -> None:
        super().__init__()
        maps = kernels.reshape(channels, -1, 3, 3)
        self.taps = torch.nn.Parameter(maps[:, 1:].clone())
        self.register_buffer("identity", maps[:, :1].clone(), persistent=False)

    @property
    def weight(self) -> torch.Tensor:
        """(C*K, 1, 3, 3)."""
        return torch.cat([self.identity, self.taps], 1).reshape(-1, 1, 3, 3)

    def forward(self, padded: torch.Tensor) -> torch.Tensor:
        return F.conv2d(padded, self.weight, groups=len(self.taps))

    def _save_to_state_dict(self, destination: Any, prefix: str, keep_vars: bool) -> None:
        destination[prefix + "weight"] = self.weight if keep_vars else self.weight.detach()

    def _load_from_state_dict(self, state_dict: Any, prefix: str, local_metadata: Any, strict: bool,
                              missing_keys: List[str], unexpected_keys: List[str], error_msgs: List[str]) -> None:
        key = prefix + "weight"
        unexpected_keys += [name for name in state_dict if strict and name.startswith(prefix) and name != key]
        if key not in state_dict:
            missing_keys += [key] if strict else []
            return
        kernels, own = state_dict[key], self.weight
        if kernels.shape != own.shape:
            error_msgs.append("%s: expected the shape %s, found %s" % (key, tuple(own.shape), tuple(kernels.shape)))
            return
        maps = kernels.reshape(len(self.taps), -1, 3, 3)
        if not torch.equal(maps[:, :1].to(self.identity), self.identity):
            error_msgs.append("%s: expected the identity as the first kernel of each channel" % key)
            return
        with torch.no_grad():
            self.taps.copy_(maps[:, 1:])


class Automaton(torch.nn.Module):
    """The step of a model. Its forward runs it on states (B,C,H,W).

    Attributes
    ----------
    perception : torch.nn.Module
        The perception, a convolution grouped by channel, identity first. Fixed filters and the
        identity get no gradient.
    update_module : torch.nn.Sequential
        The update network: two 1x1 convolutions.
    metadata : dict of str
        Of a classifier: what its .pt file has beside the state dict. Otherwise empty.
    """

    def __init__(self, model: Model) -> None:
        super().__init__()
        about, automaton = model.settings, model._handle.automaton
        self.channels, self.input_channels = model.channels, model.input_channels
        self.fire_rate, self.step_size = float(automaton.fire_rate), float(automaton.step_size)
        self.alive_channel, self.alive_threshold = int(automaton.alive_channel), float(automaton.alive_threshold)
        self.padding = {"zero": "constant"}.get(str(about["boundary"]), str(about["boundary"]))
        kernels = _kernels(model)
        maps = kernels.shape[0] // self.channels
        self.perception: torch.nn.Module = _Learned(kernels, self.channels)
        if about["filter"] != "learned":
            self.perception = torch.nn.Conv2d(self.channels, kernels.shape[0], 3, groups=self.channels, bias=False)
            self.perception.weight.requires_grad_(False).copy_(kernels)
        self.update_module = torch.nn.Sequential(
            torch.nn.Conv2d(kernels.shape[0], model.hidden, 1), torch.nn.ReLU(),
            torch.nn.Conv2d(model.hidden, self.channels - self.input_channels, 1, bias=bool(automaton.output_bias)))
        self.metadata: Dict[str, str] = {}
        with torch.no_grad():
            for layer, index in ((self.update_module[0], "1"), (self.update_module[2], "2")):
                _fill(layer, model, "update.w" + index, "update.b" + index, maps if index == "1" else 1)
        self._origin = model.copy()  # what a state dict does not contain

    def step(self, states: torch.Tensor, fire: Optional[torch.Tensor] = None) -> torch.Tensor:
        """One step of states (B,C,H,W); `fire` (B,1,H,W) has the cells that update, else it is drawn."""
        padded = F.pad(states, (1, 1, 1, 1), mode=self.padding)
        if fire is None:
            fire = torch.rand_like(states[:, :1]) < self.fire_rate
        inputs, own = states[:, :self.input_channels], states[:, self.input_channels:]
        own = own + self.step_size * self.update_module(self.perception(padded)) * fire.to(states.device)
        if self.alive_channel >= 0:
            after = F.pad(torch.cat([inputs, own], 1), (1, 1, 1, 1), mode=self.padding)
            own = own * (self._alive(padded) & self._alive(after))
        return torch.cat([inputs, own], 1)

    def _alive(self, padded: torch.Tensor) -> torch.Tensor:
        channel = padded[:, self.alive_channel:self.alive_channel + 1]
        return F.max_pool2d(channel, 3, stride=1) > self.alive_threshold

    def forward(self, states: torch.Tensor, steps: int = 1,
                fire: Optional[Sequence[torch.Tensor]] = None) -> torch.Tensor:
        """The states (B,C,H,W) after some steps.

        Parameters
        ----------
        states : tensor (B,C,H,W)
        steps : int
        fire : sequence of tensors (B,1,H,W), optional
            A mask for each step, such as of `fire_masks`; by default drawn by PyTorch.
        """
        for index in range(steps):
            states = self.step(states, None if fire is None else fire[index])
        return states

    def seed(self, batch: int, height: int, width: int) -> torch.Tensor:
        """States (B,C,H,W) that are 0 but for the seed cell, on the device and of the type of the
        weights."""
        states = self.update_module[0].weight.new_zeros(batch, self.channels, height, width)
        states[:, 3:, height // 2, width // 2] = 1
        return states


class Classifier(Automaton):
    """A classifier. Its forward gives the class scores of images.

    Attributes
    ----------
    classes : tuple of str
        The names of the classes.
    steps : int
        The number of steps after which the scores are read.
    """

    def __init__(self, model: Model) -> None:
        super().__init__(model)
        about = model._handle.classifier
        self.classes, self.steps, self.temperature = model.classes, int(about.steps), float(about.temperature)
        self.sigmoid, self.is_max = bool(about.sigmoid), about.readout == lib.NCA_READOUT_MAX
        for key in ("scale", "offset"):
            values = [getattr(about, key)[channel] for channel in range(self.input_channels)]
            self.register_buffer(key, torch.tensor(values).reshape(1, -1, 1, 1), persistent=False)
        self.features, self.head = len(self.classes), torch.nn.Identity()
        if "head.w" in model.parameters:
            self.features = model.parameters["head.w"].shape[1]
            self.head = torch.nn.Linear(self.features, len(self.classes))
            with torch.no_grad():
                _fill(self.head, model, "head.w", "head.b", 1)
        self.metadata = _metadata(model)

    def forward(self, images: torch.Tensor, steps: Optional[int] = None,
                fire: Optional[Sequence[torch.Tensor]] = None) -> torch.Tensor:
        """The class scores (B, classes) of images (B,channels,H,W) with values from 0 to 1."""
        inputs = images * self.scale + self.offset
        states = F.pad(inputs, (0, 0, 0, 0, 0, self.channels - self.input_channels))
        states = super().forward(states, self.steps if steps is None else steps, fire)
        readout = states[:, self.input_channels:self.input_channels + self.features]
        pooled = readout.amax((2, 3)) if self.is_max else readout.mean((2, 3))
        return self.head(pooled) / self.temperature

    def probabilities(self, scores: torch.Tensor) -> torch.Tensor:
        """The probabilities that belong to class scores."""
        return scores.sigmoid() if self.sigmoid else scores.softmax(1)


def to_torch(model: Model) -> Automaton:
    """`Model.to_torch`."""
    return Classifier(model) if model.is_classifier else Automaton(model)


def from_torch(state: Union[torch.nn.Module, Mapping[str, Any]], *, like: Optional[Model] = None,
               filter: Optional[str] = None, column_order: Optional[str] = None, filter_scale: Optional[float] = None,
               boundary: Optional[str] = None, fire_rate: Optional[float] = None) -> Model:
    """The model of a PyTorch module or state dict.

    Parameters
    ----------
    state : module or state dict
        A module of `Model.to_torch`, a state dict of one or of another program (docs/pytorch.md), or
        the dictionary of a classifier's file, ``{"state_dict": ..., "metadata": ...}``.
    like : Model, optional
        Everything but the weights is taken from this model; by default, of a module of
        `Model.to_torch`, from the model that it was made of.
    filter, column_order, filter_scale, boundary, fire_rate
        As of `nca.load`: what a state dict does not contain. Not together with what has them.
    """
    own = state if isinstance(state, Automaton) else None
    if (like is not None or own is not None) and (
            filter, column_order, filter_scale, boundary, fire_rate) != (None,) * 5:
        raise ValueError("filter, column_order, filter_scale, boundary and fire_rate are for a state dict alone: "
                         "`like` or a module of to_torch has them")
    metadata: Mapping[str, str] = getattr(state, "metadata", {})
    if isinstance(state, torch.nn.Module):
        state = state.state_dict()
    if like is not None and like.is_classifier and "metadata" not in state:
        metadata = _metadata(like)
    file = io.BytesIO()
    torch.save({"state_dict": state, "metadata": dict(metadata)} if metadata else state, file)
    written = file.getvalue()
    parsed = created(lib.nca_torch_parse, lib.nca_torch_close, written, len(written), b"state dict")
    options = torch_options(filter, column_order, filter_scale, boundary, fire_rate)
    if like is None and own is None:
        return model_of_torch(parsed, "state dict", options)
    model = Model(created(lib.nca_model_from_torch, lib.nca_model_destroy, parsed, options, ffi.NULL))
    rest = like if own is None or like is not None else own._origin
    assert rest is not None
    same = rest.copy()
    for name in same.parameters:
        same.parameters[name] = model.parameters[name]
    if like is None and own is not None:
        automaton = same._handle.automaton
        automaton.fire_rate, automaton.step_size = own.fire_rate, own.step_size
    return same


def fire_masks(steps: int, batch: int, height: int, width: int, fire_rate: float = 0.5, seed: int = 0,
               first_sample: int = 0) -> List[torch.Tensor]:
    """The cells that update in each step of a rollout of the library: a mask (B,1,H,W) for each."""
    threshold, cells = lib.nca_fire_threshold(fire_rate), height * width
    samples = np.arange(first_sample, first_sample + batch, dtype=np.uint64)
    if batch and not 0 <= first_sample < 2**24 - batch + 1:
        raise ValueError("first_sample: expected 0 to %d, found %d" % (2**24 - batch, first_sample))
    masks = []
    for step in range(steps):
        words = _philox(seed, np.arange(-(-cells // 4), dtype=np.uint64)[np.newaxis], step,
                        (samples | np.uint64(lib.NCA_STREAM_FIRE << 24))[:, np.newaxis])
        fires = (words.reshape(batch, -1)[:, :cells] >> np.uint64(8)) < threshold
        masks.append(torch.from_numpy(fires.reshape(batch, 1, height, width)))
    return masks


def _philox(seed: int, index: NDArray[np.uint64], step: int, stream: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """(..., 4) words of Philox4x32-10, as of nca_draw (include/nca/philox.h), for many counters."""
    low, half = np.uint64(2**32 - 1), np.uint64(32)
    key = [seed & (2**32 - 1), seed >> 32 & (2**32 - 1)]
    index, stream = np.broadcast_arrays(index, stream)
    a, b, c, d = index, np.full_like(index, step), stream, np.zeros_like(index)
    for _ in range(10):
        first, second = np.uint64(0xD2511F53) * a, np.uint64(0xCD9E8D57) * c
        a, b, c, d = (second >> half) ^ b ^ np.uint64(key[0]), second & low, (
            first >> half) ^ d ^ np.uint64(key[1]), first & low
        key = [(key[0] + 0x9E3779B9) % 2**32, (key[1] + 0xBB67AE85) % 2**32]
    return np.stack([a, b, c, d], axis=-1)


def _kernels(model: Model) -> torch.Tensor:
    """(C*K, 1, 3, 3): the maps of channel 0, then those of channel 1 ..., the identity first."""
    identity = np.zeros((1, 3, 3, model.channels), np.float32)
    identity[0, 1, 1] = 1
    if "perception.taps" in model.parameters:
        maps = model.parameters["perception.taps"].reshape(-1, 3, 3, model.channels)
    else:
        x, y = ffi.new("float[9]"), ffi.new("float[9]")
        lib.nca_automaton_filters(x, y, ffi.addressof(model._handle, "automaton"))
        fixed = np.array([list(x), list(y)], np.float32).reshape(2, 3, 3, 1)
        maps = np.repeat(fixed, model.channels, axis=3)
    together = np.concatenate([identity, maps]).transpose(3, 0, 1, 2)
    return torch.from_numpy(np.ascontiguousarray(together.reshape(-1, 1, 3, 3)))


def _fill(layer: Any, model: Model, weight: str, bias: str, maps: int) -> None:
    """The weights of a layer; the library's columns k*C + c become c*K + k."""
    values = model.parameters[weight]
    columns = values.reshape(len(values), maps, -1).transpose(0, 2, 1)
    layer.weight.copy_(torch.from_numpy(columns.reshape(values.shape).copy()).reshape(layer.weight.shape))
    if layer.bias is not None:
        layer.bias.copy_(torch.from_numpy(model.parameters[bias].copy()))


def _metadata(model: Model) -> Dict[str, str]:
    """The texts in the .pt file of a classifier."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "model.pt")
        model.save(path)
        found: Dict[str, str] = torch.load(path, map_location="cpu")["metadata"]
        return found
