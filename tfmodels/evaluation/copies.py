"""Whether generated images are copies of training images, by their pixels."""

import numpy as np

from tfmodels.evaluation.pictures import thumbnails
from tfmodels.evaluation.sample_metrics import blocks, expect, squared_distances

_COLUMNS = 8000  # columns of a distance matrix of images that are held at a time
_SEARCHED = 32  # longest side at which the nearest training image is searched for


def nearest_distances(images, train_images, train_small=None):
    """Returns the distance of each image to the nearest training image, float [N].

    Euclidean over all pixels, in grey levels: 0 for a copy. Which one is nearest is told from
    `thumbnails` of at most 32x32 pixels, so that the distance is that of a near, not always of the
    nearest image where images are larger.

    Args:
        images, train_images: uint8 [N, H, W, C] and [M, H, W, C].
        train_small: `searched` of the latter, where it is there.
    """
    expect(1, images, train_images)
    small, train = searched(images), searched(train_images) if train_small is None else train_small
    nearest, least = np.zeros(len(small), int), np.full(len(small), np.inf)
    for first in range(0, len(train), _COLUMNS):
        known = train[first:first + _COLUMNS].astype(np.float32)
        for rows, squares in zip(blocks(len(small)), squared_distances(small, known),
                                 strict=True):
            found = squares.argmin(1)
            squares = np.take_along_axis(squares, found[:, None], 1)[:, 0]
            nearest[rows] = np.where(squares < least[rows], first + found, nearest[rows])
            least[rows] = np.minimum(squares, least[rows])
    # Squares of float32 lose what near copies differ in; those of the nearest pair are exact.
    return np.array([np.linalg.norm(image.astype(np.float64) - train_images[index])
                     for image, index in zip(images, nearest, strict=True)])


def searched(images):
    """Returns what a nearest image is searched in, uint8 [N, D], of images uint8 [N, H, W, C]."""
    return thumbnails(images, _SEARCHED).reshape(len(images), -1)


def nearest_train_ratio(distances, test_distances):
    """Returns the samples' median distance to the training set over that of real test images.

    Meehan et al. 2020 compare the same two distances. About 1 for new images, far below for copies;
    also below for blurred or simpler images, so read it beside the Fréchet distance.

    Args:
        distances, test_distances: of `nearest_distances`; below one grey level counts as one for
            the test images, so that copies among them leave the ratio finite.
    """
    return float(np.median(distances) / max(np.median(test_distances), 1.0))


def near_copy_share(distances, test_distances):
    """Returns the fraction of samples nearer to the training set than all but 1% of test images."""
    return float(np.mean(distances < np.quantile(test_distances, 0.01)))
