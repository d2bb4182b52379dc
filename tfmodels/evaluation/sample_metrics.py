"""What sets of generated images are judged by, each metric a function of NumPy arrays.

Features are float [N, D], one row for each image, from the extractor that goes with every figure.
Each raises an InputError where there are too few images for it.
"""

import numpy as np
import scipy.linalg

from tfmodels.errors import InputError

MANIFOLD_NEIGHBOURS = 3  # k of precision and recall, as in their paper
DENSITY_NEIGHBOURS = 5  # k of density and coverage, as in their paper
_CONFIDENT = 0.9
_PRESENT = 0.1  # of an even part
_BLOCK = 500  # rows of a distance or kernel matrix that are held at a time


def frechet_distance(features, real_features):
    """Returns the squared Fréchet distance of two Gaussians fitted to features [N, D].

    |m1 - m2|² + tr(C1 + C2 - 2 (C1 C2)^½), Heusel et al. 2017, section 3 (equation 6). 0 for equal
    distributions; biased upwards by few images, so compare it at equal numbers of them.
    """
    expect(2, features, real_features)
    mean, real_mean = features.mean(0), real_features.mean(0)
    covariance = np.cov(features, rowvar=False).astype(np.float64)
    real_covariance = np.cov(real_features, rowvar=False).astype(np.float64)
    # (C1 C2)^½ has the eigenvalues' roots; those of a product of covariances are real and >= 0.
    eigenvalues = scipy.linalg.eigvals(covariance @ real_covariance).real
    root_trace = np.sqrt(np.maximum(eigenvalues, 0)).sum()
    return float(np.sum((mean - real_mean) ** 2.0) + np.trace(covariance + real_covariance)
                 - 2 * root_trace)


def kernel_distance(features, real_features, counts=None, real_counts=None):
    """Returns the squared maximum mean discrepancy with the kernel (x·y / D + 1)³.

    The kernel inception distance of Bińkowski et al. 2018 in its unbiased form (Gretton et al.
    2012, equation 3) over the whole sets, not the mean over subsets: all pairs of two different
    images. Around 0 for equal distributions, so also slightly below.

    Args:
        features, real_features: [N, D] and [M, D].
        counts, real_counts: how often each image is in the set, int [N, R] and [M, R], for R
            resampled sets at once; once each by default.

    Returns:
        A float; float [R] with counts.
    """
    expect(2, features, real_features)
    if counts is None:
        once = (np.ones((len(part), 1)) for part in (features, real_features))
        return float(kernel_distance(features, real_features, *once)[0])
    within = _mean_kernel(features, features, counts, counts, same=True)
    real_within = _mean_kernel(real_features, real_features, real_counts, real_counts, same=True)
    between = _mean_kernel(features, real_features, counts, real_counts)
    return within + real_within - 2 * between


def precision(features, real_features, k=MANIFOLD_NEIGHBOURS):
    """Returns the fraction of samples that lie in the estimated manifold of the real images.

    That is the union of the `balls` around them (Kynkäänniemi et al. 2019, equations 1 and 2).
    """
    return float(np.mean(balls(features, real_features, k)[0] > 0))


def recall(features, real_features, k=MANIFOLD_NEIGHBOURS):
    """Returns the fraction of real images that lie in the estimated manifold of the samples."""
    return precision(real_features, features, k)


def density(features, real_features, k=DENSITY_NEIGHBOURS):
    """Returns in how many real balls a sample lies on average, over k; about 1 for real images.

    Naeem et al. 2020, section 3: 1/(kN) times the number of pairs of a sample and a ball it is in.
    A few outliers' wide balls do not carry it, as they do precision.
    """
    return float(np.mean(balls(features, real_features, k)[0]) / k)


def coverage(features, real_features, k=DENSITY_NEIGHBOURS):
    """Returns the fraction of real images whose ball holds a sample (Naeem et al. 2020, sec. 3)."""
    return float(np.mean(balls(features, real_features, k)[1] > 0))


def balls(points, centres, k):
    """Counts which points lie in the balls from each centre to its k-th nearest other centre.

    Args:
        points, centres: features [N, D] and [M, D], M > k.

    Returns:
        The number of balls each point is in, int [N], and of points in each ball, int [M].
    """
    expect(k + 1, centres)
    points, centres = np.asarray(points, np.float64), np.asarray(centres, np.float64)
    # The nearest of all centres is the centre itself, so the k-th other one has index k.
    radii = np.concatenate([np.partition(squares, k, axis=1)[:, k]
                            for squares in squared_distances(centres, centres)])
    around, held = [], np.zeros(len(centres), int)
    for squares in squared_distances(points, centres):
        inside = squares <= radii
        around.append(inside.sum(1))
        held += inside.sum(0)
    return np.concatenate(around), held


def classifier_score(probabilities):
    """Returns exp(E KL(p(y|x) | p(y))), the Inception score (Salimans et al. 2016, section 4).

    Args:
        probabilities: of the classes, [N, classes], over all samples at once.

    Returns:
        From 1 up to the number of classes: sure answers, evenly spread over the classes.
    """
    p = np.maximum(probabilities.astype(np.float64), 1e-12)
    return float(np.exp(np.mean(np.sum(p * (np.log(p) - np.log(p.mean(0))), axis=1))))


def confident_share(probabilities):
    """Returns the fraction of samples given a class with more than 0.9 probability."""
    return float(np.mean(probabilities.max(1) > _CONFIDENT))


def sample_diversity(features, real_features):
    """Returns the mean distance between two samples, as a fraction of that between two real images.

    0 when all samples are alike, 1 when they differ as much as real images do. Each image is
    compared with the next one alone.

    Args:
        features, real_features: [N, D] and [M, D], in random order.
    """
    expect(2, features, real_features)
    between, real_between = (np.linalg.norm(values - np.roll(values, 1, 0), axis=1).mean()
                             for values in (features, real_features))
    if real_between == 0:
        raise InputError("expected real images that differ")
    return float(between / real_between)


def class_shares(probabilities):
    """Returns the fraction of samples given to each class, float [classes]."""
    counts = np.bincount(probabilities.argmax(1), minlength=probabilities.shape[1])
    return counts / len(probabilities)


def classes_present(probabilities):
    """Returns how many classes have at least a tenth of their even part of the samples."""
    return float(np.sum(class_shares(probabilities) >= _PRESENT / probabilities.shape[1]))


def class_evenness(probabilities):
    """Returns the entropy of the class shares over its maximum: 1 if even, 0 for one class."""
    shares = class_shares(probabilities)
    shares = shares[shares > 0]
    return float(abs(np.sum(shares * np.log(shares))) / np.log(probabilities.shape[1]))


def rarest_class_share(probabilities):
    """Returns the smallest fraction that any class has; 0.1 is best of ten classes."""
    return float(class_shares(probabilities).min())


def _mean_kernel(x, y, x_counts, y_counts, same=False):
    """Returns the mean kernel over the pairs of each resampled set [R]; `same` skips i = i."""
    x, y = np.asarray(x, np.float64), np.asarray(y, np.float64)
    total = np.zeros(x_counts.shape[1])
    for rows in blocks(len(x)):
        base = x[rows] @ y.T / x.shape[1] + 1
        total += np.sum(x_counts[rows] * (base * base * base @ y_counts), axis=0)
    pairs = x_counts.sum(0) * y_counts.sum(0)
    if same:
        own = (np.sum(x * x, axis=1) / x.shape[1] + 1) ** 3
        total -= own @ x_counts
        pairs = pairs - x_counts.sum(0)
    return total / pairs


def squared_distances(x, y):
    """Yields the squared distances of blocks of rows [B, N] to rows [M, N], as [B, M].

    Rows of any type are computed with in that of `y`.
    """
    y_squares = np.einsum("nd,nd->n", y, y)
    for rows in blocks(len(x)):
        part = x[rows].astype(y.dtype)
        yield np.einsum("nd,nd->n", part, part)[:, None] + y_squares - 2 * (part @ y.T)


def expect(least, *sets):
    """Raises an InputError if one of some sets of images has fewer than `least`."""
    if (count := min(map(len, sets))) < least:
        raise InputError(f"expected at least {least} images on each side, got {count}")


def blocks(count):
    """Returns slices that cover `count` rows."""
    return [slice(first, first + _BLOCK) for first in range(0, count, _BLOCK)]
