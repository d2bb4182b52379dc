"""The small digit classifier whose features all generative scores are measured in.

Distances between image sets compare only under one extractor, so this one ships with the package
and is named by its sha256 beside every figure. `python -m tfmodels.evaluation.extractor` trained
it, on the training split of the embedded mnist_10k alone.
"""

import functools
import hashlib
import pathlib
import typing

import keras
import numpy as np
import tensorflow as tf

FILE = pathlib.Path(__file__).parent / "files" / "digit_extractor.npz"
_BATCH = 500


def network():
    """Returns the classifier: uint8 [B, 28, 28, 1] -> features [B, 64], logits [B, 10], maps.

    The maps, [B, 7, 7, 64], are what the last convolution says of each place.
    """
    layers = keras.layers
    convolve = functools.partial(layers.Conv2D, kernel_size=3, padding="same", dtype="float32",
                                 activation="relu")
    images = keras.Input((28, 28, 1), dtype="uint8")
    x = layers.Rescaling(1 / 255, dtype="float32")(images)
    x = layers.MaxPooling2D(dtype="float32")(convolve(32)(x))  # [B, 14, 14, 32]
    maps = layers.MaxPooling2D(dtype="float32")(convolve(64)(x))  # [B, 7, 7, 64]
    x = layers.Dropout(0.3, seed=0, dtype="float32")(layers.Flatten(dtype="float32")(maps))
    features = layers.Dense(64, activation="relu", dtype="float32")(x)
    logits = layers.Dense(10, dtype="float32")(
        layers.Dropout(0.3, seed=1, dtype="float32")(features))
    return keras.Model(images, [features, logits, maps], name="digit_extractor")


class Seen(typing.NamedTuple):
    """What the extractor finds in N images.

    Attributes:
        features: of the layer below the classes, float32 [N, 64]: which digit, and how written.
        probabilities: of the ten digits, float32 [N, 10].
        texture: mean and standard deviation over all places of the last convolution's maps,
            float32 [N, 128]: how sharp and clean, wherever it is.
    """

    features: np.ndarray
    probabilities: np.ndarray
    texture: np.ndarray


class Extractor:
    """The shipped classifier, ready to use.

    Attributes:
        sha256: of its weights file, which identifies every figure measured with it.
    """

    def __init__(self):
        self.sha256 = hashlib.sha256(FILE.read_bytes()).hexdigest()
        model = network()
        with np.load(FILE, allow_pickle=False) as file:
            model.set_weights([file[name].astype(np.float32) for name in file.files])

        def apply(images):
            features, logits, maps = model(images, training=False)
            texture = tf.concat([tf.reduce_mean(maps, [1, 2]), tf.math.reduce_std(maps, [1, 2])], 1)
            return features, tf.nn.softmax(logits), texture
        self._apply = tf.function(apply, autograph=False, reduce_retracing=True)

    def __call__(self, images):
        """Returns what is `Seen` in images.

        Args:
            images: uint8 [N, H, W, C]; made grey and resized to 28x28 when they are not.
        """
        parts = [self._apply(_as_digits(images[first:first + _BATCH]))
                 for first in range(0, len(images), _BATCH)]
        return Seen(*(np.concatenate(arrays) for arrays in zip(*parts, strict=True)))


def _as_digits(images):
    """Returns uint8 [N, 28, 28, 1] of images of any size and channels."""
    if images.shape[-1] == 3:
        images = tf.image.rgb_to_grayscale(images)
    if images.shape[1:3] != (28, 28):
        images = tf.cast(tf.round(tf.image.resize(images, (28, 28), antialias=True)), tf.uint8)
    return images


def main():
    """Trains the extractor and writes its weights as float16."""
    from tfmodels.data.load import load

    keras.utils.set_random_seed(0)
    data = load("mnist_10k", needs=("image", "label"))
    train, validation, test = (data.splits[name].arrays()
                               for name in ("train", "validation", "test"))
    model = network()
    classifier = keras.Model(model.input, model.output[1])
    classifier.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True),
                       metrics=["accuracy"])
    classifier.fit(train["image"], train["label"], batch_size=64, epochs=12, verbose=2,
                   validation_data=(validation["image"], validation["label"]))
    FILE.parent.mkdir(exist_ok=True)
    np.savez_compressed(FILE, **{f"{index:02d}": weight.astype(np.float16)
                                 for index, weight in enumerate(model.get_weights())})
    extractor = Extractor()
    probabilities = extractor(test["image"]).probabilities
    print(f"test accuracy {np.mean(probabilities.argmax(1) == test['label']):.4f}, "
          f"above 0.9 confidence {np.mean(probabilities.max(1) > 0.9):.4f}, "
          f"sha256 {extractor.sha256}, {FILE.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
