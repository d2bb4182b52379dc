"""What `benchmarks.generators` compares `gan` with: two small GANs as tutorials teach them.

Both train by the step of keras.io's examples, `keras_io_gan.Gan`, in float32 by Keras' `fit`.
"""

import time
import typing

import keras
import tensorflow as tf
from keras import layers

from benchmarks.peers.keras_io_gan import Gan
from benchmarks.speed.measure import measured


class Recipe(typing.NamedTuple):
    """A GAN ready to train.

    Attributes:
        model: compiled `Gan`.
        batch_size: examples in a step.
        low: value of a black pixel, 0 or -1; that of a white one is 1.
    """

    model: Gan
    batch_size: int
    low: float

    def decode(self, noise):
        """Maps noise [B, L] to images [B, H, W, C] in [-1, 1]."""
        images = self.model.generator(noise, training=False)
        return (images - self.low) / (1 - self.low) * 2 - 1


def plain_dcgan(image_shape):
    """A plain small DCGAN (Radford et al. 2016, arXiv:1511.06434).

    A dense layer to quarter resolution and two transposed convolutions, of 32 channels and of the
    image's, with batch normalization; the discriminator mirrors it with LeakyReLU and dropout.
    One-sided label smoothing: Salimans et al. 2016, arXiv:1606.03498, section 3.4.

    Args:
        image_shape: (H, W, C); H and W are multiples of 4.
    """
    height, width, channels = image_shape[0] // 4, image_shape[1] // 4, image_shape[2]
    strided = dict(kernel_size=5, strides=2, padding="same")
    generator = keras.Sequential([
        keras.Input((100,)),
        layers.Dense(height * width * 64, use_bias=False),
        layers.BatchNormalization(),
        layers.ReLU(),
        layers.Reshape((height, width, 64)),
        layers.Conv2DTranspose(32, use_bias=False, **strided),
        layers.BatchNormalization(),
        layers.ReLU(),
        layers.Conv2DTranspose(channels, activation="tanh", **strided)])
    discriminator = keras.Sequential([
        keras.Input(image_shape),
        layers.Conv2D(32, **strided),
        layers.LeakyReLU(0.2),
        layers.Dropout(0.3),
        layers.Conv2D(64, **strided),
        layers.LeakyReLU(0.2),
        layers.Dropout(0.3),
        layers.Flatten(),
        layers.Dense(1)])
    return _recipe(discriminator, generator, batch_size=128, low=-1.0, beta_1=0.5, real_target=0.1)


def conditional_gan(image_shape):
    """The networks and settings of keras.io's conditional_gan.py, without the labels.

    Args:
        image_shape: (H, W, C); H and W are multiples of 4.
    """
    height, width, channels = image_shape[0] // 4, image_shape[1] // 4, image_shape[2]
    up = dict(kernel_size=4, strides=2, padding="same")
    generator = keras.Sequential([
        keras.Input((128,)),
        layers.Dense(height * width * 128),
        layers.LeakyReLU(0.2),
        layers.Reshape((height, width, 128)),
        layers.Conv2DTranspose(128, **up),
        layers.LeakyReLU(0.2),
        layers.Conv2DTranspose(128, **up),
        layers.LeakyReLU(0.2),
        layers.Conv2D(channels, 7, padding="same", activation="sigmoid")])
    discriminator = keras.Sequential([
        keras.Input(image_shape),
        layers.Conv2D(64, 3, 2, "same"),
        layers.LeakyReLU(0.2),
        layers.Conv2D(128, 3, 2, "same"),
        layers.LeakyReLU(0.2),
        layers.GlobalMaxPooling2D(),
        layers.Dense(1)])
    return _recipe(discriminator, generator, batch_size=64, low=0.0, beta_1=0.9, real_target=0.0)


def _recipe(discriminator, generator, batch_size, low, beta_1, real_target):
    model = Gan(discriminator, generator, generator.input_shape[-1], real_target, target_noise=0.0)
    model.compile(keras.optimizers.Adam(3e-4, beta_1), keras.optimizers.Adam(3e-4, beta_1),
                  keras.losses.BinaryCrossentropy(from_logits=True))
    return Recipe(model, batch_size, low)


def train(recipe, images, seconds):
    """Trains a recipe by `fit` for some time on the clock.

    Args:
        recipe: made by one of the functions above.
        images: uint8 [N, H, W, C].
        seconds: after which it stops; they begin after the first step, which traces.

    Returns:
        The `Cost`, without the first step's.
    """
    # A black pixel is `low`, a white one 1.
    scaled = images.astype("float32") / 255 * (1 - recipe.low) + recipe.low
    dataset = tf.data.Dataset.from_tensor_slices(scaled).shuffle(buffer_size=1024)
    limit = _Limit(seconds, recipe.batch_size)
    dataset = dataset.batch(recipe.batch_size, drop_remainder=True).prefetch(tf.data.AUTOTUNE)
    recipe.model.fit(dataset, epochs=10**6, shuffle=False, verbose=0, callbacks=[limit])
    return limit.cost


class _Limit(keras.callbacks.Callback):
    """Stops a `fit` some seconds after its first step, and times it from there."""

    def __init__(self, seconds, batch_size):
        super().__init__()
        self._seconds, self._batch_size = seconds, batch_size
        self._block = self._end = self.cost = None

    def on_train_batch_end(self, batch, logs=None):
        if self.cost is None:
            self._end = time.monotonic() + self._seconds
            self._block = measured(0)
            self.cost = self._block.__enter__()
            return
        self.cost.examples += self._batch_size
        if time.monotonic() > self._end:
            self.model.stop_training = True

    def on_train_end(self, logs=None):
        self._block.__exit__(None, None, None)
