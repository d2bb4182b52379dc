"""The sizes of images that a network can take."""

import math

from tfmodels.errors import InputError


def check_sides(image_shape, multiple, least=1):
    """Refuses images whose height and width are not multiples of a number, or too small.

    Args:
        image_shape: (H, W, C).
        multiple: at least 1.
        least: smallest height and width.

    Raises:
        InputError: naming the nearest size that fits.
    """
    height, width, _ = image_shape
    fitting = [max(math.ceil(max(least, 1) / multiple), round(side / multiple)) * multiple
               for side in (height, width)]
    if fitting != [height, width]:
        raise InputError(f"images of {height}x{width} pixels (height x width): expected sides that "
                         f"are multiples of {multiple}, at least {max(least, multiple)}; the "
                         f"nearest is {fitting[0]}x{fitting[1]}")
