"""Classification, MedMNIST, evaluation and sweeps."""
import csv
import hashlib
import os

import numpy as np
import pytest

import nca
from conftest import options


def records(table):
    return table if isinstance(table, list) else table.to_dict("records")


@pytest.fixture
def made(tmp_path):
    """A made file in the format of BreastMNIST."""
    path = tmp_path / "breastmnist.npz"
    nca.medmnist.synthesise(path, "breastmnist", train=12, val=6, test=8)
    return path


def test_a_set_is_read_as_numpy_reads_it(made, tmp_path):
    arrays = np.load(made)
    for split in ("train", "val", "test"):
        data = nca.medmnist.load("breastmnist", split=split, root=tmp_path)
        assert np.array_equal(data.images, arrays[split + "_images"])
        assert np.array_equal(data.labels, arrays[split + "_labels"][:, 0])
    assert data.classes == ("malignant", "normal, benign") and data.images.dtype == np.uint8
    assert np.array_equal(nca.medmnist.load(made, split="test").images, data.images)
    with pytest.raises(ValueError, match="is no set of MedMNIST"):
        nca.medmnist.load("breatsmnist")
    with pytest.raises(FileNotFoundError):
        nca.medmnist.load("pathmnist", root=tmp_path)
    with pytest.raises(ValueError, match="split: expected train, val, test"):
        nca.medmnist.load(made, split="tset")


def test_real_data():
    root = os.environ.get("NCA_TEST_DATA", "")
    if not os.path.exists(os.path.join(root, "breastmnist.npz")):
        pytest.skip("NCA_TEST_DATA has no breastmnist.npz")
    data = nca.medmnist.load("breastmnist", split="test", root=root)
    assert data.images.shape == (156, 28, 28)
    if os.path.exists(os.path.join(root, "adrenalmnist3d.npz")):
        assert nca.medmnist.load("adrenalmnist3d", split="val", root=root).images.shape[1:] == (28, 28, 28)


def test_a_classifier_has_the_bits_of_the_program(made, small_classify, program, tmp_path):
    settings = dict(small_classify, data=str(made))
    program("train", *options(settings), "-o", tmp_path / "theirs")
    run = nca.train(output=tmp_path / "ours", **settings)
    assert run.model.digest == nca.Run.open(tmp_path / "theirs").model.digest
    assert run.model.classes == ("malignant", "normal, benign")
    assert len(run.validations["auc"]) > 0
    measured = [records(nca.evaluate(source, rollouts=1, steps=[])) for source in (run, tmp_path / "theirs")]
    assert str(measured[0]) == str(measured[1]) and measured[0][0]["measure"] == "auc"
    images = nca.medmnist.load(made, split="test").images
    probabilities = run.model.predict(images, rollouts=3)
    assert probabilities.shape == (8, 2) and np.allclose(probabilities.sum(1), 1)
    assert np.array_equal(probabilities, run.model.predict(images[..., None], rollouts=3, threads=2, kernels="scalar"))
    program("evaluate", tmp_path / "theirs", "--data", made, "--rollouts", "3", "--predictions",
            tmp_path / "p.csv", "--split", "test")
    with open(tmp_path / "p.csv", newline="") as file:
        theirs = [[float(cell) for cell in row[-2:]] for row in list(csv.reader(file))[1:]]
    assert np.allclose(probabilities, theirs, rtol=0, atol=1e-9)


def test_arrays_train_as_their_file_does(made, small_classify):
    data = nca.medmnist.load(made, split="train")
    first = nca.Session(images=data.images, labels=data.labels, classes=data.classes, **small_classify)
    second = nca.Session(data=str(made), **small_classify)
    assert first.run() and second.run()
    assert first.model.digest == second.model.digest
    assert hashlib.sha256(first.model.predict(data.images)).digest() == hashlib.sha256(
        second.model.predict(data.images)).digest()
    with pytest.raises(ValueError, match="labels: expected 12 integers"):
        nca.Session(images=data.images, labels=data.labels[:3], **small_classify)
    with pytest.raises(TypeError, match="images: expected uint8"):
        nca.Session(images=data.images / 255, labels=data.labels, **small_classify)


@pytest.fixture
def labelled(tmp_path):
    """Images with any number of three labels: arrays, and the path of an archive of them."""
    noise = np.random.default_rng(0)
    arrays = {}
    for split, count in (("train", 12), ("val", 6), ("test", 8)):
        arrays[split + "_images"] = noise.integers(0, 256, (count, 8, 8), dtype=np.uint8)
        arrays[split + "_labels"] = noise.integers(0, 2, (count, 3)).astype(np.uint8)
        arrays[split + "_labels"][:2] = [[1, 1, 0], [0, 0, 1]]
    np.savez(tmp_path / "several.npz", **arrays)
    return arrays, tmp_path / "several.npz"


def test_several_labels_have_the_bits_and_scores_of_the_program(labelled, small_classify, program, tmp_path):
    arrays, path = labelled
    settings = dict(small_classify, data=str(path), validate_every=100)  # the last model is kept
    program("train", *options(settings), "-o", tmp_path / "theirs")
    theirs = nca.load(tmp_path / "theirs")
    images, labels = arrays["train_images"], arrays["train_labels"]
    session = nca.Session(images=images, labels=labels, **small_classify)
    session.run()
    assert session.result.digest == theirs.digest == nca.train(output=tmp_path / "ours", **settings).model.digest
    assert theirs.is_multi_label and session.model.classes == ("0", "1", "2")
    probabilities = session.result.predict(arrays["test_images"])
    assert probabilities.shape == (8, 3) and not np.allclose(probabilities.sum(1), 1)

    program("evaluate", tmp_path / "theirs", "--data", path, "--rollouts", "2", "--csv", tmp_path / "scores.csv")
    with open(tmp_path / "scores.csv", newline="") as file:
        wanted = {tuple(row[:4]): row[4] for row in csv.reader(file) if row[0] in ("scores", "class", "confusion")}
    given = dict(images=arrays["test_images"], labels=arrays["test_labels"])
    ours = {(row["part"], row["class"], str(row["at"]), row["measure"]): row["value"]
            for row in records(nca.evaluate(session.result, rollouts=2, **given))}
    assert len(wanted) == 6 + 3 * 4 + 3 * 4
    for (part, name, at, measure), value in wanted.items():
        found = [ours[key] for key in ours if key[0] == part and key[1] == name and key[3] == measure]
        np.testing.assert_equal(found, [float(value)], str((part, name, measure)))  # nan: nothing was predicted


def test_several_labels_go_on_from_a_checkpoint(labelled, small_classify, tmp_path):
    arrays = dict(images=labelled[0]["train_images"], labels=labelled[0]["train_labels"].astype(bool))
    whole, first = (nca.Session(classes=["a", "b", "c"], **arrays, **small_classify) for _ in range(2))
    whole.run()
    first.run(lambda metrics: metrics["iteration"] < 3)
    first.save(tmp_path / "c.safetensors")
    second = nca.Session.resume(tmp_path / "c.safetensors", classes=["a", "b", "c"], **arrays)
    second.run()
    assert second.model.digest == whole.model.digest and second.model.classes == ("a", "b", "c")
    with pytest.raises(nca.MismatchError):
        nca.Session.resume(tmp_path / "c.safetensors", images=arrays["images"], labels=~arrays["labels"])
    with pytest.raises(ValueError, match="needed together"):
        nca.Session.resume(tmp_path / "c.safetensors", images=arrays["images"])


def test_wrong_labels_are_refused(labelled, small_classify, caplog):
    images, labels = labelled[0]["train_images"], labelled[0]["train_labels"]
    for wrong, classes, message in ((labels * 2, None, "expected 0 to 1 in labels of two axes, found 0 to 2"),
                                    (labels[:5], None, "one for each image, or .12, labels. of 0 and 1"),
                                    (labels / 2, None, "found float64"), (labels[..., None], None, "found uint8"),
                                    (labels, ["a", "b"], "a name for each of 3 labels, found 2 names"),
                                    (np.zeros((12, 65), bool), None, "expected 2 to 64 names")):
        with pytest.raises(ValueError, match=message):
            nca.Session(images=images, labels=wrong, classes=classes, **small_classify)
    long = nca.Session(images=images, labels=labels, classes=["\u00e4" * 60, "b", "c"], **small_classify)
    assert long.model.classes[0] == "\u00e4" * 47  # 95 bytes, in whole characters
    session = nca.Session(images=images, labels=np.eye(3, dtype=int)[np.arange(12) % 3], **small_classify)
    assert "exactly one of the 3 labels" in caplog.text
    with pytest.raises(ValueError, match="expected the 3 labels of the model, found 3 classes"):
        nca.evaluate(session.model, images=images, labels=np.arange(12) % 3)
    with pytest.raises(TypeError, match="nca.Session takes arrays"):
        nca.train(images=images, labels=labels, **small_classify)


def test_data_that_a_session_would_not_use_is_refused(small_classify, head):
    images, labels = np.zeros((4, 8, 8), np.uint8), np.arange(4) % 2
    for wrong, message in ((dict(labels=labels, task="grow"), "for a classification; found task='grow'"),
                           (dict(images=images, labels=labels, task="grow"), "for a classification"),
                           (dict(images=images, labels=labels, target=images[0]), "target: a classification has none"),
                           (dict(images=images[:0], labels=labels[:0]), "labels: expected at least one image"),
                           (dict(images=images[:, :0], labels=labels), "images of 1 to 16384 pixels a side in arrays")):
        with pytest.raises(ValueError, match=message):
            nca.Session(**{**small_classify, **wrong})
    with pytest.raises(ValueError, match="at least 1 x 1 pixels, found 5 x 0"):
        nca.Session(np.zeros((0, 5, 4), np.uint8))
    with pytest.raises(ValueError, match="are for classifiers; this model grows an image"):
        nca.evaluate(head, images=images, labels=labels)


def test_epochs_set_the_iterations_of_a_session(made, small_classify, tmp_path):
    data = nca.medmnist.load(made)
    del small_classify["iterations"]
    chosen = dict(small_classify, batch_size=5, epochs=2)  # 12 images: 3 iterations an epoch
    run = nca.train(data=str(made), output=tmp_path / "run", validate_every=100, **chosen)
    first = nca.Session(data=str(made), **chosen)
    second = nca.Session(images=data.images, labels=data.labels, classes=data.classes, **chosen)
    assert run.iterations == first.total == second.total == 6
    assert first.settings["warmup"] == second.settings["warmup"] == run.settings["warmup"] == 3
    assert first.run() and second.run()
    assert first.result.digest == second.result.digest == run.model.digest
    constant = nca.Session(data=str(made), schedule="constant", **chosen)
    constant.step()
    constant.save(tmp_path / "c.safetensors")
    assert nca.Session.resume(tmp_path / "c.safetensors", epochs=4).total == 12
    assert nca.Session.resume(tmp_path / "c.safetensors", iterations=7).total == 7


def test_an_evaluation_is_that_of_the_program(head, program, tmp_path):
    program("evaluate", head, "--rollouts", "2", "--steps", "20", "--no-damage", "--csv", tmp_path / "e.csv")
    table = nca.evaluate(head, rollouts=2, steps=[20], healing=False, threads=1)
    rows = records(table)
    lines = [line.split(",") for line in (tmp_path / "e.csv").read_text().splitlines()[1:]]
    theirs = {line[3]: line[4] for line in lines if line[0] == "steps"}
    assert {row["measure"]: row["mean"] for row in rows} == {key: float(value) for key, value in theirs.items()}


def test_a_classifier_is_measured_on_arrays(made, small_classify):
    data = nca.medmnist.load(made, split="test")
    session = nca.Session(data=str(made), **small_classify)
    session.run()
    by_file = nca.evaluate(session.model, data=made, split="test", rollouts=2, steps=[3])
    by_arrays = nca.evaluate(session.model, images=data.images, labels=data.labels, rollouts=2, steps=[3])
    files, arrays = ({(row["part"], row["class"], row["at"], row["measure"]): row["value"] for row in records(table)
                      if row["part"] in ("scores", "confusion")} for table in (by_file, by_arrays))
    assert len(files) == 10 and [str(key) for key in files] == [str(key) for key in arrays]
    assert list(files.values()) == list(arrays.values())


def test_tables_without_pandas(head, monkeypatch):
    monkeypatch.setattr("nca.tables.has_pandas", lambda: False)
    rows = nca.evaluate(head, rollouts=1, steps=[2], healing=False, threads=1)
    assert isinstance(rows, list) and rows[0]["part"] == "steps" and np.isnan(rows[0]["deviation"])


def test_a_sweep_trains_every_combination(small, tmp_path):
    small.update(filter=["sobel", "scharr"], iterations=3)
    del small["target"], small["seed"]
    table = nca.sweep(dict(small, seeds=2), tmp_path / "sweep", jobs=2)
    rows = records(table)
    assert [(row["filter"], row["seed"], row["status"]) for row in rows] == [
        ("sobel", 0, "done"), ("sobel", 1, "done"), ("scharr", 0, "done"), ("scharr", 1, "done")]
    assert all(row["loss"] > 0 and np.isfinite(row["l2"]) for row in rows)
    assert nca.Run.open(rows[2]["folder"]).settings["filter"] == "scharr"
