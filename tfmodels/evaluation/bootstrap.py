"""How far a metric could be off because it was measured on a sample of images."""

import numpy as np

from tfmodels.errors import InputError

_SEED = 0
_LEVELS = (0.025, 0.5, 0.975)


def interval(statistic, arrays, resamples):
    """Returns the 95% bootstrap interval of a statistic, [low, high].

    Args:
        statistic: (*arrays) -> float.
        arrays: each is resampled along its first axis, with replacement and on its own.
        resamples: how often.

    Returns:
        None where a resampled set, all of one image at worst, does not allow the statistic.
    """
    random = np.random.default_rng(_SEED)
    try:
        drawn = [statistic(*(array[random.integers(len(array), size=len(array))]
                             for array in arrays)) for _ in range(resamples)]
    except InputError:
        return None
    return around(statistic(*arrays), drawn)


def around(value, drawn):
    """Returns the 95% interval of a value from its resampled values, [low, high].

    The percentiles (Efron & Tibshirani 1993, chapter 13), moved so that their median is the value:
    a resampled set repeats images, which alone puts distances between sets up.
    """
    low, median, high = np.quantile(drawn, _LEVELS)
    return [float(value + low - median), float(value + high - median)]


def counts(size, resamples):
    """Returns how often each of `size` images is in each resampled set, float [size, resamples]."""
    random = np.random.default_rng(_SEED)
    return np.stack([np.bincount(random.integers(size, size=size), minlength=size)
                     for _ in range(resamples)], axis=1).astype(np.float64)
