"""Many trainings: `nca sweep`."""
from __future__ import annotations

import json
import os
from typing import Any, Callable, Dict, List, Mapping, Optional, Union

from nca._callbacks import KEEP_GOING, NOTICE, SWEEP_PROGRESS, Callbacks
from nca._library import FilePath, as_path, created, data_root, ffi, in_this_process, lib, notify, set_numbers, text
from nca.errors import Interrupted
from nca.tables import Records, from_records

_STATES = {lib.NCA_SWEEP_WAITING: "waiting", lib.NCA_SWEEP_RUNNING: "running", lib.NCA_SWEEP_DONE: "done",
           lib.NCA_SWEEP_FAILED: "failed"}
_NUMBERS = {"loss": lib.NCA_SWEEP_LOSS, "l1": lib.NCA_SWEEP_L1, "l2": lib.NCA_SWEEP_L2, "hinge": lib.NCA_SWEEP_HINGE,
            "l2_later": lib.NCA_SWEEP_L2_LATER, "surviving": lib.NCA_SWEEP_SURVIVING, "auc": lib.NCA_SWEEP_AUC,
            "accuracy": lib.NCA_SWEEP_ACCURACY, "balanced_accuracy": lib.NCA_SWEEP_BALANCED_ACCURACY,
            "log_loss": lib.NCA_SWEEP_LOG_LOSS}


def sweep(settings: Union[Mapping[str, Any], FilePath], output: FilePath, *, jobs: int = 0, draw: bool = True,
          callback: Optional[Callable[[Dict[str, int]], Any]] = None) -> Any:
    """Trains a model for every combination of values; the same call again continues what is left.

    Each run is a process of its own, made by fork: call this from a program without other threads
    that hold locks.

    Parameters
    ----------
    settings : mapping or path
        Settings by name, some of them lists; also "seeds" and "runs" (docs/sweeps.md). Or a file.
    output : path
        The folder of the sweep.
    jobs : int
        Runs in parallel; 0: one for each core.
    draw : bool
        Whether the contact sheet is drawn.
    callback : callable, optional
        Gets the number of runs that are waiting, running, done and failed, about five times a second.

    Returns
    -------
    DataFrame or list of dict
        One row for each run: name, folder, status, reason, the values that differ between runs, and
        the numbers of its evaluation.

    Raises
    ------
    Interrupted
        Ctrl-C; the active runs were saved.
    """
    if isinstance(settings, Mapping):
        written = json.dumps(_plain(settings)).encode()  # JSON is YAML
        plan = created(lib.nca_sweep_parse, lib.nca_sweep_destroy, written, len(written), b"sweep", ffi.NULL, 0)
    else:
        plan = created(lib.nca_sweep_load, lib.nca_sweep_destroy, as_path(settings), ffi.NULL, 0)

    def report(job: Any) -> None:
        if callback is not None:
            callback({name: lib.nca_sweep_count_of(job, state) for state, name in _STATES.items()})

    callbacks = Callbacks(notice=notify, sweep=report)
    root = ffi.new("char[]", data_root(None))
    options = ffi.new("nca_sweep_options *")
    lib.nca_sweep_options_default(options)
    set_numbers(options, jobs=jobs)
    options.data_root, options.user = root, callbacks.handle
    options.keep_going, options.progress, options.notice = KEEP_GOING, SWEEP_PROGRESS, NOTICE
    job = created(lib.nca_sweep_open, in_this_process(lib.nca_sweep_close), plan, as_path(output), options)
    try:
        callbacks.call(lib.nca_sweep_run_all, job)
        if draw:
            callbacks.call(lib.nca_sweep_draw, job)
        return from_records(_rows(plan, job))
    except KeyboardInterrupt as interrupt:
        raise Interrupted("the sweep in %s is saved; the same call continues" % os.fspath(output)) from interrupt
    finally:
        ffi.release(job)


def _plain(value: Any) -> Any:
    """A value as JSON has it: paths become texts, arrays and tuples lists."""
    if isinstance(value, Mapping):
        return {str(key): _plain(part) for key, part in value.items()}
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    if hasattr(value, "tolist"):
        return _plain(value.tolist())
    return [_plain(part) for part in value] if isinstance(value, (list, tuple, range)) else value


def _rows(plan: Any, job: Any) -> Records:
    rows: List[Dict[str, Any]] = []
    for index in range(lib.nca_sweep_count(plan)):
        run = lib.nca_sweep_run_at(job, index)
        row: Dict[str, Any] = {"name": text(lib.nca_sweep_name(plan, index)), "folder": text(run.folder.text),
                               "status": _STATES[run.status], "reason": text(run.reason),
                               "seed": int(lib.nca_sweep_settings(plan, index).seed)}
        for axis in range(lib.nca_sweep_axis_count(plan)):
            row[text(lib.nca_sweep_axis(plan, axis).key)] = text(lib.nca_sweep_value(plan, index, axis))
        row.update((name, run.result.number[number]) for name, number in _NUMBERS.items())
        row["seconds"] = run.result.seconds
        rows.append(row)
    return rows
