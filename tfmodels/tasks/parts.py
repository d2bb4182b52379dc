"""Images through a network in parts, since hundreds of large ones at once take gigabytes."""

import math

import numpy as np

_PIXELS = 1 << 22  # of all images of a part; a layer of 64 channels is 1 GB then


def part_size(most, image_shape):
    """Returns how many images [H, W, C] are computed at once: `most` of them, fewer if large."""
    return max(1, min(most, _PIXELS // math.prod(image_shape[:2])))


def in_parts(function, rows, size):
    """Returns what a function gives for `size` rows at a time, put together.

    Args:
        function: array [B, …] -> tensor or array [B, …].
        rows: array [N, …].
        size: B.
    """
    return np.concatenate([np.asarray(function(rows[first:first + size]))
                           for first in range(0, len(rows), size)])
