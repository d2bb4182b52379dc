"""Scores of classifiers and baselines against independent references, and pictures."""

import tracemalloc

import numpy as np
import PIL.Image
import pytest
import scipy.stats
import sklearn.metrics

from tfmodels.evaluation import baselines, classification, pictures
from tfmodels.training import events


def test_classification_scores_agree_with_scikit_learn():
    random = np.random.default_rng(0)
    probabilities = random.dirichlet(np.ones(4), 50)
    labels = random.integers(0, 4, 50)
    found = classification.scores(probabilities, labels)
    assert found["accuracy"] == sklearn.metrics.accuracy_score(labels, probabilities.argmax(1))
    assert found["loss"] == pytest.approx(
        sklearn.metrics.log_loss(labels, probabilities, labels=range(4)))


def test_worst_mistakes_are_the_most_confident_wrong_answers():
    probabilities = np.array([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4], [0.3, 0.7]])
    labels = np.array([1, 1, 1, 0])
    assert classification.worst_mistakes(probabilities, labels, 2).tolist() == [0, 3]
    assert classification.mistake_captions(probabilities, labels, ["a", "b"], [0]) == ["b > a 90%"]


def test_majority_class_counts_the_training_labels():
    assert baselines.majority_class(np.array([0, 1, 1]), np.array([1, 0, 0, 0])) == {
        "accuracy": 0.25}


def test_pca_agrees_with_the_singular_value_decomposition():
    random = np.random.default_rng(0)
    images = random.integers(0, 256, (60, 3, 3, 1)).astype(np.uint8)
    flat = images.reshape(60, 9) / 255.0
    mean = flat.mean(0)
    axes = np.linalg.svd(flat - mean)[2][:4]
    expected = np.mean((flat - mean - (flat - mean) @ axes.T @ axes) ** 2)
    assert baselines.pca(images, images, 4)["mse"] == pytest.approx(expected, rel=1e-3)


def test_pca_and_independent_pixels_hold_no_float_copy_of_all_images(monkeypatch):
    monkeypatch.setattr(baselines, "_BLOCK", 1 << 15)
    images = np.random.default_rng(0).integers(0, 256, (200, 32, 32, 3)).astype(np.uint8)
    for score in (lambda: baselines.pca(images, images[:9], 2),
                  lambda: baselines.independent_pixels(images, images[:9], "gaussian")):
        tracemalloc.start()
        score()
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 4 * images.size * 2 / 3


@pytest.mark.parametrize("likelihood", ["bernoulli", "gaussian"])
def test_independent_pixels_agree_with_scipy(likelihood):
    random = np.random.default_rng(1)
    train, images = (random.integers(0, 256, (n, 3, 3, 2)).astype(np.uint8) for n in (40, 9))
    x, known = images.reshape(9, 18) / 255, train.reshape(40, 18) / 255
    mean = known.mean(0)
    expected = (x * np.log(mean) + (1 - x) * np.log(1 - mean) if likelihood == "bernoulli" else
                scipy.stats.norm.logpdf(x, mean, np.sqrt(np.mean((known - mean) ** 2))))
    assert baselines.independent_pixels(train, images, likelihood)["elbo"] == pytest.approx(
        expected.sum(1).mean(), rel=1e-5)


def test_svm_learns_words():
    texts = [b"good day", b"bad night", b"good morning", b"bad evening"]
    labels = np.array([1, 0, 1, 0])
    assert baselines.tfidf_svm(texts, labels, [b"good evening good"], np.array([1]))[
        "accuracy"] == 1


def test_grid_lays_images_out_row_by_row():
    images = np.arange(3 * 2 * 2, dtype=np.uint8).reshape(3, 2, 2, 1)
    picture = pictures.grid(images, columns=2)
    assert picture.shape == (5, 5, 1)
    np.testing.assert_array_equal(picture[:2, 3:], images[1])
    np.testing.assert_array_equal(picture[3:, :2], images[2])
    assert (picture[2] == 255).all()
    assert (picture[3:, 3:] == 255).all()


def test_heat_map_shades_by_value():
    picture = pictures.heat_map([[0.0, 1.0]], ["a"], ["b", "c"], numbers="")
    assert picture.dtype == np.uint8
    assert {(255, 255, 255), (8, 48, 107)} <= {tuple(pixel) for pixel in picture.reshape(-1, 3)}


def test_thumbnails_are_means_of_cells_and_small_images_stay():
    random = np.random.default_rng(2)
    images = random.integers(0, 256, (3, 64, 32, 4)).astype(np.uint8)
    cells = images.reshape(3, 32, 2, 16, 2, 4).mean((2, 4))
    np.testing.assert_allclose(pictures.thumbnails(images, 32), cells, atol=0.5)
    np.testing.assert_array_equal(pictures.thumbnails(images, 64), images)
    odd = random.integers(0, 256, (2, 37, 41, 1)).astype(np.uint8)
    small = pictures.thumbnails(odd, 32)
    assert small.shape == (2, 29, 32, 1)
    assert small.mean() == pytest.approx(odd.mean(), abs=8)
    assert (pictures.thumbnails(np.full((1, 37, 1001, 3), 9, np.uint8), 32) == 9).all()


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_pictures_of_any_channels_are_laid_out_and_written(channels, tmp_path):
    images = np.random.default_rng(3).integers(0, 256, (3, 5, 4, channels)).astype(np.uint8)
    picture = pictures.grid(images)
    events.save_png(tmp_path / "a.png", picture)
    read = np.asarray(PIL.Image.open(tmp_path / "a.png"))
    np.testing.assert_array_equal(read.reshape(picture.shape), picture)
    assert pictures.captioned(images, ["a", "b", "c"]).shape[-1] == 3
