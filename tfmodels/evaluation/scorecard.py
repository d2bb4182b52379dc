"""Scores of generated images against real ones, in the features of an extractor, see `extractors`.

`scores` is quick, for validations during training; `scorecard` is everything, for the end.
"""

import functools

import numpy as np

from tfmodels.errors import InputError, attempt
from tfmodels.evaluation import bootstrap
from tfmodels.evaluation import copies as copying
from tfmodels.evaluation import sample_metrics as metrics

_RESAMPLES = 200
_TEST_DISTANCES = 2000  # test images whose distance to the training set is measured
_FITTED = 2000  # training images that `pixel_gaussian` has the covariance of
_WORK = 10**11  # or so many that drawing takes fewer products than that
_COLUMNS = 1 << 12  # numbers of an image that are drawn at a time


def scores(images, real_images, by):
    """Scores generated images by the quick metrics alone, without intervals.

    Args:
        images, real_images: uint8 [N, H, W, C].
        by: the extractor, see `extractors.of`; class metrics are given by that of digits alone.

    Returns:
        `frechet_distance` and `sample_diversity`; for digits also `confident_share`,
        `rarest_class_share` and `classes_present`; see sample_metrics. What so few images do not
        allow is left out.
    """
    seen, real = by(images), by(real_images)
    measured = {statistic.__name__: functools.partial(statistic, seen.features, real.features)
                for statistic in (metrics.frechet_distance, metrics.sample_diversity)}
    if seen.probabilities is not None:
        measured |= {statistic.__name__: functools.partial(statistic, seen.probabilities)
                     for statistic in (metrics.confident_share, metrics.rarest_class_share,
                                       metrics.classes_present)}
    found = {name: _tried(name, compute, {}) for name, compute in measured.items()}
    return {name: float(value) for name, value in found.items() if value is not None}


def scorecard(images, real_images, train_images, by, resamples=_RESAMPLES, name=""):
    """Scores generated images by every metric of sample_metrics.

    Intervals resample samples and test images both; those of precision, recall, density and
    coverage resample which images count, with the balls as they are.

    Args:
        images: generated, uint8 [N, H, W, C].
        real_images: of the test split, uint8 [M, H, W, C].
        train_images: what the generator learned from, uint8 [T, H, W, C]; None where nobody asks
            for copies.
        by: the extractor, as of `scores`.
        resamples: of the bootstrap; 0 for no intervals.
        name: of what is scored, in warnings.

    Returns:
        {"metrics": {name: float}, "copies": {name: float}, "intervals": {name: [low, high]} of 95%,
        "samples": N, "extractor": its sha256, "errors": {name: why it is left out}}. A metric that
        so few images do not allow, or that fails, costs no other; an interval neither. Of digits
        the two metrics of copies stand among the others, where they always stood.
    """
    def measured(statistic, *arrays):
        return statistic(*arrays), resamples and bootstrap.interval(statistic, arrays, resamples)

    def kernel_distance():
        value = metrics.kernel_distance(seen.features, real.features)
        return value, resamples and bootstrap.around(value, metrics.kernel_distance(
            seen.features, real.features, bootstrap.counts(len(images), resamples),
            bootstrap.counts(len(real_images), resamples)))

    def share_inside(points, centres):
        return measured(np.mean, metrics.balls(points, centres, metrics.MANIFOLD_NEIGHBOURS)[0] > 0)

    @functools.cache
    def density_balls():
        return metrics.balls(points, real_points, metrics.DENSITY_NEIGHBOURS)

    @functools.cache
    def distances():
        small = copying.searched(train_images)
        return tuple(copying.nearest_distances(some, train_images, small)
                     for some in (images, real_images[:_TEST_DISTANCES]))

    seen, real = by(images), by(real_images)
    points, real_points = by.points(seen, real), by.points(real, real)
    functions = {
        "frechet_distance": lambda: measured(
            metrics.frechet_distance, seen.features, real.features),
        "sample_diversity": lambda: measured(
            metrics.sample_diversity, seen.features, real.features),
        "kernel_distance": kernel_distance,
        "precision": lambda: share_inside(points, real_points),
        "recall": lambda: share_inside(real_points, points),
        "density": lambda: measured(np.mean, density_balls()[0] / metrics.DENSITY_NEIGHBOURS),
        "coverage": lambda: measured(np.mean, density_balls()[1] > 0)}
    copies = {} if train_images is None else {
        "nearest_train_ratio": lambda: measured(copying.nearest_train_ratio, *distances()),
        "near_copy_share": lambda: measured(copying.near_copy_share, *distances())}
    functions |= copies
    if seen.probabilities is not None:
        copies = {}
        functions |= {statistic.__name__: functools.partial(measured, statistic, seen.probabilities)
                      for statistic in (metrics.classifier_score, metrics.confident_share,
                                        metrics.classes_present, metrics.class_evenness,
                                        metrics.rarest_class_share)}
    errors, values, intervals = {}, {}, {}
    for metric, compute in functions.items():
        found = _tried(metric, compute, errors, name)
        if found is None:
            continue
        values[metric] = float(found[0])
        if found[1]:
            intervals[metric] = found[1]
        elif resamples:
            errors[f"{metric} interval"] = "too few images to resample"
    return {"metrics": {name: value for name, value in values.items() if name not in copies},
            "copies": {name: values[name] for name in copies if name in values},
            "intervals": intervals, "samples": len(images), "extractor": by.sha256,
            "errors": errors}


def _tried(metric, compute, errors, name=""):
    """Returns what a metric is, or None; of too few images only `errors` tells, without a warning.

    Args:
        metric: its name.
        compute: function of no arguments.
        errors: dict, told why it failed.
        name: of what is scored.
    """
    def expecting_few():
        try:
            return compute()
        except InputError as few:
            errors[metric] = str(few)
            return None
    return attempt(f"{name} {metric}".strip(), expecting_few, errors)


def pixel_gaussian(train_images, count, seed=0):
    """Returns images drawn from one Gaussian fitted to all pixels: the generative baseline.

    A sum of the centred training images x_i with normal weights, Σ z_i x_i / √n, has their
    covariance exactly, which is never computed: time and memory are linear in the pixels.

    Args:
        train_images: uint8 [N, H, W, C]; the first 2,000 of them count, fewer of large ones.
        count: how many to draw.

    Returns:
        uint8 [count, H, W, C].
    """
    fitted = max(2, min(_FITTED, len(train_images), _WORK // (count * train_images[0].size)))
    known = train_images[:fitted].reshape(len(train_images[:fitted]), -1)
    noise = np.random.default_rng(seed).standard_normal((count, len(known)), np.float32)
    noise /= np.sqrt(len(known))
    drawn = np.empty((count, known.shape[1]), np.uint8)
    for first in range(0, known.shape[1], _COLUMNS):
        columns = slice(first, first + _COLUMNS)
        part = known[:, columns].astype(np.float32)
        mean = part.mean(0)
        drawn[:, columns] = np.clip(np.round(mean + noise @ (part - mean)), 0, 255)
    return drawn.reshape(count, *train_images.shape[1:])
