"""Each metric of generated images against an independent reference, and in closed form."""

import tracemalloc

import numpy as np
import pytest
import scipy.linalg
import scipy.spatial
import scipy.stats
import sklearn.metrics
import sklearn.neighbors

from tfmodels.errors import InputError
from tfmodels.evaluation import bootstrap, copies
from tfmodels.evaluation import sample_metrics as metrics


@pytest.fixture(scope="module")
def features():
    """Correlated features of 700 samples and 600 real images, the former wider and moved."""
    random = np.random.default_rng(1)
    mixed = random.standard_normal((8, 8))
    samples = random.standard_normal((700, 8)) @ mixed * 1.3 + 0.7
    return samples.astype(np.float32), (random.standard_normal((600, 8)) @ mixed).astype(np.float32)


@pytest.fixture(scope="module")
def probabilities():
    """Sure and unsure answers, some of them exactly 0."""
    found = np.random.default_rng(2).dirichlet([0.2] * 9, 400)
    return np.concatenate([found, np.zeros((400, 1))], axis=1).astype(np.float32)


def test_frechet_distance_of_gaussians_in_closed_form():
    random = np.random.default_rng(0)
    noise = random.standard_normal((20_000, 3))
    scaled = 2 * noise + np.array([1.0, -1.0, 0.5])
    # Same axes: |m|² + tr(1 + 4 - 2 * 2) per axis, up to sampling of the shared noise.
    expected = 2.25 + 3 * (2 - 1) ** 2
    assert metrics.frechet_distance(scaled, noise) == pytest.approx(expected, rel=0.03)


def test_frechet_distance_agrees_with_the_matrix_square_root(features):
    a, b = features
    ca, cb = np.cov(a.T), np.cov(b.T)
    expected = (np.sum((a.mean(0) - b.mean(0)) ** 2)
                + np.trace(ca + cb - 2 * scipy.linalg.sqrtm(ca @ cb).real))
    assert metrics.frechet_distance(a, b) == pytest.approx(expected, rel=1e-4)
    assert metrics.frechet_distance(a, a) == pytest.approx(0, abs=1e-6)


def test_kernel_distance_agrees_with_scikit_learn(features):
    a, b = (part.astype(np.float64) for part in features)

    def kernel(x, y):
        return sklearn.metrics.pairwise.polynomial_kernel(x, y, degree=3, coef0=1)

    def within(x):
        k = kernel(x, x)
        np.fill_diagonal(k, 0)
        return k.sum() / (len(x) * (len(x) - 1))
    expected = within(a) + within(b) - 2 * kernel(a, b).mean()
    assert metrics.kernel_distance(*features) == pytest.approx(expected, rel=1e-4)


def test_kernel_distance_is_unbiased():
    random = np.random.default_rng(3)
    drawn = [metrics.kernel_distance(random.standard_normal((20, 4)), random.standard_normal(
        (30, 4))) for _ in range(2000)]
    assert abs(np.mean(drawn)) < 3 * np.std(drawn) / np.sqrt(2000)
    assert min(drawn) < 0


def test_kernel_distance_of_resampled_sets_is_that_of_the_repeated_images(features):
    random = np.random.default_rng(4)
    chosen = [random.integers(len(part), size=(len(part), 3)) for part in features]
    counts = [np.stack([np.bincount(column, minlength=len(column)) for column in indices.T], 1)
              for indices in chosen]
    expected = [metrics.kernel_distance(*(part[indices[:, i]] for part, indices in
                                          zip(features, chosen, strict=True))) for i in range(3)]
    np.testing.assert_allclose(metrics.kernel_distance(*features, *counts), expected, rtol=1e-6)


@pytest.mark.parametrize("k", [1, 3, 5])
def test_neighbour_metrics_agree_with_scikit_learn(features, k):
    samples, real = (part.astype(np.float64) for part in features)

    def inside(points, centres):
        """Whether points (columns) lie in the balls of centres (rows)."""
        nearest = sklearn.neighbors.NearestNeighbors(n_neighbors=k + 1, algorithm="kd_tree")
        radii = nearest.fit(centres).kneighbors(centres)[0][:, -1]
        return sklearn.metrics.pairwise_distances(centres, points) <= radii[:, None]
    in_real, in_samples = inside(samples, real), inside(real, samples)
    found = {name: getattr(metrics, name)(*features, k)
             for name in ("precision", "recall", "density", "coverage")}
    assert found == {"precision": pytest.approx(in_real.any(0).mean(), abs=1e-4),
                     "recall": pytest.approx(in_samples.any(0).mean(), abs=1e-4),
                     "density": pytest.approx(in_real.sum() / (k * len(samples)), abs=1e-4),
                     "coverage": pytest.approx(in_real.any(1).mean(), abs=1e-4)}
    assert min(found.values()) > 0.05
    assert max(found.values()) < 0.99


def test_nearest_distances_agree_with_scikit_learn_and_are_0_for_copies():
    random = np.random.default_rng(5)
    images, train = (random.integers(0, 256, (n, 6, 6, 3)).astype(np.uint8) for n in (520, 700))
    images[7], images[8] = train[699], train[3]
    images[8, 0, 0, 0] ^= 1
    nearest = sklearn.neighbors.NearestNeighbors(n_neighbors=1).fit(train.reshape(700, -1) * 1.0)
    found = copies.nearest_distances(images, train)
    np.testing.assert_allclose(found, nearest.kneighbors(images.reshape(520, -1) * 1.0)[0][:, 0],
                               rtol=1e-6)
    assert found[7] == 0
    assert found[8] == 1


def test_nearest_of_large_images_is_found_in_thumbnails():
    """Copies are found, distances are those of all pixels, and no float copy of a set is held."""
    random = np.random.default_rng(8)
    train = random.integers(0, 256, (60, 96, 96, 3)).astype(np.uint8)
    images = np.concatenate([train[50:], random.integers(0, 256, (5, 96, 96, 3)).astype(
        np.uint8)])
    images[3, :48] = np.minimum(images[3, :48], 254)
    tracemalloc.start()
    found = copies.nearest_distances(images, train)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < train.size
    moved = [np.linalg.norm(image - train * 1.0, axis=(1, 2)) for image in images * 1.0]
    exact = np.array([np.linalg.norm(each, axis=1).min() for each in moved])
    np.testing.assert_array_equal(found[:3], 0)
    np.testing.assert_allclose(found[:10], exact[:10], rtol=1e-6)
    assert found[3] > 0
    assert (found[10:] >= exact[10:]).all()  # of some image, if not of the nearest


@pytest.mark.parametrize("name", ["frechet_distance", "kernel_distance", "sample_diversity",
                                  "precision", "recall", "density", "coverage"])
def test_too_few_images_are_refused_not_scored(name, features):
    with pytest.raises(InputError, match="expected at least .* images on each side, got 1"):
        getattr(metrics, name)(features[0][:1], features[1][:1])


def test_nearest_train_ratio_and_near_copies_count_against_test_images():
    test_distances = np.arange(100.0, 300.0)
    samples = np.array([0.0, 50.0, 100.0, 400.0])
    assert copies.nearest_train_ratio(samples, test_distances) == pytest.approx(75 / 199.5)
    assert copies.near_copy_share(samples, test_distances) == 0.75
    assert copies.near_copy_share(test_distances, test_distances) == pytest.approx(0.01)
    assert copies.nearest_train_ratio(np.zeros(4), np.zeros(9)) == 0


def test_classifier_score_agrees_with_scipy(probabilities):
    p = probabilities.astype(np.float64)
    expected = np.exp(np.mean([scipy.stats.entropy(row, p.mean(0)) for row in p]))
    assert metrics.classifier_score(probabilities) == pytest.approx(expected, rel=1e-4)
    assert metrics.classifier_score(np.eye(10)) == pytest.approx(10)
    assert metrics.classifier_score(np.full((5, 10), 0.1)) == pytest.approx(1)


def test_class_metrics_agree_with_counting(probabilities):
    counts = np.bincount(probabilities.argmax(1), minlength=10)
    assert metrics.class_shares(probabilities).tolist() == (counts / 400).tolist()
    assert metrics.class_evenness(probabilities) == pytest.approx(
        scipy.stats.entropy(counts, base=10), rel=1e-4)
    assert metrics.classes_present(probabilities) == 9
    assert metrics.rarest_class_share(probabilities) == 0
    assert metrics.confident_share(probabilities) == pytest.approx(
        sum(max(row) > 0.9 for row in probabilities) / 400)
    assert metrics.class_evenness(np.eye(10)) == pytest.approx(1)
    assert metrics.class_evenness(np.eye(10)[[3, 3]]) == 0


def test_interval_of_a_mean_is_that_of_theory_and_shrinks():
    values = np.random.default_rng(6).standard_normal(10_000)
    widths = []
    for count in (100, 10_000):
        low, high = bootstrap.interval(np.mean, [values[:count]], 1000)
        assert low <= values[:count].mean() <= high
        widths.append(high - low)
        expected = 2 * 1.96 * values[:count].std() / np.sqrt(count)
        assert high - low == pytest.approx(expected, rel=0.15)
    assert widths[1] < widths[0] / 5


def test_interval_holds_the_truth_as_often_as_it_says():
    random = np.random.default_rng(7)
    held = 0
    for _ in range(200):
        low, high = bootstrap.interval(np.mean, [random.exponential(size=60)], 200)
        held += low <= 1 <= high
    assert 0.87 <= held / 200 <= 0.99


def test_sample_diversity_is_the_ratio_of_distances_between_images(features):
    samples, real = features
    assert metrics.sample_diversity(real, real) == 1
    assert metrics.sample_diversity(3 * real, real) == pytest.approx(3)
    assert metrics.sample_diversity(np.ones((9, 8)), real) == 0
    expected = np.mean(scipy.spatial.distance.cdist(samples, samples)) / np.mean(
        scipy.spatial.distance.cdist(real, real))
    assert metrics.sample_diversity(samples, real) == pytest.approx(expected, rel=0.05)
