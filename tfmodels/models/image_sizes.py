"""How networks fit images of any size: how often they halve the sides, and what that rounds up.

A network that halves and doubles works on sides which are multiples of a power of 2. Where an image
has others, a generator draws the next larger size and crops it, and a U-Net pads; a convolution
that only halves rounds up by itself.
"""

from keras import layers

from tfmodels.errors import InputError

# Of smaller images the last strided convolution of a discriminator would see one pixel: there
# TensorFlow 2.21's gradient in bfloat16 is what happens to be in memory.
LEAST = 8
_PLACES = 64  # pixels that remain, about: 8x8


def halvings(image_shape):
    """Returns how often both sides are halved until some 8x8 pixels remain, at least twice.

    2 up to 32x32 pixels, as Radford et al. 2016 would start 32x32 from 8x8, and one more for each
    fourfold number of pixels: 3 up to 64x64, 4 up to 128x128, 5 up to 256x256. Fewer of very long
    images, so that the shorter side could always be halved once more.

    Args:
        image_shape: (H, W, C).
    """
    height, width, _ = image_shape
    count = 2
    while (height * width > _PLACES * 4 ** count
           and min(height, width) >= 2 ** (count + 2)):
        count += 1
    return count


def channels(width, count):
    """Returns the channels at `count` resolutions, the highest first: doubled up to 8 width.

    Radford et al. 2016, figure 1: 128 channels at half resolution, 1,024 at a sixteenth.
    """
    return [width * min(2 ** depth, 8) for depth in range(count)]


def halved(image_shape, times):
    """Returns the height and width that remain of (H, W, C), rounded up at each halving."""
    return tuple(-(-side // 2 ** times) for side in image_shape[:2])


def shrinking(image_shape):
    """Returns the side of the square cells of pixels that dense networks see as one pixel.

    1 up to 64x64 pixels, 2 up to 128x128, 4 up to 256x256: what each unit of a first layer looks
    at stays below 64x64 pixels.
    """
    return 2 ** max(0, halvings(image_shape) - 3)


def padded(images, times):
    """Returns [B, H, W, C] with zeros around, so that both sides can be halved so many times."""
    larger = (side * 2 ** times for side in halved(images.shape[1:], times))
    borders = _borders(images.shape[1:3], larger)
    return layers.ZeroPadding2D(borders)(images) if any(map(any, borders)) else images


def cropped(images, image_shape):
    """Returns the middle of [B, H', W', C] that has the height and width of (H, W, C)."""
    borders = _borders(image_shape[:2], images.shape[1:3])
    dtype = images.dtype  # that of the last layer stays
    return layers.Cropping2D(borders, dtype=dtype)(images) if any(map(any, borders)) else images


def check_sides(image_shape):
    """Refuses images that are too small for a network that halves them.

    Raises:
        InputError: naming the nearest size that fits.
    """
    height, width, _ = image_shape
    if min(height, width) < LEAST:
        raise InputError(
            f"images of {height}x{width} pixels (height x width): expected sides of at least "
            f"{LEAST}; the nearest is {max(height, LEAST)}x{max(width, LEAST)}")


def _borders(smaller, larger):
    """Returns the pixels before and after along each axis that two sizes differ by."""
    return tuple(((large - small) // 2, (large - small + 1) // 2)
                 for small, large in zip(smaller, larger, strict=True))
