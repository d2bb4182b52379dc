"""The small digit classifier whose features the scores of generated digits are measured in.

Distances between image sets compare only under one extractor, so this one ships with the package
and is named by its sha256 beside every figure; other pictures have others, see `extractors`.
`python -m tfmodels.evaluation.extractor` trained it, on a part of the training split of the
embedded mnist_10k that is no part of the floor.
"""

import functools
import hashlib
import math
import pathlib
import typing

import keras
import numpy as np
import tensorflow as tf

from tfmodels.data.parts import parts

FILE = pathlib.Path(__file__).parent / "files" / "digit_extractor.npz"
UNSEEN = 5000  # first training images of mnist_10k, which it was not trained on: the floor
_BATCH = 500
_BATCH_PIXELS = 1 << 23  # numbers of images made grey and small at a time
_TRAINING_BATCH, _STEPS = 64, 5600  # 163 epochs; these and the augmentation by validation
_AUGMENTATION = {"shift": 3.0, "rotation": 15.0, "zoom": 0.15}


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
        probabilities: of the ten digits, float32 [N, 10]; None of other pictures.
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
        name: of what it is, in a sentence.
        about: how well it holds up.
        unseen: how many of the first training images it was not trained on.
    """

    unseen = UNSEEN
    name = "classifier of digits that ships with the package"
    about = "accuracy 0.986 on the 2,000 test digits of mnist_10k"

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
            images: uint8 [N, H, W, C], N > 0; made grey and resized to 28x28 when they are not.
        """
        batch = max(1, min(_BATCH, _BATCH_PIXELS // math.prod(images.shape[1:])))
        seen = [self._apply(_as_digits(some)) for _, some in parts(batch, images)]
        return Seen(*(np.concatenate(arrays) for arrays in zip(*seen, strict=True)))

    @staticmethod
    def points(seen, real):
        """Returns where images lie for precision, recall, density and coverage, float [N, 192].

        Features and texture, each number in units of its spread over the real images and both with
        the same weight. In the features alone noise and blur lie between the digits and pass for
        real ones: images of `pixel_gaussian` had a higher precision there than real digits.

        Args:
            seen, real: `Seen` in the images and in the real images of the data set.
        """
        parts = []
        for values, real_values in ((seen.features, real.features), (seen.texture, real.texture)):
            spread = real_values.std(0)
            # A number that hardly moves on real images keeps a unit, as do images all alike.
            scale = np.maximum(spread, spread.max() / 100 or 1)
            parts.append(values / scale / np.sqrt(values.shape[1]))
        return np.concatenate(parts, axis=1)


def colours(images):
    """Returns images [N, H, W, C] without their alpha, the second or fourth channel."""
    return images[..., :images.shape[-1] - (images.shape[-1] + 1) % 2]


def _as_digits(images):
    """Returns uint8 [N, 28, 28, 1] of images of any size, grey or RGB, without their alpha."""
    images = colours(images)
    if images.shape[-1] == 3:
        images = tf.image.rgb_to_grayscale(images)
    if images.shape[1:3] != (28, 28):
        images = tf.cast(tf.round(tf.image.resize(images, (28, 28), antialias=True)), tf.uint8)
    return images


def main():
    """Trains the extractor and writes its weights as float16."""
    from tfmodels.data.load import load
    from tfmodels.layers.augmentation import augment

    keras.utils.set_random_seed(0)
    data = load("mnist_10k", needs=("image", "label"))
    images, labels = (data.splits["train"].arrays()[key] for key in ("image", "label"))
    known = slice(UNSEEN, None)

    def moved(step, batch):
        return augment(batch[0], tf.stack([step, 0]), **_AUGMENTATION), batch[1]

    batches = tf.data.Dataset.from_tensor_slices((images[known], labels[known]))
    batches = batches.shuffle(len(images), seed=0).repeat().batch(_TRAINING_BATCH)
    batches = tf.data.Dataset.zip(tf.data.Dataset.counter(), batches).map(moved).prefetch(4)
    model = network()
    classifier = keras.Model(model.input, model.output[1])
    classifier.compile(keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(2e-3, _STEPS)),
                       keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    classifier.fit(batches, steps_per_epoch=_STEPS, epochs=1, verbose=2)
    FILE.parent.mkdir(exist_ok=True)
    np.savez_compressed(FILE, **{f"{index:02d}": weight.astype(np.float16)
                                 for index, weight in enumerate(model.get_weights())})
    extractor = Extractor()
    print(f"sha256 {extractor.sha256}, {FILE.stat().st_size:,} bytes")
    sets = {"trained on": (images[known], labels[known]), "floor": (images[:UNSEEN],
                                                                    labels[:UNSEEN])}
    for split in ("validation", "test"):
        arrays = data.splits[split].arrays()
        sets[split] = arrays["image"], arrays["label"]
    for name, (seen, truth) in sets.items():
        probabilities = extractor(seen).probabilities
        print(f"{name}: accuracy {np.mean(probabilities.argmax(1) == truth):.4f}, above 0.9 "
              f"confidence {np.mean(probabilities.max(1) > 0.9):.4f}")


if __name__ == "__main__":
    main()
