"""Rows some at a time, since all at once would take gigabytes."""

import math

import numpy as np

_PIXELS = 1 << 22  # of all images of a part; a layer of 64 channels is 1 GB then


def parts(size, *rows):
    """Yields sequences of equal length some at a time.

    Args:
        size: how many of each at a time; the last may be fewer.
        rows: sequences of N.

    Yields:
        The number of the first, and a slice of each sequence.
    """
    for first in range(0, len(rows[0]), size):
        yield first, *(sequence[first:first + size] for sequence in rows)


def in_parts(function, rows, size):
    """Returns what a function gives for `size` rows at a time, put together.

    Args:
        function: array [B, …] -> tensor or array [B, …].
        rows: array [N, …].
        size: B.
    """
    return np.concatenate([np.asarray(function(some)) for _, some in parts(size, rows)])


def part_size(most, image_shape, weight=1):
    """Returns how many images [H, W, C] are computed at once: `most` of them, fewer if large.

    Args:
        weight: how many times the memory of an image in a plain network one of these takes.
    """
    return max(1, min(most, _PIXELS // (weight * math.prod(image_shape[:2]))))
