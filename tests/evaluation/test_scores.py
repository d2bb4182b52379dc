"""Scores of classifiers and baselines against independent references, and pictures."""

import numpy as np
import pytest
import sklearn.metrics

from tfmodels.evaluation import baselines, classification, pictures


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
