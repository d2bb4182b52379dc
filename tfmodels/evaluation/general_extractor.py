"""Features of pictures of any kind, by filters that are drawn once and never trained.

What 32 random filters of 5x5 pixels answer on average and how unevenly, at each octave of size,
says which textures a picture has and how sparse they are; 4x4 pixels say where its colours are.
Brought to even spread over the training images, noise and blur lie far from all of them.
"""

import hashlib

import numpy as np
import tensorflow as tf

from tfmodels.data.parts import in_parts, part_size
from tfmodels.evaluation.extractor import UNSEEN, Seen, colours

_FILTERS, _SIDE = 32, 5
_LEAST = 8  # pixels of the shorter side at the coarsest octave
_PLACES = 32  # about so many on it, at the others, are looked at
_FITTED = 2000  # training images whose spread counts
_FEATURES = 64  # widest directions that distances between sets are measured in
_FLOORS = 1e-2, 3e-3  # of the features and of the points, in parts of the widest variance
_FAINT = 0.01  # of an answer
_BATCH = 500


def _filters():
    """Returns the filters, float32 [5, 5, 3, 32]: of mean 0, and of unit length."""
    drawn = np.random.default_rng(0).standard_normal((_SIDE, _SIDE, 3, _FILTERS))
    drawn -= drawn.mean((0, 1, 2))
    return (drawn / np.sqrt((drawn ** 2).sum((0, 1, 2)))).astype(np.float32)


class GeneralExtractor:
    """The filters, and the spread of their answers over the training images of a set.

    Args:
        train_images: uint8 [N, H, W, C], N > 0; up to 2,000 of those beyond the first half
            (or 5,000) count.

    Attributes:
        sha256: of the filters and of how their answers are used.
        name, about, unseen: as of `Extractor`.
    """

    name = "general features"
    about = "no classifier"

    def __init__(self, train_images):
        filters = _filters()
        settings = repr((_LEAST, _PLACES, _FEATURES, _FLOORS, _FAINT)).encode()
        self.sha256 = hashlib.sha256(filters.tobytes() + settings).hexdigest()
        spec = tf.TensorSpec([None, *train_images.shape[1:]], tf.uint8)
        self._apply = tf.function(lambda images: _answers(images, tf.constant(filters)),
                                  autograph=False, input_signature=[spec])
        self.unseen = min(UNSEEN, len(train_images) // 2)
        known = self._answered(train_images[self.unseen:][:_FITTED])
        self._mean, spread = known.mean(0), known.std(0)
        self._spread = np.maximum(spread, spread.max() / 100 or 1)
        variances, axes = np.linalg.eigh(np.cov(((known - self._mean) / self._spread).T))
        self._axes, self._variances = axes[:, ::-1], np.maximum(variances[::-1], 0)

    def __call__(self, images):
        """Returns what is `Seen` in images uint8 [N, H, W, C]; there are no probabilities."""
        turned = (self._answered(images) - self._mean) / self._spread @ self._axes
        features, texture = (
            (turned / np.sqrt(self._variances + floor * max(self._variances[0], 1e-9))).astype(
                np.float32) for floor in _FLOORS)
        return Seen(features[:, :_FEATURES], None, texture)

    @staticmethod
    def points(seen, _):
        """Returns where images lie for precision, recall, density and coverage, float [N, D]."""
        return seen.texture

    def _answered(self, images):
        size = part_size(_BATCH, images.shape[1:])
        return in_parts(lambda some: self._apply(tf.constant(some)), images, size).astype(float)


def _answers(images, filters):
    """Returns what filters answer on uint8 [N, H, W, C], float32 [N, D]."""
    images = tf.cast(colours(images), tf.float32) / 255
    if images.shape[-1] == 1:
        images = tf.repeat(images, 3, -1)
    found, (height, width) = [], images.shape[1:3]
    if min(height, width) < _LEAST:
        height, width = (max(side, _LEAST) for side in (height, width))
        images = tf.image.resize(images, (height, width))
    while True:
        stride = max(1, min(height, width) // _PLACES)  # so that every octave costs the same
        answers = tf.nn.relu(tf.nn.conv2d(images, filters, stride, "VALID"))
        mean = tf.reduce_mean(answers, [1, 2]) + _FAINT
        found += [tf.math.log(mean),
                  tf.math.log(tf.math.reduce_std(answers, [1, 2]) + _FAINT) - tf.math.log(mean)]
        height, width = height // 2, width // 2
        if min(height, width) < _LEAST:
            colour = tf.image.resize(images, (4, 4), antialias=True)
            return tf.concat([*found, tf.reshape(colour, [-1, 48])], 1)
        images = tf.nn.avg_pool2d(images, 2, 2, "VALID")
