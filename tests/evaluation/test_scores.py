"""Metrics against independent references, and that they move the right way."""

import numpy as np
import pytest
import scipy.linalg
import sklearn.metrics

from tfmodels.evaluation import baselines, classification, generation, pictures


def test_frechet_distance_of_gaussians_in_closed_form():
    random = np.random.default_rng(0)
    noise = random.standard_normal((20_000, 3))
    scaled = 2 * noise + np.array([1.0, -1.0, 0.5])
    # Same axes: |m|² + tr(1 + 4 - 2 * 2) per axis, up to sampling of the shared noise.
    expected = 2.25 + 3 * (2 - 1) ** 2
    assert generation.frechet_distance(scaled, noise) == pytest.approx(expected, rel=0.03)


def test_frechet_distance_agrees_with_the_matrix_square_root():
    random = np.random.default_rng(1)
    a = random.standard_normal((300, 8)) @ random.standard_normal((8, 8))
    b = random.standard_normal((400, 8)) @ random.standard_normal((8, 8)) + 1
    ca, cb = np.cov(a.T), np.cov(b.T)
    expected = (np.sum((a.mean(0) - b.mean(0)) ** 2)
                + np.trace(ca + cb - 2 * scipy.linalg.sqrtm(ca @ cb).real))
    assert generation.frechet_distance(a, b) == pytest.approx(expected, rel=1e-4)
    assert generation.frechet_distance(a, a) == pytest.approx(0, abs=1e-6)


@pytest.fixture(scope="module")
def digits(data_dir):
    from tfmodels.data.load import load
    data = load("mnist_10k", data_dir)
    return data.splits["train"].arrays(), data.splits["test"].arrays(), data.class_names


def test_extractor_knows_real_digits_and_doubts_noise(digits):
    _, test, _ = digits
    features, probabilities = generation.extractor()(test["image"])
    assert features.shape == (2000, 64)
    assert np.mean(probabilities.argmax(1) == test["label"]) > 0.97
    assert np.mean(probabilities.max(1) > 0.9) > 0.9
    np.testing.assert_allclose(probabilities.sum(1), 1, atol=1e-5)


def test_generative_scores_move_the_right_way(digits):
    train, test, names = digits
    real = generation.scores(train["image"][:2000], test["image"], names)
    random = np.random.default_rng(0)
    noisy = np.clip(train["image"][:2000] + random.normal(0, 80, (2000, 28, 28, 1)), 0, 255)
    noisy = generation.scores(noisy.astype(np.uint8), test["image"], names)
    threes = generation.scores(train["image"][train["label"] == 3], test["image"], names)
    gaussian = generation.scores(generation.pixel_gaussian(train["image"], 2000), test["image"],
                                 names)
    assert real["frechet_distance"] < noisy["frechet_distance"]
    assert real["frechet_distance"] < gaussian["frechet_distance"]
    assert real["frechet_distance"] < threes["frechet_distance"]
    assert real["confident_share"] > noisy["confident_share"]
    assert real["rarest_class_share"] > 0.05
    assert threes["rarest_class_share"] < 0.01


def test_other_sizes_and_colours_are_scored_and_only_digits_get_class_scores(digits):
    train, test, _ = digits
    colour = np.repeat(np.pad(train["image"][:300], ((0, 0), (2, 2), (2, 2), (0, 0))), 3, -1)
    scores = generation.scores(colour, test["image"][:300], ["cat", "dog"])
    assert set(scores) == {"frechet_distance"}


def test_pixel_gaussian_has_the_mean_and_covariance_of_the_data():
    random = np.random.default_rng(0)
    images = np.clip(random.normal(120, 20, (5000, 2, 2, 1)), 0, 255).astype(np.uint8)
    images[:, 1] = images[:, :1].squeeze(1)  # the two rows are equal
    drawn = generation.pixel_gaussian(images, 5000).reshape(5000, 4).astype(float)
    np.testing.assert_allclose(drawn.mean(0), images.reshape(5000, 4).mean(0), atol=1)
    np.testing.assert_allclose(np.cov(drawn.T), np.cov(images.reshape(5000, 4).T.astype(float)),
                               atol=25)


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
