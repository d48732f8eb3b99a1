"""The classifier for scikit-learn: its protocol, and what it learns."""
import pickle

import numpy as np
import pytest

import nca

sklearn = pytest.importorskip("sklearn")

from sklearn.base import clone  # noqa: E402
from sklearn.model_selection import GridSearchCV, cross_val_score  # noqa: E402
from sklearn.utils.estimator_checks import parametrize_with_checks  # noqa: E402

from nca.sklearn import NCAClassifier  # noqa: E402

QUICK = dict(iterations=60, threads=1, n_channels=8, hidden=16)


@parametrize_with_checks([NCAClassifier(iterations=60, threads=1, n_channels=12, hidden=32)])
def test_it_follows_the_protocol(estimator, check):
    check(estimator)


@pytest.fixture(scope="module")
def lines():
    """Images with a bright row or a bright column, and their labels."""
    noise = np.random.default_rng(0)
    images = noise.integers(0, 60, (40, 8, 8), dtype=np.uint8)
    labels = np.array(["row", "column"])[np.arange(40) % 2]
    for image, label, at in zip(images, labels, noise.integers(0, 8, 40)):
        image[(at, slice(None)) if label == "row" else (slice(None), at)] += 180
    return images, labels


def test_it_learns_images_in_every_form(lines):
    images, labels = lines
    first = NCAClassifier(random_state=1, **QUICK).fit(images, labels)
    assert first.score(images, labels) > 0.9
    assert list(first.classes_) == ["column", "row"] and first.model_.classes == ("column", "row")
    assert len(first.losses_) == 60 and first.losses_[-10:].mean() < first.losses_[:10].mean()
    probabilities = first.predict_proba(images)
    rows = NCAClassifier(random_state=1, image_shape=(8, 8), **QUICK).fit(images.reshape(40, 64), labels)
    assert np.array_equal(rows.predict_proba(images.reshape(40, 64)), probabilities)
    channel = NCAClassifier(random_state=1, **QUICK).fit(images[..., None], labels)
    assert np.array_equal(channel.predict_proba(images[..., None]), probabilities)
    with pytest.raises(ValueError, match="image_shape"):
        NCAClassifier(image_shape=(8, 9), **QUICK).fit(images.reshape(40, 64), labels)


def test_floats_are_scaled_to_bytes(lines):
    images, labels = lines
    floats = (images.astype(np.float64) - images.min()) * (2 / (int(images.max()) - images.min())) - 1
    first = NCAClassifier(random_state=1, **QUICK).fit(floats, labels)
    assert np.allclose(first.range_, (-1, 1))
    assert first.score(floats, labels) > 0.9


def test_it_is_copied_pickled_and_searched(lines):
    images, labels = lines
    classifier = NCAClassifier(random_state=1, settings={"flip_x": True}, **QUICK)
    assert clone(classifier).get_params() == classifier.get_params()
    classifier.fit(images, labels)
    again = pickle.loads(pickle.dumps(classifier))
    assert np.array_equal(again.predict_proba(images), classifier.predict_proba(images))
    assert again.model_.digest == classifier.model_.digest
    assert cross_val_score(classifier, images, labels, cv=2).shape == (2,)
    search = GridSearchCV(classifier, {"iterations": [1, 60]}, cv=2).fit(images, labels)
    assert search.best_params_ == {"iterations": 60}


def test_images_may_have_several_labels(lines):
    images, names = lines
    bright = np.arange(40) // 2 % 2 == 0
    images = np.where(bright[:, None, None], 255 - images, images).astype(np.uint8)
    y = np.stack([names == "row", bright], axis=1).astype(int)
    classifier = NCAClassifier(random_state=1, **dict(QUICK, iterations=120)).fit(images, y)
    assert classifier.model_.is_multi_label and list(classifier.classes_) == [0, 1]
    probabilities, found = classifier.predict_proba(images), classifier.predict(images)
    assert probabilities.shape == found.shape == (40, 2) and np.array_equal(found, probabilities > 0.5)
    assert (found[:, 1] == bright).mean() > 0.9 and classifier.score(images, y) == (found == y).all(axis=1).mean()
    sparse = pytest.importorskip("scipy.sparse").csr_matrix(y)
    again = NCAClassifier(random_state=1, **dict(QUICK, iterations=120)).fit(images, sparse)
    assert np.array_equal(again.predict_proba(images), probabilities)
    with pytest.raises(ValueError, match="multiclass-multioutput"):
        NCAClassifier(**QUICK).fit(images, y + 1 + y[:, ::-1])


def test_mistakes_are_named(lines):
    images, labels = lines
    with pytest.raises(TypeError, match="did you mean"):
        NCAClassifier(settings={"filp_x": True}, **QUICK).fit(images, labels)
    with pytest.raises(nca.InvalidArgumentError, match="n_channels"):
        NCAClassifier(n_channels=4, iterations=1).fit(images, np.arange(40) % 10)


def test_notebooks_show_the_page_of_its_model(lines):
    classifier = NCAClassifier(**dict(QUICK, iterations=2))
    assert "NCAClassifier" in classifier._repr_mimebundle_()["text/html"]
    shown = classifier.fit(*lines)._repr_mimebundle_(include=None, exclude=None)
    assert shown["text/plain"] == repr(classifier)
    if "<pre>" not in shown["text/html"]:  # the library was built with the page
        assert '<iframe sandbox="allow-scripts"' in shown["text/html"]


def test_predictions_are_scaled_as_the_training_was(lines):
    images, labels = lines
    bytes_, floats = NCAClassifier(random_state=1, **QUICK), NCAClassifier(random_state=1, **QUICK)
    bytes_.fit(images, labels)
    assert np.array_equal(bytes_.predict_proba(images.astype(np.float64)), bytes_.predict_proba(images))
    narrow = images // 2
    floats.fit(narrow.astype(np.float32), labels)
    assert floats.range_ != (0, 255)
    assert np.array_equal(floats.predict_proba(narrow), floats.predict_proba(narrow.astype(np.float32)))
    wide = NCAClassifier(random_state=1, **QUICK).fit(narrow.astype(np.int64), labels)
    assert np.array_equal(wide.predict_proba(narrow), wide.predict_proba(narrow.astype(np.int64)))


def test_tables_and_arrays_are_the_same_images(lines):
    pandas = pytest.importorskip("pandas")
    images, labels = lines
    rows = images.reshape(40, 64)
    table = pandas.DataFrame(rows, columns=["p%d" % index for index in range(64)])
    first = NCAClassifier(random_state=1, image_shape=(8, 8), **QUICK).fit(table, labels)
    second = NCAClassifier(random_state=1, image_shape=(8, 8), **QUICK).fit(rows, labels)
    assert first.range_ == second.range_ == (0, 255)
    with pytest.warns(UserWarning, match="feature names"):
        shown = first.predict_proba(rows)
    assert np.array_equal(shown, second.predict_proba(rows))
    assert np.array_equal(shown, first.predict_proba(table))
