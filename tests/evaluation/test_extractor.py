"""The shipped extractor of features: what it knows, and which images it sees."""

import numpy as np

from tfmodels.evaluation import extractor, extractors


def test_extractor_knows_real_digits_and_doubts_noise(digits):
    seen = extractors.digits()(digits.test)
    assert seen.features.shape == (2000, 64)
    assert seen.texture.shape == (2000, 128)
    assert np.mean(seen.probabilities.argmax(1) == digits.test_labels) > 0.98
    assert np.mean(seen.probabilities.max(1) > 0.9) > 0.9
    np.testing.assert_allclose(seen.probabilities.sum(1), 1, atol=1e-5)
    assert extractor.FILE.stat().st_size <= 1_000_000


def test_extractor_sees_the_colours_of_images_with_alpha(digits):
    random = np.random.default_rng(0)
    colours = random.integers(0, 256, (5, 28, 28, 3)).astype(np.uint8)
    alpha = random.integers(0, 256, (5, 28, 28, 1)).astype(np.uint8)
    see = extractors.digits()
    for images in (colours, digits.test[:5]):
        seen = see(np.concatenate([images, alpha], -1))
        for found, expected in zip(seen, see(images), strict=True):
            np.testing.assert_array_equal(found, expected)


def test_large_images_are_seen_in_small_batches(digits, monkeypatch):
    large = np.repeat(np.repeat(digits.test[:7], 2, 1), 2, 2)
    whole = extractors.digits()(large).features
    monkeypatch.setattr(extractor, "_BATCH_PIXELS", 2 * 56 * 56)
    np.testing.assert_allclose(extractors.digits()(large).features, whole, atol=1e-4)
