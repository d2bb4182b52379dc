"""By which extractor the pictures of a set are judged: distances compare under one alone.

Grey digits by the shipped classifier of digits; others by a classifier of their own classes where
they have labels and it learns to tell them apart, else by general features.
"""

import functools

import numpy as np

from tfmodels.evaluation import baselines
from tfmodels.evaluation.extractor import Extractor
from tfmodels.evaluation.general_extractor import GeneralExtractor
from tfmodels.evaluation.own_extractor import OwnExtractor
from tfmodels.progress import activity

_DIGITS = [str(digit) for digit in range(10)]
_SIDES = 64  # most pixels of a digit's
_VALIDATED = 2000  # most validation images from which a classifier's accuracy is known


@functools.cache
def digits():
    """Returns the shipped extractor, loaded once."""
    return Extractor()


def are_digits(class_names, image_shape):
    """Returns whether images are grey digits, as those of MNIST."""
    return (list(class_names) == _DIGITS and image_shape[-1] in (1, 2)
            and max(image_shape[:2]) <= _SIDES)


def of(data):
    """Returns the extractor of a data set, trained on its training split where it must be.

    Args:
        data: a `Dataset` with image, and with label where it has some.

    Returns:
        A callable: images uint8 [N, H, W, C] -> `Seen`, with `points(seen, real)`, `sha256`, `name`
        and `about`, how well it holds up.
    """
    if are_digits(data.class_names, data.image_shape):
        return digits()
    with activity.of("extractor of features"):
        known = baselines.first_examples(data.splits["train"])
        general = GeneralExtractor(known["image"])
        if "label" not in known or len(np.unique(known["label"])) < 2:
            return general
        held_out = data.splits["validation"].head(_VALIDATED)
        own = OwnExtractor(general, *((part["image"], part["label"])
                                      for part in (known, held_out)), len(data.class_names))
        return own if own.knows else general
