"""How many images a score looks at: all that are wanted, of large ones as many as it can afford.

The effort of an image is its pixels times the passes of a network that it takes. It is counted and
never timed, so that a score looks at the same images on each machine. Images of up to 32x32 pixels
are not bounded, so that their scores compare with those of any time.
"""

import math

_SMALL = 32 * 32  # pixels
FEWEST = 100  # of fewer a distance says little, and it cannot be told whether classes are missing

SAMPLED = 1 << 28  # of the final scores: 5,000 samples of 32x32 pixels, each of 50 passes
VALIDATED = 1 << 27  # of a validation: 2,000 such samples
SHOWN = 1 << 24  # of a picture: 320 such samples
BOUNDED = 1 << 29  # of likelihoods: 10,000 images of 32x32 pixels, each of 51 passes


def affordable(wanted, image_shape, passes, effort, fewest=FEWEST):
    """Returns how many images are drawn or scored.

    Args:
        wanted: most of them, and all of up to 32x32 pixels.
        image_shape: (H, W, C).
        passes: of the network that each image takes.
        effort: for all of them, such as `SAMPLED`.
        fewest: as many in any case, if so many are wanted.
    """
    pixels = math.prod(image_shape[:2])
    if pixels <= _SMALL:
        return wanted
    return min(wanted, max(fewest, effort // (pixels * passes)))


def note(count, wanted, image_shape, passes, what):
    """Returns a sentence about images that were not afforded, in a list; [] if all were.

    Args:
        count, wanted, image_shape, passes: of `affordable`.
        what: they are, with the verb, such as `samples were scored`.
    """
    height, width = image_shape[:2]
    return [] if count >= wanted else [
        f"{count:,} of {wanted:,} {what}, since one of {height}x{width} pixels takes "
        f"{passes:,} {'passes' if passes > 1 else 'pass'} of the network"]
