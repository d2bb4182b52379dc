"""What the numbers of an array mean: pixels of 0 to 255, fractions, 16 bits; labels."""

import numpy as np

from tfmodels.errors import InputError

_ROWS = 1024  # that are looked at at a time


def to_pixels(array, name):
    """Returns the function that makes an image of an array uint8, and what is to be said of it.

    Args:
        array: images [N, H, W] or [N, H, W, C], of integers, booleans or fractions.
        name: of it, with its file, in messages.

    Raises:
        InputError: its finite values are neither in 0 to 1, nor whole numbers of 8 or 16 bits.
    """
    kind = array.dtype.kind
    if array.dtype == np.uint8:
        return np.ascontiguousarray, ""
    if kind == "b":
        return lambda image: image.astype(np.uint8) * 255, ""
    low, high, whole = _range(array)
    if kind == "f" and low >= 0 and high <= 1:
        return lambda image: np.round(image.astype(np.float32) * 255).astype(np.uint8), ""
    if whole and low >= 0 and high <= 255:
        return lambda image: image.astype(np.uint8), ""
    if whole and low >= 0 and high <= 65_535:
        return (lambda image: (image.astype(np.uint32) // 257).astype(np.uint8),
                "pixels of 16 bits are scaled from 0-65,535 to 0-255")
    raise InputError(f"{name} has {array.dtype} from {low:g} to {high:g}: expected fractions from "
                     "0 to 1, or whole numbers from 0 to 255 (of 16 bits from 0 to 65,535)")


def _range(array):
    """Returns the least and the largest finite value, and whether all of them are whole."""
    low, high, whole = np.inf, -np.inf, True
    for first in range(0, len(array), _ROWS):
        part = array[first:first + _ROWS]
        part = part[np.isfinite(part)]
        if part.size:
            low, high = min(low, part.min()), max(high, part.max())
            whole = whole and (part.dtype.kind != "f" or not np.mod(part, 1).any())
    return (float(low), float(high), bool(whole)) if low <= high else (0.0, 0.0, True)


def to_labels(array, name):
    """Returns labels [N] of an array [N], [N, 1] or of one-hot rows [N, classes].

    Raises:
        InputError: it has another shape, or rows that are not one-hot.
    """
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    elif array.ndim == 2 and array.dtype.kind in "buif" and (
            np.isin(array, (0, 1)).all() and (array.sum(1) == 1).all()):
        array = array.argmax(1)
    if array.ndim != 1:
        raise InputError(f"{name} has {array.dtype} {list(array.shape)}: expected labels [N], "
                         "[N, 1] or one-hot rows [N, classes]")
    return np.char.decode(array, "utf-8", "replace") if array.dtype.kind == "S" else array
