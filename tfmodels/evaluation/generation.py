"""Scores of generated images against real ones, in the features of the shipped extractor.

`scores` is quick, for validations during training; `scorecard` is everything, for the end.
"""

import functools

import numpy as np

from tfmodels.evaluation import bootstrap
from tfmodels.evaluation import sample_metrics as metrics
from tfmodels.evaluation.extractor import Extractor

_DIGITS = [str(digit) for digit in range(10)]
_RESAMPLES = 200
_TEST_DISTANCES = 2000  # test images whose distance to the training set is measured


@functools.cache
def extractor():
    """Returns the shipped extractor, loaded once."""
    return Extractor()


def scores(images, real_images, class_names=()):
    """Scores generated images by the quick metrics alone, without intervals.

    Args:
        images, real_images: uint8 [N, H, W, C].
        class_names: of the real images' data set; only for digits the classifier's answers mean
            anything, so only for them class metrics are given.

    Returns:
        `frechet_distance` and `sample_diversity`; for digits also `confident_share`,
        `rarest_class_share` and `classes_present`; see sample_metrics.
    """
    seen, real = extractor()(images), extractor()(real_images)
    found = {"frechet_distance": metrics.frechet_distance(seen.features, real.features),
             "sample_diversity": metrics.sample_diversity(seen.features, real.features)}
    if list(class_names) == _DIGITS:
        for statistic in (metrics.confident_share, metrics.rarest_class_share,
                          metrics.classes_present):
            found[statistic.__name__] = float(statistic(seen.probabilities))
    return found


def scorecard(images, real_images, train_images, class_names=(), resamples=_RESAMPLES):
    """Scores generated images by every metric of sample_metrics.

    Intervals resample samples and test images both; those of precision, recall, density and
    coverage resample which images count, with the balls as they are.

    Args:
        images: generated, uint8 [N, H, W, C].
        real_images: of the test split, uint8 [M, H, W, C].
        train_images: what the generator learned from, uint8 [T, H, W, C].
        class_names: of the data set; class metrics are given for digits only, as in `scores`.
        resamples: of the bootstrap; 0 for no intervals.

    Returns:
        {"metrics": {name: float}, "intervals": {name: [low, high]} of 95%, "samples": N,
        "extractor": its sha256}.
    """
    values, intervals = {}, {}

    def measure(name, statistic, *arrays):
        values[name] = float(statistic(*arrays))
        if resamples:
            intervals[name] = bootstrap.interval(statistic, arrays, resamples)

    seen, real = extractor()(images), extractor()(real_images)
    measure("frechet_distance", metrics.frechet_distance, seen.features, real.features)
    measure("sample_diversity", metrics.sample_diversity, seen.features, real.features)
    values["kernel_distance"] = metrics.kernel_distance(seen.features, real.features)
    if resamples:
        drawn = metrics.kernel_distance(seen.features, real.features,
                                        bootstrap.counts(len(images), resamples),
                                        bootstrap.counts(len(real_images), resamples))
        intervals["kernel_distance"] = bootstrap.around(values["kernel_distance"], drawn)
    points, real_points = manifold_points(seen, real), manifold_points(real, real)
    k = metrics.MANIFOLD_NEIGHBOURS
    measure("precision", np.mean, metrics.balls(points, real_points, k)[0] > 0)
    measure("recall", np.mean, metrics.balls(real_points, points, k)[0] > 0)
    k = metrics.DENSITY_NEIGHBOURS
    around, held = metrics.balls(points, real_points, k)
    measure("density", np.mean, around / k)
    measure("coverage", np.mean, held > 0)
    distances = metrics.nearest_distances(images, train_images)
    test_distances = metrics.nearest_distances(real_images[:_TEST_DISTANCES], train_images)
    measure("nearest_train_ratio", metrics.nearest_train_ratio, distances, test_distances)
    measure("near_copy_share", metrics.near_copy_share, distances, test_distances)
    if list(class_names) == _DIGITS:
        for statistic in (metrics.classifier_score, metrics.confident_share,
                          metrics.classes_present, metrics.class_evenness,
                          metrics.rarest_class_share):
            measure(statistic.__name__, statistic, seen.probabilities)
    return {"metrics": values, "intervals": intervals, "samples": len(images),
            "extractor": extractor().sha256}


def manifold_points(seen, real):
    """Returns where images lie for precision, recall, density and coverage, float [N, 192].

    Features and texture, each number in units of its spread over the real images and both with
    the same weight. In the features alone noise and blur lie between the digits and pass for
    real ones: images of `pixel_gaussian` had a higher precision there than real digits.

    Args:
        seen, real: `Seen` in the images and in the real images of the data set.
    """
    parts = []
    for values, real_values in ((seen.features, real.features), (seen.texture, real.texture)):
        spread = real_values.std(0)
        scale = np.maximum(spread, spread.max() / 100)  # a unit that is silent on real images
        parts.append(values / scale / np.sqrt(values.shape[1]))
    return np.concatenate(parts, axis=1)


def baselines(count, real_images, train_images, class_names=()):
    """Returns what computes the metrics of what stands beside `count` generated images.

    Args:
        count: samples; a baseline has as many images, since distances depend on their number.
        real_images, train_images, class_names: as for `scorecard`.

    Returns:
        {"real_images": …, "pixel_gaussian": …}, functions of no arguments. The first is the
        floor: training images in the place of samples, at most three quarters of them, with the
        others as the training set.
    """
    first = min(count, len(train_images) * 3 // 4)

    def score(images, known):
        return scorecard(images, real_images, known, class_names, resamples=0)["metrics"]
    return {"real_images": lambda: score(train_images[:first], train_images[first:]),
            "pixel_gaussian": lambda: score(pixel_gaussian(train_images, count), train_images)}


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
