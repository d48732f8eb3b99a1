"""A model as a PyTorch module: the same step, and the same weights when it comes back."""
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
