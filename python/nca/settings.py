"""Settings by name: a mapping of all settings of the library, each checked when it is set."""
from __future__ import annotations

import numbers
import os
from typing import Any, Dict, FrozenSet, Iterator, List, Mapping, MutableMapping, Optional, Set, Union

from nca._library import FilePath, check, ffi, lib, new_error, path_bytes, text
from nca.errors import UnknownSettingError

Value = Union[bool, int, float, str]

_COUNT: int = lib.nca_setting_count()
_KEYS: List[str] = [text(lib.nca_setting_at(index).key) for index in range(_COUNT)]


def _as_text(value: Any) -> str:
    """A value as the settings of files and options are written."""
    if isinstance(value, (bool,)) or type(value).__name__ == "bool_":
        return "true" if value else "false"
    if isinstance(value, numbers.Integral):
        return str(int(value))
    if isinstance(value, numbers.Real):
        return repr(float(value))
    if isinstance(value, os.PathLike):
        return str(os.fspath(value))
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
        self._given: Set[str] = set()
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

    def __iter__(self) -> Iterator[str]:
        return iter(_KEYS)

    def __len__(self) -> int:
        return _COUNT

    def update(self, *others: Any, **settings: Any) -> None:
        """Sets several settings: the recipe first, then the task, the target, and the others.

        On an error, nothing is changed.
        """
        values: Dict[str, Any] = dict(*others, **settings)
        changed = ffi.new("nca_settings *", self._handle[0])
        error = new_error()
        for turn in range(lib.NCA_SETTING_PASSES):
            for key, value in values.items():
                setting = _named(key)
                if setting != ffi.NULL and lib.nca_setting_pass(setting) != turn:
                    continue
                status = lib.nca_settings_set(changed, key.encode(), os.fsencode(_as_text(value)), error)
                if setting == ffi.NULL:
                    raise UnknownSettingError(text(error.message))
                check(status, error)
        self._handle = changed
        self._given |= {text(_named(key).key) for key in values}

    def __repr__(self) -> str:
        given = ", ".join("%s=%r" % (key, self[key]) for key in _KEYS if key in self._given)
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
        check(lib.nca_settings_load_file(settings._handle, has, path_bytes(path), error), error)
        settings._given = {key for index, key in enumerate(_KEYS) if has.given[index]}
        return settings

    def save(self, path: FilePath) -> None:
        """Writes a YAML file with comments, whole or not at all."""
        error = new_error()
        check(lib.nca_settings_save(self._handle, path_bytes(path), error), error)

    def check(self) -> None:
        """Raises InvalidArgumentError if the settings do not fit together."""
        error = new_error()
        check(lib.nca_settings_check(self._handle, error), error)

    def copy(self) -> Settings:
        """Independent settings with the same values."""
        return _from_handle(self._handle, self._given)

    @property
    def given(self) -> FrozenSet[str]:
        """The names of the settings that were given, not those that follow from them."""
        return frozenset(self._given)

    # ---- For a training

    def _prepare(self, resumed: bool = False) -> None:
        """What the program does before a training: the length, what an initial model says, and the
        schedule of the recipe for this length, where nothing else was given."""
        if {"epochs", "iterations"} <= self._given and self["epochs"]:
            raise ValueError("epochs and iterations cannot be given together: epochs sets iterations")
        if "iterations" in self._given:
            self._handle.epochs = 0
        if resumed:
            self.check()
            return
        own = self._handle
        if "damage" in self._given and "experiment" not in self._given and own.damage > 0 and (
                own.task == lib.NCA_TASK_GROW and own.experiment == lib.NCA_EXPERIMENT_PERSISTENT):
            own.experiment = lib.NCA_EXPERIMENT_REGENERATING  # the experiment that has damage
        lib.nca_settings_await_epochs(own)
        has = ffi.new("bool[]", lib.NCA_MAX_SETTINGS)
        for index, key in enumerate(_KEYS):
            has[index] = key in self._given
        error = new_error()
        check(lib.nca_run_take_initial(self._handle, has, error), error)
        for key, fit in (("decay_at", lib.nca_settings_fit_decay), ("extension", lib.nca_settings_fit_extension),
                         ("warmup", lib.nca_settings_fit_warmup)):
            if key not in self._given:
                fit(self._handle)
        self.check()


def _named(key: str) -> Any:
    return lib.nca_setting_named(key.encode())


def _from_handle(handle: Any, given: Optional[Set[str]] = None) -> Settings:
    """Settings with a copy of an nca_settings of the library."""
    settings = Settings()
    settings._handle[0] = handle[0]
    settings._given = set(given or ())
    return settings


def gathered(settings: Union[Settings, FilePath, None], keywords: Mapping[str, Any]) -> Settings:
    """New settings of what a function was given: settings or their file, and keywords on top."""
    if settings is None:
        together = Settings()
    elif isinstance(settings, Settings):
        together = settings.copy()
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
