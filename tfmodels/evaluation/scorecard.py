"""Scores of generated images against real ones, in the features of the shipped extractor.

`scores` is quick, for validations during training; `scorecard` is everything, for the end.
"""

import functools

import numpy as np

from tfmodels.errors import InputError, attempt
from tfmodels.evaluation import bootstrap
from tfmodels.evaluation import sample_metrics as metrics
from tfmodels.evaluation.extractor import UNSEEN, Extractor

_DIGITS = [str(digit) for digit in range(10)]
_RESAMPLES = 200
_TEST_DISTANCES = 2000  # test images whose distance to the training set is measured
_FITTED = 2000  # training images that `pixel_gaussian` has the covariance of
_COLUMNS = 1 << 12  # numbers of an image that are drawn at a time


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
        `rarest_class_share` and `classes_present`; see sample_metrics. What so few images do not
        allow is left out.
    """
    seen, real = extractor()(images), extractor()(real_images)
    measured = {statistic.__name__: functools.partial(statistic, seen.features, real.features)
                for statistic in (metrics.frechet_distance, metrics.sample_diversity)}
    if list(class_names) == _DIGITS:
        measured |= {statistic.__name__: functools.partial(statistic, seen.probabilities)
                     for statistic in (metrics.confident_share, metrics.rarest_class_share,
                                       metrics.classes_present)}
    found = {name: _tried(name, compute, {}) for name, compute in measured.items()}
    return {name: float(value) for name, value in found.items() if value is not None}


def scorecard(images, real_images, train_images, class_names=(), resamples=_RESAMPLES, name=""):
    """Scores generated images by every metric of sample_metrics.

    Intervals resample samples and test images both; those of precision, recall, density and
    coverage resample which images count, with the balls as they are.

    Args:
        images: generated, uint8 [N, H, W, C].
        real_images: of the test split, uint8 [M, H, W, C].
        train_images: what the generator learned from, uint8 [T, H, W, C].
        class_names: of the data set; class metrics are given for digits only, as in `scores`.
        resamples: of the bootstrap; 0 for no intervals.
        name: of what is scored, in warnings.

    Returns:
        {"metrics": {name: float}, "intervals": {name: [low, high]} of 95%, "samples": N,
        "extractor": its sha256, "errors": {name: why it is left out}}. A metric that so few images
        do not allow, or that fails, costs no other; an interval neither.
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
        return (metrics.nearest_distances(images, train_images),
                metrics.nearest_distances(real_images[:_TEST_DISTANCES], train_images))

    seen, real = extractor()(images), extractor()(real_images)
    points, real_points = manifold_points(seen, real), manifold_points(real, real)
    functions = {
        "frechet_distance": lambda: measured(
            metrics.frechet_distance, seen.features, real.features),
        "sample_diversity": lambda: measured(
            metrics.sample_diversity, seen.features, real.features),
        "kernel_distance": kernel_distance,
        "precision": lambda: share_inside(points, real_points),
        "recall": lambda: share_inside(real_points, points),
        "density": lambda: measured(np.mean, density_balls()[0] / metrics.DENSITY_NEIGHBOURS),
        "coverage": lambda: measured(np.mean, density_balls()[1] > 0),
        "nearest_train_ratio": lambda: measured(metrics.nearest_train_ratio, *distances()),
        "near_copy_share": lambda: measured(metrics.near_copy_share, *distances())}
    if list(class_names) == _DIGITS:
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
    return {"metrics": values, "intervals": intervals, "samples": len(images),
            "extractor": extractor().sha256, "errors": errors}


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
        # A number that hardly moves on real images keeps a unit, as do images all alike.
        scale = np.maximum(spread, spread.max() / 100 or 1)
        parts.append(values / scale / np.sqrt(values.shape[1]))
    return np.concatenate(parts, axis=1)


def baselines(count, real_images, train_images, class_names=()):
    """Returns what computes the metrics of what stands beside `count` generated images.

    Args:
        count: samples; a baseline has as many images, since distances depend on their number.
        real_images, train_images, class_names: as for `scorecard`.

    Returns:
        {"real_images": …, "pixel_gaussian": …}, functions of no arguments that return metrics,
        and as "errors" {name: why} of those that so few images do not allow. The first is the
        floor: training images in the place of samples, the first of them and at most three
        quarters, with the others as the training set. There are no more than `UNSEEN`, so that on
        mnist_10k the extractor was trained on none of them.
    """
    first = min(count, UNSEEN, len(train_images) * 3 // 4)

    def score(images, known, name):
        card = scorecard(images, real_images, known, class_names, resamples=0, name=name)
        return card["metrics"] | ({"errors": card["errors"]} if card["errors"] else {})

    def floor():
        if not first:
            raise InputError(f"needs 2 training images, there are {len(train_images)}")
        return score(train_images[:first], train_images[first:], "real_images")

    def gaussian():
        return score(pixel_gaussian(train_images, count), train_images, "pixel_gaussian")
    return {"real_images": floor, "pixel_gaussian": gaussian}


def pixel_gaussian(train_images, count, seed=0):
    """Returns images drawn from one Gaussian fitted to all pixels: the generative baseline.

    A sum of the centred training images x_i with normal weights, Σ z_i x_i / √n, has their
    covariance exactly, which is never computed: time and memory are linear in the pixels.

    Args:
        train_images: uint8 [N, H, W, C]; the first 2,000 of them count.
        count: how many to draw.

    Returns:
        uint8 [count, H, W, C].
    """
    known = train_images[:_FITTED].reshape(len(train_images[:_FITTED]), -1)
    noise = np.random.default_rng(seed).standard_normal((count, len(known)), np.float32)
    noise /= np.sqrt(len(known))
    drawn = np.empty((count, known.shape[1]), np.uint8)
    for first in range(0, known.shape[1], _COLUMNS):
        columns = slice(first, first + _COLUMNS)
        part = known[:, columns].astype(np.float32)
        mean = part.mean(0)
        drawn[:, columns] = np.clip(np.round(mean + noise @ (part - mean)), 0, 255)
    return drawn.reshape(count, *train_images.shape[1:])
