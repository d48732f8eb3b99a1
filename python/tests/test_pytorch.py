"""A model as a PyTorch module: the same step, and the same weights when it comes back."""
import copy
import pickle
import re

import numpy as np
import pytest

import nca

torch = pytest.importorskip("torch")


def random_model(**settings):
    model = nca.Model.create(n_channels=8, hidden=16, seed=1, **settings)
    noise = np.random.default_rng(0)
    for name in model.parameters:
        model.parameters[name] += noise.normal(0, 0.05, model.parameters[name].shape).astype(np.float32)
    return model


CASES = [dict(), dict(filter="scharr", angle=30, fire_rate=0.7), dict(filter="laplacian", boundary="circular"),
         dict(filter="learned", filter_count=3, step_size=0.5), dict(boundary="reflect", output_bias=False),
         dict(boundary="replicate", alive_channel=-1, fire_rate=1)]


@pytest.mark.parametrize("settings", CASES, ids=str)
def test_states_are_those_of_the_library(settings):
    model = random_model(**settings)
    module = model.to_torch()
    fire = nca.fire_masks(steps=12, batch=2, height=11, width=9, fire_rate=module.fire_rate, seed=3)
    ours = model.grow(steps=12, batch=2, seed=3, size=(11, 9))
    with torch.no_grad():
        theirs = module(module.seed(2, 11, 9), steps=12, fire=fire).permute(0, 2, 3, 1).numpy()
    assert np.abs(ours).max() > 0.5
    assert np.abs(ours - theirs).max() <= 1e-5 * max(1, np.abs(ours).max())


@pytest.mark.parametrize("settings", CASES, ids=str)
def test_weights_come_back(settings, tmp_path):
    model = random_model(**settings)
    assert nca.from_torch(model.to_torch(), like=model).digest == model.digest
    torch.save(model.to_torch().state_dict(), tmp_path / "model.pt")
    again = nca.load(tmp_path / "model.pt")
    assert np.array_equal(again.parameters["update.w2"], model.parameters["update.w2"])


def test_a_trained_module_comes_back_changed():
    model = random_model(filter="learned")
    module = model.to_torch()
    optimiser = torch.optim.SGD(module.parameters(), lr=0.1)
    module(module.seed(1, 8, 8), steps=3).square().mean().backward()
    optimiser.step()
    again = nca.from_torch(module.state_dict(), like=model)
    assert again.digest != model.digest and again.settings == model.settings
    kernels = module.perception.weight.detach().numpy().reshape(8, 3, 9)
    assert np.array_equal(kernels[:, 0], np.tile(np.eye(9, dtype=np.float32)[4], (8, 1)))  # the identity stays


CLASSIFIERS = [dict(), dict(features=3, readout="max"), dict(input_range="standard", fire_rate=1)]


@pytest.mark.parametrize("settings", CLASSIFIERS, ids=str)
def test_class_scores_are_those_of_the_library(settings, small_classify):
    noise = np.random.default_rng(2)
    images = noise.integers(0, 256, (6, 9, 9, 3), dtype=np.uint8)
    session = nca.Session(images=images, labels=np.arange(6) % 3, **dict(small_classify, **settings))
    session.run()
    model = session.model
    module = model.to_torch()
    fire = nca.fire_masks(module.steps, 1, 9, 9, fire_rate=module.fire_rate, seed=4)
    with torch.no_grad():
        scores = module(torch.from_numpy(images).permute(0, 3, 1, 2) / 255, fire=fire)
    assert np.abs(model.scores(images, seed=4) - scores.numpy()).max() <= 1e-5
    assert np.abs(model.predict(images, seed=4) - module.probabilities(scores).numpy()).max() <= 1e-5
    assert nca.from_torch(module).digest == model.digest
    assert nca.from_torch(module.state_dict(), like=model).classes == model.classes


@pytest.mark.parametrize("settings", [dict(), dict(filter="learned")], ids=str)
def test_copies_of_a_module_train_as_the_module(settings):
    model = random_model(**settings)
    module = model.to_torch()
    again, saved = copy.deepcopy(module), pickle.loads(pickle.dumps(module))
    for each in (module, again, saved):
        optimiser = torch.optim.SGD(each.parameters(), lr=0.1, weight_decay=0.01)
        torch.manual_seed(0)
        each(each.seed(1, 8, 8), steps=3).square().mean().backward()
        optimiser.step()
    first = nca.from_torch(module)
    assert first.digest == nca.from_torch(again).digest == nca.from_torch(saved).digest != model.digest
    kernels = again.perception.weight.detach().numpy().reshape(8, 3, 9)
    assert np.array_equal(kernels[:, 0], np.tile(np.eye(9, dtype=np.float32)[4], (8, 1)))
    before = model.to_torch().perception.weight.detach().numpy().reshape(8, 3, 9)
    assert np.array_equal(kernels, before) == (not settings)


def test_a_state_dict_keeps_its_names_and_is_loaded(tmp_path):
    for settings in (dict(), dict(filter="learned")):
        model = random_model(**settings)
        state = model.to_torch().state_dict()
        assert list(state) == ["perception.weight", "update_module.0.weight", "update_module.0.bias",
                               "update_module.2.weight", "update_module.2.bias"]
        assert state["perception.weight"].shape == (24, 1, 3, 3)
        other = nca.Model.create(n_channels=8, hidden=16, seed=2, **settings).to_torch()
        other.load_state_dict(state)
        assert nca.from_torch(other).digest == model.digest
        with pytest.raises(RuntimeError, match="perception.weight"):
            other.load_state_dict({key: value for key, value in state.items() if key != "perception.weight"})
    with pytest.raises(RuntimeError, match="expected the identity"):
        other.load_state_dict(dict(state, **{"perception.weight": torch.zeros(24, 1, 3, 3)}))


@pytest.mark.parametrize("settings", CASES, ids=str)
def test_a_module_has_what_a_state_dict_lacks(settings):
    model = random_model(**settings)
    again = nca.from_torch(model.to_torch())
    assert again.digest == model.digest and again.settings == model.settings
    module = model.to_torch()
    module.fire_rate = 0.125
    assert nca.from_torch(module).settings["fire_rate"] == 0.125


def test_keywords_that_would_do_nothing_are_refused():
    model = random_model()
    state = model.to_torch().state_dict()
    for arguments in (dict(state=state, like=model), dict(state=model.to_torch())):
        with pytest.raises(ValueError, match="for a state dict alone"):
            nca.from_torch(fire_rate=0.25, **arguments)
    for name in ("fire_rate", "filter_scale"):
        with pytest.raises(ValueError, match=name + ": expected more than 0"):
            nca.from_torch(state, **{name: 0})


def test_what_is_assumed_of_a_state_dict_is_told(caplog, tmp_path):
    state = random_model().to_torch().state_dict()
    state["other"] = torch.zeros(3)
    nca.from_torch(state)
    assert "state dict: assumed, because it is not there: " in caplog.text and "fire_rate=0.5" in caplog.text
    assert "not part of the update network: other" in caplog.text
    caplog.clear()
    torch.save(state, tmp_path / "m.pt")
    nca.load(tmp_path / "m.pt", fire_rate=0.25)
    assert re.search("m.pt: perception filter found: perception.weight.* is sobel, scale ", caplog.text)
    assert "boundary='zero'" in caplog.text and "fire_rate" not in caplog.text


def test_the_seed_is_like_the_weights():
    module = random_model().to_torch().double()
    states = module.seed(2, 5, 6)
    assert states.dtype == torch.float64 and module(states).dtype == torch.float64
    assert module.to("meta").seed(1, 4, 4).device.type == "meta"


def test_fire_masks_are_those_of_the_draws_of_the_library():
    from nca._library import ffi, lib

    seed, first, cells, out = 2**40 + 77, 5, 7 * 5, ffi.new("uint32_t[4]")
    masks = nca.fire_masks(3, 2, 7, 5, fire_rate=0.3, seed=seed, first_sample=first)
    for step in range(3):
        for sample in range(2):
            for cell in range(cells):
                lib.nca_draw(out, seed, lib.NCA_STREAM_FIRE, cell // 4, step, first + sample, 0)
                fires = out[cell % 4] >> 8 < lib.nca_fire_threshold(0.3)
                assert bool(masks[step].reshape(2, cells)[sample, cell]) == fires
    with pytest.raises(ValueError, match="first_sample"):
        nca.fire_masks(1, 2, 4, 4, first_sample=2**24 - 1)
