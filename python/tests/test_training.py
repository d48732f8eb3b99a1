"""Trainings in a folder and in memory: the bits of the program, Ctrl-C, callbacks."""
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

import nca
from conftest import options


def test_weights_are_those_of_the_program(small, program, tmp_path):
    program("train", *options(small), "-o", tmp_path / "theirs")
    run = nca.train(output=tmp_path / "ours", **small)
    theirs = nca.Run.open(tmp_path / "theirs")
    assert run.model.digest == theirs.model.digest
    for name in ("model.safetensors", "growth.gif", "comparison.png"):
        assert (tmp_path / "ours" / name).read_bytes() == (tmp_path / "theirs" / name).read_bytes()
    assert np.array_equal(run.metrics["loss"], theirs.metrics["loss"])
    assert dict(run.settings, output="") == dict(theirs.settings, output="")


@pytest.mark.parametrize("recipe", ["robust", "fast", "medmnist"])
def test_schedules_are_fitted_as_the_program_fits_them(recipe, program, tmp_path):
    short = dict(recipe=recipe, iterations=3, img_size=10, padding=2, steps_min=2, steps_max=3, batch_size=2,
                 pool_size=4, damage=1, threads=1)
    program("train", *options(short), "-o", tmp_path / "theirs")
    run = nca.train(output=tmp_path / "ours", draw=False, **short)
    assert dict(run.settings, output="") == dict(nca.Run.open(tmp_path / "theirs").settings, output="")


def test_a_session_has_the_bits_of_a_run(small, tmp_path):
    run = nca.train(output=tmp_path / "run", draw=False, **small)
    session = nca.Session(**small)
    losses = [session.step()["loss"] for _ in range(session.total)]
    assert session.result.digest == run.model.digest
    assert np.allclose(losses, run.metrics["loss"], rtol=1e-8, atol=0)  # the file has nine digits
    assert session.step()["iteration"] == session.total + 1


def test_a_session_goes_on_from_its_checkpoint(small, tmp_path):
    whole, first = nca.Session(**small), nca.Session(**small)
    assert whole.run()
    assert not first.run(lambda metrics: metrics["iteration"] < 5)
    assert first.iteration == 5
    first.save(tmp_path / "c.safetensors")
    second = nca.Session.resume(tmp_path / "c.safetensors", threads=2)
    assert second.iteration == 5 and second.run()
    assert second.model.digest == whole.model.digest
    assert second.states.shape == (2, 20, 20, 8) and second.pool(0).shape == (20, 20, 8)
    with pytest.raises(IndexError):
        second.pool(second.pool_size)


def test_a_setting_changes_during_a_session(small):
    session = nca.Session(warmup=0, schedule="constant", **small)
    session.step()
    session.change("learning_rate", 1e-5)
    assert session.step()["learning_rate"] == pytest.approx(1e-5, rel=1e-6)
    assert session.settings["changes"] == "2 learning_rate 1e-05"
    with pytest.raises(nca.Error):
        session.change("batch_size", 3)


def test_a_session_takes_an_image_and_a_model(small):
    del small["target"]
    image = np.zeros((12, 12, 4), np.uint8)
    image[3:9, 3:9] = [255, 0, 0, 255]
    first = nca.Session(image, **small)
    assert first.step()["loss"] > 0
    assert np.array_equal(first.model.target[4 + 5, 4 + 5], [1, 0, 0, 1])
    floats = nca.Session(image / np.float32(255), **small)
    floats.step()
    assert floats.model.digest == first.model.digest
    del small["n_channels"], small["hidden"]
    begun = nca.Session(image, model=first.model, **small)
    assert begun.model.digest == first.model.digest
    with pytest.raises(ValueError, match="target: expected"):
        nca.Session(np.zeros((3, 3, 2), np.uint8), **small)


def test_a_run_ends_when_the_callback_says_so(small, tmp_path):
    seen = []
    run = nca.train(output=tmp_path / "run", callback=lambda metrics: seen.append(metrics) or len(seen) < 4, **small)
    assert [metrics["iteration"] for metrics in seen] == [1, 2, 3, 4]
    assert run.iterations == 4 and not run.complete and "norm_w1" in seen[0]
    assert nca.train(output=tmp_path / "whole", draw=False, **small).model.digest == run.resume().model.digest
    assert run.complete and run.iterations == 12


def test_an_exception_of_the_callback_ends_the_training_and_is_raised(small, tmp_path):
    def fail(metrics):
        if metrics["iteration"] == 3:
            raise RuntimeError("enough")

    with pytest.raises(RuntimeError, match="enough"):
        nca.train(output=tmp_path / "run", callback=fail, **small)
    run = nca.Run.open(tmp_path / "run")
    assert run.iterations == 3
    assert run.resume().complete


def test_a_run_is_not_replaced_unless_asked_for(small, tmp_path):
    run = nca.train(output=tmp_path / "run", draw=False, **small)
    with pytest.raises(FileExistsError):
        nca.train(output=tmp_path / "run", draw=False, **small)
    assert run.resume(iterations=14).iterations == 14
    other = nca.train(output=tmp_path / "run", draw=False, overwrite=True, **dict(small, seed=4))
    assert other.iterations == 12
    with pytest.raises(FileNotFoundError, match="expected the folder of a run"):
        nca.Run.open(tmp_path / "none")


INTERRUPTED = """
import sys, nca
def tell(metrics):
    if metrics["iteration"] == 3:
        print("training", flush=True)
try:
    nca.train(output=sys.argv[1], iterations=100000, recipe="fast", img_size=12, padding=4, threads=1, callback=tell)
except nca.Interrupted as stop:
    print(stop.run.iterations, stop, flush=True)
    raise
"""


def interrupt(source, *arguments):
    """Starts a program, presses Ctrl-C when it has printed a line, and returns its process and text."""
    process = subprocess.Popen([sys.executable, "-c", source, *map(str, arguments)], stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, universal_newlines=True)
    first = process.stdout.readline()
    assert first, process.stderr.read()
    process.send_signal(signal.SIGINT)
    out, error = process.communicate(timeout=60)
    return process, out, error


def test_ctrl_c_saves_the_training_and_raises(tmp_path):
    process, out, error = interrupt(INTERRUPTED, tmp_path / "run")
    assert process.returncode != 0 and "nca.errors.Interrupted" in error and "resume() continues" in error
    run = nca.Run.open(tmp_path / "run")
    assert (tmp_path / "run" / "checkpoint.safetensors").exists()
    assert out.startswith("%d stopped after iteration %d of 100000" % (run.iterations, run.iterations))
    ended = run.resume(callback=lambda metrics: False)
    assert ended.iterations == run.iterations and not ended.complete


def test_ctrl_c_stops_rollouts_sessions_and_evaluations(head):
    for work in ("nca.load(%r).grow(steps=10**9)", "nca.evaluate(%r, rollouts=10**5)"):
        source = "import nca\nprint('ready', flush=True)\n" + (work % str(head) if "%" in work else work)
        process, _, error = interrupt(source)
        assert process.returncode != 0 and "KeyboardInterrupt" in error, work


def test_other_threads_run_during_a_long_call(head):
    import threading

    counted, done = [0], threading.Event()

    def count():
        while not done.is_set():
            counted[0] += 1
            time.sleep(0.001)

    other = threading.Thread(target=count)
    other.start()
    model, begin = nca.load(head), time.monotonic()
    while time.monotonic() - begin < 0.3:
        model.rollout(batch=8, threads=1).run(100)
    done.set()
    other.join()
    assert counted[0] > 20


def test_trainings_that_are_dropped_leave_no_memory(small):
    def resident():
        with open("/proc/self/statm") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    def train(count):
        for _ in range(count):
            session = nca.Session(**small)
            session.step()
            session.model.grow(steps=1)

    train(20)
    before = resident()
    train(100)
    assert resident() - before < 4e6  # a session has over 0.5 MB


def test_the_import_takes_little_beside_numpy():
    source = ("import time, numpy\nbegin = time.process_time()\nimport nca, sys\n"
              "print(time.process_time() - begin)\n"
              "assert not {'torch', 'pandas', 'sklearn', 'IPython'} & set(sys.modules)\n")
    seconds = min(float(subprocess.check_output([sys.executable, "-c", source])) for _ in range(2))
    assert seconds < 0.3  # 40 ms on an idle machine; the bytecode may have to be made
