"""By what pictures that are no digits are judged: real ones before all that is none."""

import types

import numpy as np
import pytest
import scipy.ndimage

from tfmodels.evaluation import extractors, own_extractor, scorecard, stand_ins
from tfmodels.evaluation.directions import lower_is_better

METRICS = {"frechet_distance", "kernel_distance", "sample_diversity", "precision", "recall",
           "density", "coverage"}


class Part:
    """A split of some pictures."""

    resident = True

    def __init__(self, images, labels=None):
        self._arrays = {"image": images} | ({} if labels is None else {"label": labels})
        self.size = len(images)

    def head(self, count):
        """As of `Split`."""
        return {key: value[:count] for key, value in self._arrays.items()}

    def nbytes(self):
        """As of `Split`."""
        return self._arrays["image"].nbytes


def dataset(images, labels=None, names=()):
    """A set of pictures, 200 of them to validate and 300 to test with."""
    return types.SimpleNamespace(class_names=names, image_shape=images.shape[1:], splits={
        name: Part(images[part], None if labels is None else labels[part])
        for name, part in (("validation", slice(200)), ("test", slice(200, 500)),
                           ("train", slice(500, None)))})


@pytest.fixture(scope="module")
def photos():
    """Patches of two photographs, uint8 [1500, 16, 16, 3], and of which of them."""
    import sklearn.datasets
    random, photos = np.random.default_rng(0), sklearn.datasets.load_sample_images().images
    labels = random.integers(0, 2, 1500)
    corners = random.integers(0, (411, 624), (1500, 2))
    return np.stack([photos[label][top:top + 16, left:left + 16]
                     for label, (top, left) in zip(labels, corners, strict=True)]), labels


def spoiled(images):
    """Name -> pictures that are not as good as real ones, more or less so."""
    random = np.random.default_rng(1)
    noisy = images + random.normal(0, 40, images.shape)
    blurred = scipy.ndimage.gaussian_filter(images.astype(np.float32), (0, 2, 2, 0))
    mixed = images / 2 + images[::-1] / 2
    return {name: np.clip(np.round(found), 0, 255).astype(np.uint8) for name, found in (
        ("noisy", noisy), ("blurred", blurred), ("mixed", mixed),
        ("noise", random.normal(128, 60, images.shape)))}


@pytest.mark.parametrize("labelled", [False, True])
def test_real_photographs_are_before_spoiled_ones_and_noise_in_every_metric(
        photos, labelled, monkeypatch):
    monkeypatch.setattr(own_extractor, "_STEPS", 50)
    images, labels = photos
    data = dataset(images, labels, ("china", "flower")) if labelled else dataset(images)
    by = extractors.of(data)
    assert isinstance(by, own_extractor.OwnExtractor) == labelled
    train, real = images[500:], images[200:500]
    beside = stand_ins.baselines(500, real, train, by)
    assert set(beside) == {"real_images", "pixel_gaussian", "uniform_noise", "blurred_images"}
    found = {name: stand_ins.checked(
        scorecard.scorecard(some, real, None, by, resamples=0), beside)
        for name, some in spoiled(train[:500]).items()}
    shown = set(found["noise"]["metrics"])
    assert shown >= METRICS - {"sample_diversity", "coverage"}
    floor = beside["real_images"]()
    for name, card in found.items():
        assert set(card["metrics"]) == shown
        assert set(card["left_out"]) == METRICS - shown
        for metric in shown - {"sample_diversity"}:
            worse = card["metrics"][metric] - floor[metric]
            assert (worse > 0) == lower_is_better(metric), (name, metric)
    said = stand_ins.notes(found["noise"], by)
    assert by.sha256[:12] in said[0]
    assert ("accuracy" in said[0]) == labelled


def test_a_metric_under_which_noise_or_blur_passes_is_left_out_and_named():
    cards = {"real_images": {"frechet_distance": 2.0, "kernel_distance": -0.1, "precision": 0.8,
                             "recall": 0.8, "sample_diversity": 1.02},
             "pixel_gaussian": {"frechet_distance": 2.9, "kernel_distance": 5.0, "precision": 0.3,
                                "recall": 0.1, "sample_diversity": 0.5},
             "blurred_images": {"frechet_distance": 9.0, "kernel_distance": 5.0, "precision": 0.75,
                                "recall": 0.7, "sample_diversity": 1.05}}
    assert stand_ins.passing(cards) == {
        "frechet_distance": "pixel_gaussian gets 2.9, real images 2",
        "precision": "blurred_images gets 0.75, real images 0.8",
        "sample_diversity": "blurred_images gets 1.05, real images 1.02"}
    card = {"metrics": {"precision": 0.9, "recall": 0.5}, "intervals": {"precision": [0.8, 1.0]},
            "copies": {"near_copy_share": 0.01}, "errors": {}}
    beside = {name: lambda metrics=metrics: metrics for name, metrics in cards.items()}
    left = stand_ins.checked(card, beside)
    assert left["metrics"] == {"recall": 0.5}
    assert left["intervals"] == {}
    assert left["copies"] == card["copies"]
    by = types.SimpleNamespace(name="eye", about="sharp", sha256="0" * 64)
    assert stand_ins.notes(left, by) == [
        "judged by the eye (sharp; sha256 000000000000)",
        "left out, since noise or blur passes for real under it: precision (blurred_images gets "
        "0.75, real images 0.8)"]


def test_the_same_pictures_make_the_same_extractor_and_no_other_random_number(
        photos, monkeypatch):
    import keras
    monkeypatch.setattr(own_extractor, "_STEPS", 10)
    images, labels = (part[:800] for part in photos)
    data = dataset(images, labels, ("china", "flower"))
    keras.utils.set_random_seed(3)
    expected = keras.random.normal([2]).numpy(), np.random.random()
    keras.utils.set_random_seed(3)
    first, again = extractors.of(data), extractors.of(data)
    assert first.sha256 == again.sha256
    np.testing.assert_array_equal(keras.random.normal([2]).numpy(), expected[0])
    assert np.random.random() == expected[1]
    some = images[:50]
    np.testing.assert_array_equal(first(some).features, again(some).features)
    # Labels that pictures do not tell, and one class, leave general features.
    random = np.random.default_rng(5).integers(0, 2, 800)
    for useless in (random, np.zeros(800, int)):
        by = extractors.of(dataset(images, useless, ("a", "b")))
        assert by.name == "general features"


def test_grey_digits_alone_are_judged_by_the_digit_classifier(digits):
    by = extractors.of(types.SimpleNamespace(class_names=digits.names, image_shape=(28, 28, 1)))
    assert by is extractors.digits()
    for names, shape in ((("a", "b"), (28, 28, 1)), (digits.names, (32, 32, 3)),
                         (digits.names, (256, 256, 1))):
        assert not extractors.are_digits(names, shape)
    # Nothing is left out of what is shown of them.
    train, real = digits.train[:400], digits.test[:200]
    beside = stand_ins.baselines(200, real, train, by)
    assert set(beside) == {"real_images", "pixel_gaussian"}
    card = stand_ins.judged(train[:200], real, train, by, beside)
    assert "left_out" not in card
    assert {"near_copy_share", "classifier_score"} <= set(card["metrics"])
    plain = scorecard.scorecard(train[:200], real, train, by)
    assert plain["metrics"] == card["metrics"]
