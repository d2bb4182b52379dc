"""The baseline of generated images and their floor."""

import tracemalloc

import numpy as np

from tfmodels.data.load import load
from tfmodels.evaluation import extractor, extractors, scorecard, stand_ins

COUNT = 1000


def test_floor_is_measured_on_images_that_are_no_part_of_its_training_set(digits):
    found = {name: compute() for name, compute in stand_ins.baselines(
        600, digits.test[:600], digits.train[:1000], extractors.digits()).items()}
    assert set(found) == {"real_images", "pixel_gaussian"}
    assert found["real_images"]["near_copy_share"] < 0.05
    assert found["real_images"]["precision"] > 0.75
    few = stand_ins.baselines(600, digits.test[:600], digits.train[:400], extractors.digits())
    assert few["real_images"]()["nearest_train_ratio"] > 0.8  # 300 images, 100 to copy from
    for name in ("frechet_distance", "kernel_distance"):
        assert found["real_images"][name] < found["pixel_gaussian"][name] / 5


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

    def keep(images, *_, **__):
        scored.append(images)
        return {"metrics": {}, "copies": {}, "errors": {}}
    monkeypatch.setattr(scorecard, "scorecard", keep)
    for count in (5000, 5400):
        by = extractors.digits()
        stand_ins.baselines(count, train[:1], train, by)["real_images"]()
    for images in scored:
        np.testing.assert_array_equal(images, train[:extractor.UNSEEN])
    # It has learned those that follow by heart, and is as sure of the floor as of a test image.
    seen = extractors.digits()(train).probabilities
    right = seen.argmax(1) == labels
    assert right[extractor.UNSEEN:].mean() > 0.998
    assert right[:extractor.UNSEEN].mean() < 0.99
    tested = extractors.digits()(splits["test"].arrays()["image"]).probabilities
    shares = [np.mean(found.max(1) > 0.9) for found in (seen[:extractor.UNSEEN], tested)]
    assert abs(shares[0] - shares[1]) < 0.01


def test_noise_that_the_last_layer_alone_takes_for_digits_is_not_precise(digits):
    train, test = digits.train[:COUNT], digits.test[:COUNT]
    drawn = scorecard.pixel_gaussian(train, COUNT)
    card = scorecard.scorecard(drawn, test, train, extractors.digits(), resamples=0)
    assert card["metrics"]["precision"] < 0.3
