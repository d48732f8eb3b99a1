"""Settings: every one by its name, checked by the library."""
import copy
import pickle

import numpy as np
import pytest

import nca


def test_a_mapping_of_all_settings():
    settings = nca.Settings()
    assert len(settings) == len(list(settings)) > 80
    assert settings["recipe"] == "robust" and settings["output_bias"] is True
    assert isinstance(settings["learning_rate"], float) and isinstance(settings["iterations"], int)
    for key in settings:
        assert nca.describe(key)


def test_every_value_goes_in_and_out():
    settings = nca.Settings(recipe="fast")
    again = nca.Settings(**{key: value for key, value in settings.items() if value != ""})
    assert dict(again) == dict(settings)


def test_the_order_of_keywords_does_not_matter():
    first = nca.Settings(batch_size=3, img_size=20, recipe="distill", target="medmnist:breastmnist/train/0")
    second = nca.Settings(target="medmnist:breastmnist/train/0", recipe="distill", img_size=20, batch_size=3)
    assert dict(first) == dict(second)
    assert first["batch_size"] == 3 and first["img_size"] == 20 and first["pool_size"] == 1024


def test_aliases_paths_and_changes(tmp_path):
    settings = nca.Settings(target=tmp_path / "a.png", memory_limit="1 MiB",
                            changes=[(5, "learning_rate", 1e-4), (9, "damage", 0)])
    assert settings["target_path"] == str(tmp_path / "a.png") == settings["target"]
    assert settings["memory_limit"] == 2**20
    assert settings["changes"] == "5 learning_rate 0.0001, 9 damage 0"


def test_mistakes_change_nothing():
    settings = nca.Settings()
    before = dict(settings)
    with pytest.raises(TypeError, match='did you mean "learning_rate"'):
        settings.update(seed=9, learning_rte=1)
    with pytest.raises(ValueError, match="batch_size: expected"):
        settings.update(seed=9, batch_size=0)
    with pytest.raises(TypeError, match="a setting is"):
        settings["seed"] = object()
    with pytest.raises(KeyError):
        settings["learning_rte"]
    assert dict(settings) == before
    with pytest.raises(nca.InvalidArgumentError, match="pool_size"):
        nca.Settings(batch_size=50, pool_size=10).check()


def test_files(tmp_path):
    settings = nca.Settings(recipe="fast", seed=7)
    settings.save(tmp_path / "a.yaml")
    again = nca.Settings.load(tmp_path / "a.yaml")
    assert dict(again) == dict(settings)
    (tmp_path / "bad.yaml").write_text("seed: 1\nloss: L3\n")
    with pytest.raises(ValueError, match="bad.yaml:2"):
        nca.Settings.load(tmp_path / "bad.yaml")


def test_settings_are_copied_and_pickled(tmp_path):
    settings = nca.Settings(recipe="distill", target="medmnist:breastmnist/train/0", learning_rate=0.1, hidden=9)
    settings.save(tmp_path / "a.yaml")
    loaded = nca.Settings.load(tmp_path / "a.yaml")
    loaded["iterations"] = 7
    for original in (settings, loaded):
        for again in (copy.copy(original), copy.deepcopy(original), pickle.loads(pickle.dumps(original))):
            assert dict(again) == dict(original) and again.given == original.given
            assert again._given == original._given and again._refits == original._refits
            again["seed"] = original["seed"] + 1
            assert "seed" not in original._given


def test_only_names_are_in_settings():
    settings = nca.Settings()
    assert "seed" in settings and "target" in settings
    assert 5 not in settings and "sede" not in settings and "seed\0x" not in settings
    with pytest.raises(TypeError, match="name of a setting"):
        settings.update({5: 1})
    with pytest.raises(ValueError, match="null character"):
        settings["target"] = "a\0b"


def test_a_mapping_is_as_good_as_settings(small):
    small["seed"] = 4
    first, second = nca.Session(settings=small, seed=5), nca.Session(**dict(small, seed=5))
    assert dict(first.settings) == dict(second.settings)


def test_booleans_of_numpy():
    assert nca.Settings(output_bias=np.bool_(False))["output_bias"] is False
    assert nca.Settings(output_bias=np.array([True])[0])["output_bias"] is True
