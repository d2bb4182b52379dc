"""The scorecard on real digits: every metric moves the right way, and says how sure it is."""

import hashlib
import tracemalloc
import types

import numpy as np
import pytest
import scipy.ndimage
import tensorflow as tf

from tfmodels.data import parts
from tfmodels.data.load import load
from tfmodels.evaluation import baselines, extractor, scorecard
from tfmodels.launcher import final_scores
from tfmodels.tasks import image_generation

COUNT = 1000


@pytest.fixture(scope="module")
def cards(digits):
    """name -> metrics of real images and of damaged ones, on demand."""
    real, train = digits.train[:COUNT], digits.train[COUNT:3000]
    five = digits.train[3000:][digits.train_labels[3000:] < 5][:COUNT]
    random = np.random.default_rng(0)
    wrong = {"real": lambda: real,
             "noise": lambda: _pixels(real + random.normal(0, 60, real.shape)),
             "blur": lambda: _pixels(scipy.ndimage.gaussian_filter(
                 real.astype(float), (0, 1.5, 1.5, 0))),
             "dropped classes": lambda: five,
             "repeated": lambda: np.tile(real[:20], (COUNT // 20, 1, 1, 1)),
             "copied": lambda: train[:COUNT]}
    known = {}

    def card(name):
        if name not in known:
            known[name] = scorecard.scorecard(wrong[name](), digits.test[:COUNT], train,
                                               digits.names, resamples=0)["metrics"]
        return known[name]
    return card


def _pixels(images):
    return np.clip(np.round(images), 0, 255).astype(np.uint8)


# What is wrong with the images -> what must rise and what must fall, beside real ones.
UNLIKE = ("frechet_distance", "kernel_distance")
FAITHFUL = ("precision", "density", "classifier_score", "confident_share")
VARIED = ("recall", "coverage")
MOVES = {"noise": (UNLIKE, FAITHFUL + VARIED),
         "blur": (UNLIKE, FAITHFUL + VARIED),
         "dropped classes": (UNLIKE, (*VARIED, "classifier_score", "classes_present",
                                      "class_evenness", "rarest_class_share")),
         "repeated": (UNLIKE, VARIED),
         "copied": (("near_copy_share",), ("nearest_train_ratio",))}


@pytest.mark.parametrize("wrong", MOVES)
def test_metrics_move_the_right_way(wrong, cards):
    rise, fall = MOVES[wrong]
    real, found = cards("real"), cards(wrong)
    for name in rise:
        assert found[name] > 1.2 * real[name], name
    for name in fall:
        assert found[name] < 0.95 * real[name], name


def test_metrics_of_real_images_are_near_their_best(cards):
    real = cards("real")
    assert real["frechet_distance"] < 12
    assert min(real["precision"], real["recall"], real["coverage"]) > 0.8
    assert real["density"] > 0.75
    assert 0.9 < real["nearest_train_ratio"] < 1.1
    assert real["near_copy_share"] < 0.03
    assert real["classifier_score"] > 9
    assert real["classes_present"] == 10
    assert real["class_evenness"] > 0.99


def test_metrics_that_have_no_reason_to_move_stay(cards):
    real, five, copied = cards("real"), cards("dropped classes"), cards("copied")
    assert five["precision"] == pytest.approx(real["precision"], abs=0.06)
    assert five["nearest_train_ratio"] == pytest.approx(real["nearest_train_ratio"], abs=0.2)
    assert five["classes_present"] == 5
    assert copied["nearest_train_ratio"] == 0
    assert copied["near_copy_share"] == 1
    assert copied["precision"] == pytest.approx(real["precision"], abs=0.05)


def test_noise_that_the_last_layer_alone_takes_for_digits_is_not_precise(digits):
    train, test = digits.train[:COUNT], digits.test[:COUNT]
    drawn = scorecard.pixel_gaussian(train, COUNT)
    assert scorecard.scorecard(drawn, test, train, resamples=0)["metrics"]["precision"] < 0.3


@pytest.fixture(scope="module")
def intervals(digits):
    """The card of 300 and of 1,500 real digits, with intervals."""
    return [scorecard.scorecard(digits.train[:count], digits.test[:count],
                                 digits.train[1500:3500], digits.names, resamples=60)
            for count in (300, 1500)]


def test_every_interval_holds_its_metric_and_shrinks_with_more_images(intervals):
    few, many = intervals
    for card in intervals:
        assert set(card["intervals"]) == set(card["metrics"])
        for name, (low, high) in card["intervals"].items():
            assert low <= card["metrics"][name] <= high, name
    for name in ("frechet_distance", "kernel_distance", "precision", "recall", "density",
                 "nearest_train_ratio", "classifier_score", "confident_share"):
        widths = [np.diff(card["intervals"][name])[0] for card in (few, many)]
        assert 0 < widths[1] < 0.8 * widths[0], name


def test_card_names_the_extractor_and_the_number_of_samples(intervals):
    assert intervals[0]["samples"] == 300
    assert intervals[0]["extractor"] == hashlib.sha256(extractor.FILE.read_bytes()).hexdigest()


def test_the_same_images_get_the_same_card(digits, intervals):
    again = scorecard.scorecard(digits.train[:300], digits.test[:300], digits.train[1500:3500],
                                 digits.names, resamples=60)
    assert again == intervals[0]


def test_floor_is_measured_on_images_that_are_no_part_of_its_training_set(digits):
    found = {name: compute() for name, compute in scorecard.baselines(
        600, digits.test[:600], digits.train[:1000], digits.names).items()}
    assert set(found) == {"real_images", "pixel_gaussian"}
    assert found["real_images"]["near_copy_share"] < 0.05
    assert found["real_images"]["precision"] > 0.75
    few = scorecard.baselines(600, digits.test[:600], digits.train[:400], digits.names)
    assert few["real_images"]()["nearest_train_ratio"] > 0.8  # 300 images, 100 to copy from
    for name in ("frechet_distance", "kernel_distance"):
        assert found["real_images"][name] < found["pixel_gaussian"][name] / 5


def test_quick_scores_are_a_part_of_the_card(digits, cards):
    quick = scorecard.scores(digits.train[:COUNT], digits.test[:COUNT], digits.names)
    assert set(quick) == {"frechet_distance", "sample_diversity", "confident_share",
                          "rarest_class_share", "classes_present"}
    assert quick == {name: cards("real")[name] for name in quick}


def test_other_sizes_and_colours_are_scored_and_only_digits_get_class_metrics(digits):
    colour = np.repeat(np.pad(digits.train[:300], ((0, 0), (2, 2), (2, 2), (0, 0))), 3, -1)
    assert set(scorecard.scores(colour, digits.test[:300], ["cat", "dog"])) == {
        "frechet_distance", "sample_diversity"}
    card = scorecard.scorecard(colour, colour[:200], colour[200:], ["cat", "dog"], resamples=3)
    assert set(card["metrics"]) == {
        "frechet_distance", "kernel_distance", "sample_diversity", "precision", "recall",
        "density", "coverage", "nearest_train_ratio", "near_copy_share"}
    assert np.isfinite(list(card["metrics"].values())).all()


def test_extractor_knows_real_digits_and_doubts_noise(digits):
    seen = scorecard.extractor()(digits.test)
    assert seen.features.shape == (2000, 64)
    assert seen.texture.shape == (2000, 128)
    assert np.mean(seen.probabilities.argmax(1) == digits.test_labels) > 0.98
    assert np.mean(seen.probabilities.max(1) > 0.9) > 0.9
    np.testing.assert_allclose(seen.probabilities.sum(1), 1, atol=1e-5)
    assert extractor.FILE.stat().st_size <= 1_000_000


def test_pixel_gaussian_has_the_mean_and_covariance_of_the_data():
    random = np.random.default_rng(0)
    images = np.clip(random.normal(120, 20, (5000, 2, 2, 1)), 0, 255).astype(np.uint8)
    images[:, 1] = images[:, :1].squeeze(1)  # the two rows are equal
    drawn = scorecard.pixel_gaussian(images, 5000).reshape(5000, 4).astype(float)
    fitted = images[:2000].reshape(2000, 4).astype(float)
    np.testing.assert_allclose(drawn.mean(0), fitted.mean(0), atol=1)
    np.testing.assert_allclose(np.cov(drawn.T), np.cov(fitted.T), atol=25)


def test_pixel_gaussian_takes_memory_for_pixels_not_for_pairs_of_them():
    images = np.random.default_rng(0).integers(0, 256, (6, 48, 48, 3)).astype(np.uint8)
    tracemalloc.start()
    drawn = scorecard.pixel_gaussian(images, 40)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert drawn.shape == (40, 48, 48, 3)
    assert peak < 20 * images.size + 20 * drawn.size  # a covariance matrix has 382 MB


def test_floor_is_no_part_of_what_the_extractor_was_trained_on(data_dir, monkeypatch):
    splits = load("mnist_10k", data_dir).splits
    train, labels = (splits["train"].arrays()[key] for key in ("image", "label"))
    scored = []

    def scorecard(images, *_, **__):
        scored.append(images)
        return {"metrics": {}, "errors": {}}
    monkeypatch.setattr(scorecard, "scorecard", scorecard)
    for count in (5000, 5400):
        scorecard.baselines(count, train[:1], train)["real_images"]()
    for images in scored:
        np.testing.assert_array_equal(images, train[:extractor.UNSEEN])
    # It has learned those that follow by heart, and is as sure of the floor as of a test image.
    seen = scorecard.extractor()(train).probabilities
    right = seen.argmax(1) == labels
    assert right[extractor.UNSEEN:].mean() > 0.998
    assert right[:extractor.UNSEEN].mean() < 0.99
    tested = scorecard.extractor()(splits["test"].arrays()["image"]).probabilities
    shares = [np.mean(found.max(1) > 0.9) for found in (seen[:extractor.UNSEEN], tested)]
    assert abs(shares[0] - shares[1]) < 0.01


NEIGHBOURS = {"precision", "recall", "density", "coverage"}
DISTANCES = {"frechet_distance", "kernel_distance", "sample_diversity"}


@pytest.mark.parametrize(("samples", "real", "train", "left_out"), [
    (7, 3, 6, NEIGHBOURS - {"recall"}),
    (2, 1, 1, NEIGHBOURS | DISTANCES),
    (2, 2, 1, NEIGHBOURS)])
def test_what_few_images_do_not_allow_is_left_out_with_a_word(digits, samples, real, train,
                                                              left_out):
    images = digits.train[100:100 + samples], digits.test[:real], digits.train[:train]
    card = scorecard.scorecard(*images, digits.names, resamples=20)
    assert {name for name in card["errors"] if " " not in name} == left_out
    assert not left_out & set(card["metrics"])
    assert all("expected at least" in card["errors"][name] for name in left_out)
    assert {*card["metrics"], *left_out} == {
        *NEIGHBOURS, *DISTANCES, "nearest_train_ratio", "near_copy_share", "classifier_score",
        "confident_share", "classes_present", "class_evenness", "rarest_class_share"}
    assert np.isfinite([*card["metrics"].values(), *sum(card["intervals"].values(), [])]).all()
    for name in card["metrics"]:
        assert (name in card["intervals"]) != (f"{name} interval" in card["errors"])
    quick = scorecard.scores(*images[:2], digits.names)
    assert ("frechet_distance" in quick) == ("frechet_distance" not in left_out)
    assert np.isfinite(list(quick.values())).all()


def test_images_all_alike_are_scored_without_nan(digits):
    alike = np.repeat(digits.test[:1], 9, axis=0)
    card = scorecard.scorecard(digits.train[:9], alike, alike, digits.names, resamples=5)
    assert set(card["errors"]) == {"sample_diversity"}
    assert np.isfinite([*card["metrics"].values(), *sum(card["intervals"].values(), [])]).all()


def test_extractor_sees_the_colours_of_images_with_alpha(digits):
    random = np.random.default_rng(0)
    colours = random.integers(0, 256, (5, 28, 28, 3)).astype(np.uint8)
    alpha = random.integers(0, 256, (5, 28, 28, 1)).astype(np.uint8)
    see = scorecard.extractor()
    for images in (colours, digits.test[:5]):
        seen = see(np.concatenate([images, alpha], -1))
        for found, expected in zip(seen, see(images), strict=True):
            np.testing.assert_array_equal(found, expected)


def test_large_images_are_seen_in_small_batches(digits, monkeypatch):
    large = np.repeat(np.repeat(digits.test[:7], 2, 1), 2, 2)
    whole = scorecard.extractor()(large).features
    monkeypatch.setattr(extractor, "_BATCH_PIXELS", 2 * 56 * 56)
    np.testing.assert_allclose(scorecard.extractor()(large).features, whole, atol=1e-4)


class _Part:
    """A split of some digits."""

    def __init__(self, images):
        self._images, self.size = images, len(images)

    def arrays(self):
        return {"image": self._images}

    def head(self, count):
        return {"image": self._images[:count]}

    def nbytes(self):
        return self._images.nbytes


def test_generator_of_nine_images_is_scored(digits, capsys):
    images = np.concatenate([digits.train[:9]] * 4, -1)  # of 4 channels
    data = types.SimpleNamespace(class_names=digits.names, image_shape=(28, 28, 4), splits={
        "train": _Part(images[:5]), "validation": _Part(images[5:6]), "test": _Part(images[6:])})
    drawn = []

    def sample(count, seed):
        drawn.append(int(count))
        return {"images": tf.constant(np.resize(images, (int(count), 28, 28, 4)))}
    signatures = {"sample": sample}
    task = image_generation.image_generation(None, None, data)
    found = task.evaluate(signatures, data.splits["validation"])
    assert set(found) == {"confident_share", "rarest_class_share", "classes_present"}
    assert drawn == [100]  # of one sample, it would be alarmed at nine missing classes
    card = task.final(signatures, data.splits["test"])
    assert card["samples"] == 7
    assert set(card["errors"]) >= {"precision", "density", "coverage"}
    errors = {}
    beside = final_scores.baselines(task.baselines(data.splits["test"]), errors)["baselines"]
    assert set(beside) == {"real_images", "pixel_gaussian"}
    assert "baseline pixel_gaussian precision" in errors
    assert all("expected at least" in why for why in errors.values())
    assert "warning" not in capsys.readouterr().out
    for metrics in (card["metrics"], *beside.values()):
        assert np.isfinite(list(metrics.values())).all()


def test_only_a_bounded_part_of_large_images_is_held(digits, monkeypatch):
    part = _Part(digits.train[:50])
    assert baselines.first_images(part).shape == (50, 28, 28, 1)
    monkeypatch.setattr(baselines, "_MOST_BYTES", 7 * 784 + 1)
    np.testing.assert_array_equal(baselines.first_images(part), digits.train[:7])
    assert [parts.part_size(500, shape) for shape in ((28, 28, 1), (96, 96, 3), (256, 256, 3),
                                                      (9000, 9000, 1))] == [500, 455, 64, 1]
    np.testing.assert_array_equal(parts.in_parts(lambda rows: 2 * rows, np.arange(7), 3),
                                  2 * np.arange(7))
