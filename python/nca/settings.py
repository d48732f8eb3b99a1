"""Settings by name: a mapping of all settings of the library, each checked when it is set."""
from __future__ import annotations

import numbers
import os
from typing import Any, Dict, FrozenSet, Iterable, Iterator, List, Mapping, MutableMapping, Optional, Set, Tuple, Union

import numpy as np

from nca._library import FilePath, as_path, check, ffi, lib, new_error, text
from nca.errors import InvalidArgumentError, UnknownSettingError

Value = Union[bool, int, float, str]

_COUNT: int = lib.nca_setting_count()
_KEYS: List[str] = [text(lib.nca_setting_at(index).key) for index in range(_COUNT)]


def _as_text(value: Any) -> str:
    """A value as the settings of files and options are written."""
    if isinstance(value, (bool, np.bool_)):
        return "true" if value else "false"
    if isinstance(value, numbers.Integral):
        return str(int(value))
    if isinstance(value, numbers.Real):
        return repr(float(value))
    if isinstance(value, os.PathLike):
        return os.fsdecode(value)
    if isinstance(value, (list, tuple)):  # of changes: (iteration, key, value)
        return ", ".join(" ".join(_as_text(part) for part in change) for change in value)
    if isinstance(value, str):
        return value
    raise TypeError("a setting is a number, a text, a path or a list of changes, not %s" % type(value).__name__)


def _as_value(written: str, kind: int) -> Value:
    if kind == lib.NCA_SETTING_BOOL:
        return written == "true"
    if kind == lib.NCA_SETTING_BYTES:  # "512 MiB", or a number of bytes
        number, _, unit = written.partition(" ")
        return int(number) * {"": 1, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30}[unit]
    if kind == lib.NCA_SETTING_INTEGER:
        return int(written)
    return float(written) if kind == lib.NCA_SETTING_NUMBER else written


class Settings(MutableMapping[str, Value]):
    """All settings of a training, by the names of docs/configuration.md.

    A recipe, a task and a target set others too; whatever their order among the arguments, the
    settings that are given override those.

    Parameters
    ----------
    **settings
        Values by name, such as ``recipe="fast"`` or ``learning_rate=1e-3``. A path may be a
        ``pathlib.Path``, and ``changes`` a list such as ``[(300, "learning_rate", 1e-4)]``.

    Raises
    ------
    UnknownSettingError
        There is no setting of this name.
    InvalidArgumentError
        A value of the wrong type or out of range.

    Examples
    --------
    >>> settings = Settings(recipe="fast", iterations=500)
    >>> settings["batch_size"]
    2
    """

    def __init__(self, **settings: Any) -> None:
        self._handle = ffi.new("nca_settings *")
        self._given: Set[str] = set()  # by name, on top of the file
        self._file: Optional[_File] = None
        self._refits: Dict[str, int] = {}  # values of the file that were fitted to its iterations
        lib.nca_settings_default(self._handle)
        self.update(settings)

    # ---- As a mapping

    def __getitem__(self, key: str) -> Value:
        setting = _named(key)
        if setting == ffi.NULL:
            raise KeyError(key)
        buffer = ffi.new("char[]", lib.NCA_SETTING_SIZE)
        lib.nca_settings_get(buffer, lib.NCA_SETTING_SIZE, self._handle, setting)
        return _as_value(ffi.string(buffer).decode("utf-8", "surrogateescape"), setting.type)

    def __setitem__(self, key: str, value: Any) -> None:
        self.update({key: value})

    def __delitem__(self, key: str) -> None:
        raise TypeError("a setting always has a value; %s cannot be deleted" % key)

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and bool(_named(key) != ffi.NULL)

    def __iter__(self) -> Iterator[str]:
        return iter(_KEYS)

    def __len__(self) -> int:
        return _COUNT

    def update(self, *others: Any, **settings: Any) -> None:
        """Sets several settings: the recipe first, then the task, the target, and the others.

        On an error, nothing is changed.
        """
        values: Dict[str, Any] = dict(*others, **settings)
        texts = {key: _encoded(key, value) for key, value in values.items()}
        changed, error = ffi.new("nca_settings *", self._handle[0]), new_error()
        given = {text(_named(key).key) for key in texts if _named(key) != ffi.NULL}
        refits: Dict[str, int] = {}
        if self._file is not None and "iterations" in given - self._given:
            refits = _begin_refits(changed, self._file, self._given | given)
        for turn in range(lib.NCA_SETTING_PASSES):
            for key, written in texts.items():
                setting = _named(key)
                if setting != ffi.NULL and lib.nca_setting_pass(setting) != turn:
                    continue
                status = lib.nca_settings_set(changed, key.encode("utf-8", "replace"), written, error)
                if setting == ffi.NULL:
                    raise UnknownSettingError(text(error.message))
                check(status, error)
        self._handle = changed
        self._given |= given
        self._refits.update(refits)

    def __repr__(self) -> str:
        given = ", ".join("%s=%r" % (key, self[key]) for key in _KEYS if key in self.given)
        return "Settings(%s)" % given

    # ---- Files

    @classmethod
    def load(cls, path: FilePath) -> Settings:
        """The settings of a YAML file such as a run's ``config.yaml``.

        Raises
        ------
        NotFoundError, FormatError, InvalidArgumentError
            The message has the file and the line.
        """
        settings = cls()
        has = ffi.new("nca_settings_file *")
        error = new_error()
        check(lib.nca_settings_load_file(settings._handle, has, as_path(path, "settings"), error), error)
        settings._file = _File(os.fsdecode(path), has)
        return settings

    def save(self, path: FilePath) -> None:
        """Writes a YAML file with comments, whole or not at all."""
        error = new_error()
        check(lib.nca_settings_save(self._handle, as_path(path), error), error)

    def check(self) -> None:
        """Raises InvalidArgumentError if the settings do not fit together."""
        error = new_error()
        check(lib.nca_settings_check(self._handle, error), error)

    def copy(self) -> Settings:
        """Independent settings with the same values."""
        settings = _from_handle(self._handle)
        settings._given, settings._file, settings._refits = set(self._given), self._file, dict(self._refits)
        return settings

    def __copy__(self) -> Settings:
        return self.copy()

    def __deepcopy__(self, _memo: Any) -> Settings:
        return self.copy()

    def __reduce__(self) -> Tuple[Any, ...]:
        values = {key: self[key] for key in _KEYS if self[key] != ""}
        return _unpickled, (values, self._given, self._file, self._refits)

    @property
    def given(self) -> FrozenSet[str]:
        """The names of the settings that were given, by name or in a file, not those that follow
        from them."""
        return frozenset(self._given) | (self._file.given if self._file is not None else frozenset())

    # ---- For a training

    def _prepare(self, resumed: bool = False) -> List[str]:
        """What the program does before a training: the length, what an initial model says, and the
        schedule of the recipe for this length, where nothing else was given. What was given by name
        is to it what its options are. Returns notices."""
        own, error = self._handle, new_error()
        if {"epochs", "iterations"} <= self._given and self["epochs"]:
            raise ValueError("epochs and iterations cannot be given together: epochs sets iterations")
        if "iterations" in self._given and "epochs" not in self._given:
            own.epochs = 0
        if resumed:
            self.check()
            return []
        notices = [] if self._file is None else self._file.examined(self)
        if "damage" in self._given and "experiment" not in self._given and own.damage > 0 and (
                own.task == lib.NCA_TASK_GROW and own.experiment == lib.NCA_EXPERIMENT_PERSISTENT):
            own.experiment = lib.NCA_EXPERIMENT_REGENERATING  # the experiment that has damage
        lib.nca_settings_await_epochs(own)
        chosen = self.given - (set(self._refits) - self._given)
        has = ffi.new("bool[]", lib.NCA_MAX_SETTINGS)
        for index, key in enumerate(_KEYS):
            has[index] = key in chosen
        check(lib.nca_run_take_initial(own, has, error), error)
        _fit(own, [key for key in _FITTED if key not in chosen])
        self.check()
        for key, before in self._refits.items():
            if key not in self._given and self[key] != before:
                notices.append("%s: changed from %d (fitted to the iterations of the file) to %s because iterations "
                               "is %d; to keep a value, give it by name" % (key, before, self[key], own.iterations))
        return notices


class _File:
    """What a settings file gave, and what it is for."""

    def __init__(self, path: str, has: Any) -> None:
        self.path = path
        self.given = frozenset(key for index, key in enumerate(_KEYS) if has.given[index])
        self.reference, self.visualizes = bool(has.reference), bool(has.visualizes)

    def examined(self, settings: Settings) -> List[str]:
        """Refuses a file that is not for a training; returns notices."""
        if self.visualizes and not settings._given & {"learning_rate", "batch_size", "pool_size"}:
            raise InvalidArgumentError(
                "%s: this is a file for `nca visualize --config` (model %s); a training needs learning_rate, "
                "batch_size or pool_size in the file or by name" % (self.path, settings["model_path"]))
        if self.reference and "recipe" not in settings._given:
            return ['%s: has only keys of the PyTorch reimplementation, so the recipe is medmnist; add the line '
                    '"recipe: robust" to change it' % self.path]
        return []


_FITTED = {"decay_at": lib.nca_settings_fit_decay, "extension": lib.nca_settings_fit_extension,
           "warmup": lib.nca_settings_fit_warmup}


def _fit(handle: Any, keys: Iterable[str]) -> None:
    """Fits parts of the recipe's schedule to the length of the training."""
    for key in keys:
        _FITTED[key](handle)


def _begin_refits(handle: Any, file: _File, given: Set[str]) -> Dict[str, int]:
    """The values of a file that were fitted to its iterations, because they are what fitting gives:
    with other iterations they are fitted anew, from the recipe's value."""
    recipe = ffi.new("nca_settings *")
    lib.nca_settings_default(recipe)
    lib.nca_settings_apply_recipe(recipe, handle.recipe)
    fitted = ffi.new("nca_settings *", handle[0])
    fitted.extension, fitted.warmup = recipe.extension, recipe.warmup
    _fit(fitted, _FITTED)
    found = {}
    for key in _FITTED:
        value = int(getattr(handle, key))
        if key in file.given - given and getattr(fitted, key) == value:
            found[key] = value
            if key != "decay_at":  # which is fitted without an initial value
                setattr(handle, key, getattr(recipe, key))
    return found


def _named(key: Any) -> Any:
    """The setting of this name; NULL if there is none."""
    if not isinstance(key, str) or "\0" in key:
        return ffi.NULL
    return lib.nca_setting_named(key.encode("utf-8", "replace"))


def _encoded(key: Any, value: Any) -> bytes:
    """The text of a value as the library takes it."""
    if not isinstance(key, str):
        raise TypeError("the name of a setting is a text, not %s" % type(key).__name__)
    written = os.fsencode(_as_text(value))
    if b"\0" in written or "\0" in key:
        raise ValueError("%r: contains a null character" % key)
    return written


def _from_handle(handle: Any) -> Settings:
    """Settings with a copy of an nca_settings of the library."""
    settings = Settings()
    settings._handle[0] = handle[0]
    return settings


def _unpickled(values: Dict[str, Value], given: Set[str], file: Optional[_File], refits: Dict[str, int]) -> Settings:
    settings = Settings(**values)
    settings._given, settings._file, settings._refits = given, file, refits
    return settings


def gathered(settings: Union[Mapping[str, Any], FilePath, None], keywords: Mapping[str, Any]) -> Settings:
    """New settings of what a function was given: settings or their file, and keywords on top."""
    if settings is None:
        together = Settings()
    elif isinstance(settings, Settings):
        together = settings.copy()
    elif isinstance(settings, Mapping):
        together = Settings(**settings)
    else:
        together = Settings.load(settings)
    together.update(keywords)
    return together


def describe(key: str) -> str:
    """One line about a setting.

    Raises
    ------
    KeyError
        There is no such setting.
    """
    setting = _named(key)
    if setting == ffi.NULL:
        raise KeyError(key)
    return text(setting.help)
