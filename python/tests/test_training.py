"""Trainings in a folder and in memory: the bits of the program, Ctrl-C, callbacks."""
import os
import shutil
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

import nca
from conftest import in_child, options


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


FILES = {
    "refitted": ("recipe: medmnist\niterations: 1000\nschedule: plateau\ndecay_at: 1000\nextension: 300\n",
                 {"iterations": 6}),
    "of a run": (None, {"iterations": 6}),
    "epochs": ("iterations: 5\n", {"epochs": 0}),
    "damaged": ("experiment: persistent\n", {"damage": 1, "iterations": 4}),
    "recipe": ("learning_rate: 0.01\n", {"recipe": "fast", "iterations": 5}),
    "kept": ("decay_at: 3\nwarmup: 2\nextension: 0\niterations: 5\n", {"iterations": 6}),
}


@pytest.mark.parametrize("name", FILES)
def test_keywords_are_to_a_file_what_options_are(name, small, program, tmp_path):
    written, changes = FILES[name]
    for key in ("iterations", "extension"):
        del small[key]
    config = tmp_path / "config.yaml"
    if written is None:
        nca.train(output=tmp_path / "first", draw=False, **dict(small, iterations=20))
        config.write_bytes((tmp_path / "first" / "config.yaml").read_bytes())
    else:
        config.write_text(written + "".join("%s: %s\n" % (key, value) for key, value in small.items()))
    program("train", "--config", config, *options(changes), "-o", tmp_path / "theirs")
    run = nca.train(settings=config, output=tmp_path / "ours", draw=False, **changes)
    theirs = nca.Run.open(tmp_path / "theirs")
    assert dict(run.settings, output="") == dict(theirs.settings, output="")
    assert run.model.digest == theirs.model.digest


def test_epochs_replace_the_iterations_of_a_file(small_classify, tmp_path):
    config = tmp_path / "config.yaml"
    config.write_text("".join("%s: %s\n" % item for item in small_classify.items()))
    settings = nca.Settings.load(config)
    settings["epochs"] = 2
    settings._prepare()
    assert settings["epochs"] == 2 and settings["iterations"] > 6  # awaited until the images are read
    with pytest.raises(ValueError, match="cannot be given together"):
        nca.Settings(epochs=2, iterations=6)._prepare()


def test_a_file_for_drawing_is_not_trained_from(tmp_path, caplog):
    config = tmp_path / "config.yaml"
    config.write_text("target_path: phantom\nmodel_path: model.pt\nani_path: growth.gif\n")
    with pytest.raises(ValueError, match="nca visualize --config"):
        nca.train(settings=config, output=tmp_path / "run")
    assert not (tmp_path / "run").exists()
    config.write_text("target_path: phantom\nimg_size: 12\nbatch_size: 2\npool_size: 4\niterations: 1\n")
    run = nca.train(settings=config, output=tmp_path / "run", draw=False)
    assert run.settings["recipe"] == "medmnist" and "so the recipe is medmnist" in caplog.text


@pytest.mark.parametrize("key, path", [("model_path", "none/m.pt"), ("ani_path", "none/a.gif"), ("ani_path", "a.png")])
def test_outputs_that_cannot_be_written_are_refused_before_the_training(key, path, small, tmp_path):
    with pytest.raises(nca.InvalidArgumentError, match=key):
        nca.train(output=tmp_path / "run", **{key: tmp_path / path}, **small)
    assert not (tmp_path / "run").exists()
    nca.train(output=tmp_path / "run", draw=False, model_path=tmp_path / "run" / "m.pt", **small)
    with pytest.raises(nca.InvalidArgumentError, match=key):
        nca.Run.open(tmp_path / "run").resume(**{key: tmp_path / path})


def test_a_picture_that_fails_does_not_fail_the_training(small, tmp_path, caplog):
    def block(metrics):
        (tmp_path / "run" / "comparison.png").mkdir(exist_ok=True)
        (tmp_path / "run" / "comparison.png" / "x").touch()

    run = nca.train(output=tmp_path / "run", callback=block, **small)
    assert run.complete and "a picture is missing" in caplog.text


def test_a_false_of_numpy_ends_a_training_too(small, tmp_path):
    run = nca.train(output=tmp_path / "run", draw=False, callback=lambda metrics: np.bool_(metrics["loss"] < 0), **small)
    assert run.iterations == 1
    session = nca.Session(**small)
    assert not session.run(lambda metrics: np.float32(1) < 0) and session.iteration == 1


@pytest.mark.parametrize("raised", [KeyboardInterrupt, RuntimeError])
def test_work_that_could_not_be_saved_is_not_said_to_be(raised, small, tmp_path):
    def fail(metrics):
        if metrics["iteration"] == 3:
            shutil.rmtree(tmp_path / "run")
            raise raised("enough")

    with pytest.raises(nca.Error) as caught:
        nca.train(output=tmp_path / "run", callback=fail, **small)
    assert isinstance(caught.value.__cause__, raised)


def test_a_resumption_that_is_interrupted_early_has_its_run(small, tmp_path, monkeypatch):
    run = nca.train(output=tmp_path / "run", draw=False, callback=lambda metrics: metrics["iteration"] < 4, **small)
    for name in ("created", "call"):  # nca_run_open, nca_run_begin
        def interrupted(*_arguments):
            raise KeyboardInterrupt

        with monkeypatch.context() as patch:
            patch.setattr("nca._callbacks.Callbacks.%s" % name, interrupted)
            with pytest.raises(nca.Interrupted, match="is unchanged") as caught:
                run.resume()
        assert caught.value.run.folder == run.folder
    assert run.resume().complete


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


def test_what_cannot_be_called_replaces_no_run(small, tmp_path):
    run = nca.train(output=tmp_path / "run", **small)
    for wrong, error in (({"callback": 5}, TypeError), ({"retry": -1}, ValueError)):
        with pytest.raises(error, match=next(iter(wrong))):
            nca.train(output=run.folder, overwrite=True, **wrong, **small)
    assert nca.Run.open(run.folder).complete


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


def test_a_process_made_by_fork_trains(small, head, tmp_path):
    small.update(threads=2, iterations=3)
    session = nca.Session(**small)
    session.step()
    evaluated = str(nca.evaluate(head, rollouts=2, steps=[3], healing=False, threads=2))

    def train():
        run = nca.train(output=tmp_path / "run", draw=False, **small)
        other = nca.Session(**small)
        other.run()
        assert evaluated == str(nca.evaluate(head, rollouts=2, steps=[3], healing=False, threads=2))
        assert other.result.digest == run.model.digest
        return run.model.digest

    found = in_child(train)
    session.run()
    assert found == session.result.digest


FORKS = """
import os, signal, sys, time, nca
def fork(metrics):
    if metrics["iteration"] > 4:
        return
    process = os.fork()
    if process == 0 and metrics["iteration"] == 1:
        raise RuntimeError("of the child")
    if process == 0 and metrics["iteration"] == 2:
        sys.exit(5)
    if process == 0 and metrics["iteration"] == 3:
        return
    if process == 0:
        time.sleep(100)
        os._exit(0)
    if metrics["iteration"] == 4:
        staying.append(process)
    else:
        print(os.WEXITSTATUS(os.waitpid(process, 0)[1]), flush=True)
staying = []
run = nca.train(target="phantom", output=sys.argv[1], img_size=6, padding=1, steps_min=2, steps_max=3, batch_size=2,
                pool_size=4, iterations=6, extension=0, threads=2, draw=False, callback=fork)
print(run.complete, run.iterations, flush=True)
print(run.resume(iterations=7, draw=False).iterations, flush=True)  # the run of another process that is alive
os.kill(staying[0], signal.SIGTERM)
"""


def test_a_process_made_in_a_callback_leaves_the_training_alone(tmp_path):
    done = subprocess.run([sys.executable, "-c", FORKS, tmp_path / "run"], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, universal_newlines=True, timeout=120)
    assert done.stdout.splitlines() == ["1", "5", "1", "True 6", "7"], done.stderr
    assert "RuntimeError: of the child" in done.stderr and "which fork has made in a callback" in done.stderr


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
            session = nca.Session(**dict(small, img_size=6, padding=1))
            session.step()
            session.model.grow(steps=1)

    train(50)
    before = resident()
    train(1000)
    assert resident() - before < 8e6  # a session has over 0.1 MB


def test_labels_are_copied(small_classify):
    images = np.random.default_rng(0).integers(0, 256, (8, 6, 6), dtype=np.uint8)
    labels = (np.arange(8) % 2).astype(np.uint8)
    first, second = (nca.Session(images=images, labels=given, **small_classify) for given in (labels, labels.copy()))
    labels[:] = 0
    assert first.run() and second.run()
    assert first.model.digest == second.model.digest


def test_the_metrics_are_read_without_a_call_for_each_row(small, tmp_path):
    run = nca.train(output=tmp_path / "run", draw=False, **small)
    names = [key for key in run.metrics]
    header, *lines = (tmp_path / "run" / "metrics.csv").read_text().splitlines()
    columns = [[float(line.split(",")[index]) for line in lines] for index in range(len(names))]
    assert sorted(names) == sorted(header.split(","))
    for name, values in zip(header.split(","), columns):
        assert np.array_equal(run.metrics[name], values), name
    calls = []
    sys.setprofile(lambda frame, event, what: calls.append(event))
    try:
        assert run.iterations == 12
        few = len(calls)
        run.resume(iterations=60, draw=False)
        del calls[:]
        assert run.iterations == 60
        assert len(calls) < few + 5
    finally:
        sys.setprofile(None)


def test_the_import_takes_little_beside_numpy():
    source = ("import time, numpy\nbegin = time.process_time()\nimport nca, sys\n"
              "print(time.process_time() - begin)\n"
              "assert not {'torch', 'pandas', 'sklearn', 'IPython'} & set(sys.modules)\n")
    seconds = min(float(subprocess.check_output([sys.executable, "-c", source])) for _ in range(2))
    assert seconds < 0.3  # 40 ms on an idle machine; the bytecode may have to be made
