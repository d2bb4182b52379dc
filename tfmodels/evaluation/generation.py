"""Scores of generated images against real ones, in the features of the shipped extractor."""

import functools

import numpy as np
import scipy.linalg

from tfmodels.evaluation.extractor import Extractor

_CONFIDENT = 0.9
_DIGITS = [str(digit) for digit in range(10)]


@functools.cache
def extractor():
    """Returns the shipped extractor, loaded once."""
    return Extractor()


def scores(images, real_images, class_names=()):
    """Scores generated images.

    Args:
        images, real_images: uint8 [N, H, W, C].
        class_names: of the real images' data set; only for digits the classifier's answers mean
            anything, so only for them the last two scores are given.

    Returns:
        `frechet_distance` (0 for equal feature distributions); for digits also `confident_share`,
        the share given a class with more than 0.9 probability, and `rarest_class_share`, the
        smallest share that any of the ten classes has (0.1 at best).
    """
    features, probabilities = extractor()(images)
    found = {"frechet_distance": frechet_distance(features, extractor()(real_images)[0])}
    if list(class_names) == _DIGITS:
        counts = np.bincount(probabilities.argmax(1), minlength=10)
        found["confident_share"] = float(np.mean(probabilities.max(1) > _CONFIDENT))
        found["rarest_class_share"] = float(counts.min() / len(images))
    return found


def frechet_distance(features, real_features):
    """Returns the squared Fréchet distance of two Gaussians fitted to features [N, D].

    |m1 - m2|² + tr(C1 + C2 - 2 (C1 C2)^½), Heusel et al. 2017, section 3 (equation 6).
    """
    mean, real_mean = features.mean(0), real_features.mean(0)
    covariance = np.cov(features, rowvar=False).astype(np.float64)
    real_covariance = np.cov(real_features, rowvar=False).astype(np.float64)
    # (C1 C2)^½ has the eigenvalues' roots; those of a product of covariances are real and >= 0.
    eigenvalues = scipy.linalg.eigvals(covariance @ real_covariance).real
    root_trace = np.sqrt(np.maximum(eigenvalues, 0)).sum()
    return float(np.sum((mean - real_mean) ** 2.0) + np.trace(covariance + real_covariance)
                 - 2 * root_trace)


def pixel_gaussian(train_images, count, seed=0):
    """Returns images drawn from one Gaussian fitted to all pixels: the generative baseline.

    Args:
        train_images: uint8 [N, H, W, C].
        count: how many to draw.

    Returns:
        uint8 [count, H, W, C].
    """
    flat = train_images.reshape(len(train_images), -1).astype(np.float64)
    random = np.random.default_rng(seed)
    centred = flat - flat.mean(0)
    values, vectors = np.linalg.eigh(centred.T @ centred / len(flat))
    noise = random.standard_normal((count, len(values))) * np.sqrt(np.maximum(values, 0))
    drawn = flat.mean(0) + noise @ vectors.T
    return np.clip(np.round(drawn), 0, 255).astype(np.uint8).reshape(count, *train_images.shape[1:])
