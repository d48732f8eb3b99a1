"""Models and rollouts: the arrays are the library's, and the numbers the program's."""
import hashlib
import os

import numpy as np
import pytest

import nca
from conftest import in_child


def test_states_are_those_of_the_program(head, program, tmp_path):
    program("rollout", head, "--steps", "30", "--batch", "3", "--seed", "5", "-o", tmp_path / "states.npz")
    theirs = np.load(tmp_path / "states.npz")
    ours = nca.load(head).grow(steps=30, batch=3, seed=5)
    saved = theirs[theirs.files[0]]
    assert hashlib.sha256(saved[-1].tobytes()).digest() == hashlib.sha256(ours.tobytes()).digest()


def test_states_do_not_depend_on_threads_kernels_and_pieces(head):
    model = nca.load(head)
    whole = model.grow(steps=21, batch=3, seed=1)
    rollout = model.rollout(batch=3, seed=1, threads=2, kernels="scalar")
    for states in rollout.iterate(steps=21, every=4):
        pass
    assert rollout.steps == 21
    assert np.array_equal(whole, states)
    assert whole.dtype == np.float32 and whole.flags["C_CONTIGUOUS"]


def test_iterating_is_one_step_each(head):
    rollout = nca.load(head).rollout()
    for count, states in zip(range(1, 4), rollout):
        assert rollout.steps == count
    assert np.array_equal(states, nca.load(head).grow(steps=3))
    assert rollout.reset().steps == 0


def test_parameters_are_the_memory_of_the_model(head):
    model = nca.load(head)
    weights = model.parameters["update.w1"]
    assert weights.__array_interface__["data"][0] == model.parameters["update.w1"].__array_interface__["data"][0]
    assert weights.base is not None and not weights.flags["OWNDATA"]
    before = model.digest
    weights[0, 0] += 1
    assert model.digest != before
    weights[0, 0] -= 1
    model.parameters["update.b1"] = np.zeros(model.hidden)
    assert not model.parameters["update.b1"].any()
    with pytest.raises(ValueError, match="update.b1: expected the shape"):
        model.parameters["update.b1"] = np.zeros(3)


def test_an_array_outlives_its_model(head):
    weights = nca.load(head).parameters["update.w1"]
    copy = weights.copy()
    for _ in range(20):
        nca.load(head)
    assert np.array_equal(weights, copy)


def test_a_contiguous_array_is_passed_without_a_copy():
    from nca._library import array_of, ffi, pointer_to

    array = np.zeros((2, 3), np.float32)
    passed = pointer_to(array_of(array, np.float32, (2, None), "x"), "float")
    assert int(ffi.cast("uintptr_t", passed)) == array.__array_interface__["data"][0]


def test_what_a_model_says_of_itself(head):
    model = nca.load(head)
    assert model.channels == 16 and model.hidden == 128 and not model.is_classifier and model.classes == ()
    assert model.settings["filter"] == "sobel" and model.settings["fire_rate"] == 0.5
    assert model.info["target"] == "phantom"
    assert model.target.shape == (*model.size, 4) and not model.target.flags["WRITEABLE"]
    assert model.digest in repr(model)


def test_a_target_stays_what_it_was_when_another_is_set(head):
    model = nca.load(head)
    first = model.target
    before = first.copy()
    model.target = np.full((*model.size, 4), 0.25, np.float32)
    assert np.array_equal(first, before)
    assert (model.target == 0.25).all()
    assert not np.shares_memory(model.target, model.target)


def test_a_model_is_saved_and_read(head, tmp_path):
    model = nca.load(head)
    model.save(tmp_path / "copy.safetensors")
    assert nca.load(tmp_path / "copy.safetensors").digest == model.digest
    model.save(tmp_path / "copy.pt")
    again = nca.load(tmp_path / "copy.pt", filter="sobel", fire_rate=0.25)
    assert again.settings["fire_rate"] == 0.25
    assert np.array_equal(again.parameters["update.w1"], model.parameters["update.w1"])


def test_a_new_model_does_nothing_at_first():
    model = nca.Model.create(n_channels=8, hidden=16, filter="scharr", seed=4)
    assert model.parameters["update.w1"].shape == (16, 24) and model.parameters["update.w1"].any()
    states = model.grow(steps=np.int32(2), size=np.array([9, 11]))
    assert states.shape == (1, 9, 11, 8) and states[0, 4, 5, 3] == 1


def test_damage_erases_cells_and_they_grow_again(head):
    rollout = nca.load(head).rollout(batch=2, seed=0).run(80)
    before, loss = rollout.alive, rollout.loss()
    erased = rollout.damage("circle", seed=1, samples=[1])
    assert erased.shape == (1,) and erased[0] > 0
    assert rollout.alive[0] == before[0] and rollout.alive[1] < before[1]
    damaged = rollout.loss()[1]
    rollout.run(100)
    assert loss[1] < damaged and rollout.loss()[1] < damaged / 10
    saved = rollout.states
    with pytest.raises(IndexError):
        rollout.damage(samples=[0, 2])
    assert np.array_equal(rollout.states, saved)


def test_states_are_put_back(head):
    rollout = nca.load(head).rollout(batch=2).run(10)
    saved, steps = rollout.states, rollout.steps
    after = rollout.run(5).states
    rollout.states, rollout.steps = saved, steps
    assert np.array_equal(rollout.run(5).states, after)
    with pytest.raises(ValueError, match="states: expected the shape"):
        rollout.states = saved[:1]


def test_errors_are_those_of_python_with_the_message_of_the_library(head, tmp_path):
    with pytest.raises(FileNotFoundError, match="none.safetensors: cannot be opened") as caught:
        nca.load(tmp_path / "none.safetensors")
    assert isinstance(caught.value, nca.Error)
    (tmp_path / "bad.safetensors").write_bytes(b"12345678")
    with pytest.raises(nca.FormatError):
        nca.load(tmp_path / "bad.safetensors")
    model = nca.load(head)
    with pytest.raises(ValueError):
        model.rollout(batch=0)
    with pytest.raises(ValueError, match="kernels: expected auto"):
        model.rollout(kernels="abacus")
    with pytest.raises(ValueError, match="filter, column_order"):
        nca.load(head, filter="sobel")
    with pytest.raises(ValueError, match="for PyTorch files, not for <nca.Model"):
        nca.load(nca.load(head), filter="sobel")
    with pytest.raises(nca.InvalidArgumentError, match="classif"):
        model.predict(np.zeros((1, 4, 4), np.uint8))


@pytest.mark.parametrize("key, wrong, error", [
    ("batch", -1, ValueError), ("batch", 1.5, TypeError), ("seed", 2**64, ValueError), ("threads", 2**40, ValueError),
    ("steps", 1.5, TypeError), ("size", (3, 4, 5), ValueError), ("size", "20", TypeError), ("size", -5, ValueError),
    ("kernels", None, ValueError), ("precision", None, ValueError)])
def test_wrong_numbers_are_refused_by_name(key, wrong, error, head):
    with pytest.raises(error, match="^%s: " % key):
        nca.load(head).grow(**{"steps": 1, key: wrong})


def test_samples_of_damage_are_numbers_and_no_mask(head):
    rollout = nca.load(head).rollout(batch=2).run(20)
    for wrong in (np.array([True, False]), [0.7]):
        with pytest.raises(TypeError, match="samples: expected a whole number"):
            rollout.damage(samples=wrong)
    with pytest.raises(ValueError, match="seed: "):
        rollout.damage(seed=-1)
    assert repr(rollout).endswith(" 16 channels, batch 2, 20 steps>")


def test_weights_are_copied_and_put_back(head):
    model = nca.load(head)
    digest, saved = model.digest, model.parameters.copy()
    model.parameters.update({"update.b1": np.ones(model.hidden), "update.w1": saved["update.w1"] * 2})
    assert model.digest != digest and model.parameters["update.b1"].all()
    assert not np.array_equal(saved["update.b1"], model.parameters["update.b1"])
    changed = model.digest
    for wrong, error in (({"update.b1": np.zeros(model.hidden), "update.w1": np.zeros(3)}, ValueError),
                         ({"update.b1": np.zeros(model.hidden), "none": 0}, KeyError)):
        with pytest.raises(error):
            model.parameters.update(wrong)
        assert model.digest == changed
    model.parameters.update(saved)
    assert model.digest == digest


def test_what_has_threads_is_not_used_after_a_fork(head, small):
    kept = {"rollout": nca.load(head).rollout(batch=2, threads=2).run(2), "session": nca.Session(**dict(small, threads=2))}
    kept["session"].step()

    def drop():
        del kept["rollout"], kept["session"]
        return "dropped"

    assert in_child(lambda: str(kept["rollout"].run(2))).startswith("RuntimeError: this Rollout belongs to process")
    assert in_child(lambda: str(kept["session"].step())).startswith("RuntimeError: this Session belongs to process")
    assert in_child(drop) == "dropped"
    assert in_child(lambda: nca.load(head).rollout(threads=2).run(2) and "new") == "new"
    assert kept["rollout"].run(2).steps == 4 and kept["session"].step()["iteration"] == 2


@pytest.mark.parametrize("wrong, error", [(5, TypeError), (None, TypeError), ("a\0b", ValueError)])
def test_what_is_no_path_is_refused(wrong, error, head, tmp_path):
    for call in (nca.load, nca.load(head).save, nca.Settings.load, nca.Settings().save, nca.Run, nca.Session.resume):
        with pytest.raises(error, match="expected a path|null character"):
            call(wrong)
    assert not list(tmp_path.iterdir())


def test_paths_that_are_no_text_work(head, tmp_path):
    name = os.fsdecode(os.fsencode(tmp_path) + b"/\xff\xfe.safetensors")
    model = nca.load(head)
    model.save(name)
    assert nca.load(name).digest == model.digest
    assert nca.Settings(init=tmp_path / "a")["init"] == str(tmp_path / "a")
