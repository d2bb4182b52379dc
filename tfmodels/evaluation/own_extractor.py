"""Features of a small classifier that is trained on the very pictures that are judged."""

import hashlib

import keras
import numpy as np
import tensorflow as tf

from tfmodels.data.parts import parts
from tfmodels.evaluation import pictures
from tfmodels.evaluation.extractor import Seen, colours

_SIDE = 32  # pixels that it sees of the longer side
_SEEN = 10_000  # most training images
_HALF = 32  # features of the classifier, and as many general ones beside them
_STEPS, _BATCH = 300, 64
_RATE = 2e-3
_KNOWS = 0.2  # of what guessing the commonest class leaves open, it must know as much
_AT_ONCE = 500


def _network(shape, classes):
    """Returns the classifier: float32 [B, H, W, C] in [-1, 1] -> features [B, 32], logits."""
    layers, he = keras.layers, keras.initializers.HeNormal

    def convolved(x, width, seed):
        return layers.Conv2D(width, 3, padding="same", activation="relu", dtype="float32",
                             kernel_initializer=he(seed))(x)
    images = keras.Input(shape, dtype="float32")
    x = layers.MaxPooling2D(padding="same", dtype="float32")(convolved(images, 32, 1))
    x = layers.MaxPooling2D(padding="same", dtype="float32")(convolved(x, 64, 2))
    x = layers.GlobalAveragePooling2D(dtype="float32")(convolved(x, 64, 3))
    features = layers.Dense(_HALF, activation="relu", kernel_initializer=he(4), dtype="float32")(x)
    return keras.Model(images, [features, layers.Dense(
        classes, kernel_initializer=he(5), dtype="float32")(features)])


class OwnExtractor:
    """A classifier of a set's own classes, and the general extractor for what it overlooks.

    The same training images give the same classifier, to the last bit on one machine: it draws
    from seeds of its own alone.

    Args:
        general: a `GeneralExtractor` of the set.
        train: (images uint8 [N, H, W, C], labels int [N]); up to 10,000 of those that are not
            `unseen` count.
        validation: the same, from which its accuracy is known.
        classes: number of classes.

    Attributes:
        sha256: of its weights and of the general extractor's.
        name, about, unseen: as of `Extractor`.
        knows: whether it tells the classes apart better than a guess, so that its features say
            something.
    """

    name = "classifier of the set's own classes"

    def __init__(self, general, train, validation, classes):
        self._general = general
        self.unseen = general.unseen
        seen = slice(self.unseen, self.unseen + _SEEN)
        images, labels = _small(train[0][seen]), train[1][seen]
        self._model = _network(images.shape[1:], classes)
        self._train(images, labels)
        digest = hashlib.sha256(general.sha256.encode())
        for weight in self._model.get_weights():
            digest.update(weight.tobytes())
        self.sha256 = digest.hexdigest()
        features = self._apply(images)[0]
        self._mean, self._scale = features.mean(0), max(float(features.std(0).max()), 1e-9)
        answers = self._apply(_small(validation[0]))[1].argmax(1)
        accuracy, counts = np.mean(answers == validation[1]), np.bincount(validation[1])
        guess = counts.max() / counts.sum()
        self.knows = bool(accuracy - guess > _KNOWS * (1 - guess))
        self.about = (f"accuracy {accuracy:.3f} on {len(answers):,} validation images, "
                      f"{guess:.3f} by guessing")

    def _train(self, images, labels):
        optimizer = keras.optimizers.Adam(_RATE)
        optimizer.build(self._model.trainable_variables)

        @tf.function(autograph=False, jit_compile=False)
        def step(some, truth):
            with tf.GradientTape() as tape:
                _, logits = self._model(_scaled(some), training=True)
                loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(truth, logits))
            variables = self._model.trainable_variables
            optimizer.apply(tape.gradient(loss, variables), variables)
        random = np.random.default_rng(0)
        for _ in range(_STEPS):
            chosen = random.integers(len(images), size=_BATCH)
            step(tf.constant(images[chosen]), tf.constant(labels[chosen]))

    def _apply(self, images):
        """Returns features and logits of small images."""
        found = [self._model(_scaled(tf.constant(some)), training=False)
                 for _, some in parts(_AT_ONCE, images)]
        return [np.concatenate(arrays) for arrays in zip(*found, strict=True)]

    def __call__(self, images):
        """Returns what is `Seen` in images uint8 [N, H, W, C]; there are no probabilities."""
        own = (self._apply(_small(images))[0] - self._mean) / self._scale
        general = self._general(images)
        features = np.concatenate([own, general.features[:, :_HALF]], axis=1)
        return Seen(features, None, general.texture)

    @staticmethod
    def points(seen, _):
        """As of `GeneralExtractor`: both parts, with about the same weight."""
        return np.concatenate([seen.features / np.sqrt(seen.features.shape[1]),
                               seen.texture / np.sqrt(seen.texture.shape[1])], axis=1)


def _scaled(images):
    """Returns uint8 images as float32 in [-1, 1]."""
    return tf.cast(images, tf.float32) / 127.5 - 1


def _small(images):
    """Returns the colours of uint8 [N, H, W, C] at no more than 32x32 pixels."""
    return colours(pictures.thumbnails(images, _SIDE))
