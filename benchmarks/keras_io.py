"""The other side: the same network, trained as the example of its kind on keras.io trains.

All of them, as there: float32, Keras' own `fit` with its defaults (a progress bar, no XLA on a
processor, the last batch of an epoch partial), arrays in NumPy that were scaled beforehand.

  dense, cnn    mnist_convnet.py: `x.astype("float32") / 255`, fit(x, y, batch_size)
  cnn           image_classification_from_scratch.py too: augmentation layers in `Dataset.map`,
                the option it recommends on a processor; ranges and border are those of ours
  transformer   text_classification_with_transformer.py: padded int32 tokens, fit(x, y, batch_size)
  autoencoder   autoencoder.py: fit(x, x, batch_size, shuffle=True)
  gan           dcgan_overriding_train_step.py: shuffle(1024).batch(), and its training step

The network is the page's own, with the same initial weights, loss and optimizer; only its first
layer, which scales uint8, is left out, for the input is scaled here.
"""

import contextlib
import io
import math

import keras
import numpy as np
import tensorflow as tf

from benchmarks.measure import Side, measured
from experiments import pages
from tfmodels.training import device


class KerasIo(Side):
    """A network and how `fit` is called on it.

    Args:
        name: of the experiment.
        settings: its Config.
    """

    def __init__(self, name, settings):
        device.set_up("float32", settings.seed)
        self.task = pages.load(name).build(settings)
        self.model, self._scored, self._data = _KINDS[name](self.task, settings.batch_size)
        self.settings = "float32"
        self._size = self.task.data.splits["train"].size
        self._batch_size = settings.batch_size

    def whole_epochs(self, steps):
        """Returns `steps`, rounded down to whole epochs if it is more than one."""
        epoch = math.ceil(self._size / self._batch_size)
        return steps if steps < epoch else steps // epoch * epoch

    def train(self, steps):
        """Trains `steps` steps, less than an epoch or whole epochs; returns their `Cost`."""
        epochs = steps // math.ceil(self._size / self._batch_size)
        length = {"epochs": epochs} if epochs else {"steps_per_epoch": steps}
        clock = _Clock(examples=epochs * self._size or steps * self._batch_size)
        with contextlib.redirect_stdout(io.StringIO()):
            self.model.fit(**self._data, **length, callbacks=[clock])
        return clock.cost

    def score(self):
        """Scores the weights in the page's own model."""
        trained, page = self._scored
        page.set_weights(trained.get_weights())
        return super().score()


class _Clock(keras.callbacks.Callback):
    """Times a `fit` from its first epoch to its last, without its start."""

    def __init__(self, examples):
        super().__init__()
        self._examples = examples
        self._block = None
        self.cost = None

    def on_train_begin(self, logs=None):
        self._block = measured(self._examples)
        self.cost = self._block.__enter__()

    def on_train_end(self, logs=None):
        self._block.__exit__(None, None, None)


def _dense(task, batch_size):
    images, labels = _images(task) / 255, _labels(task)
    model = _compiled(_scaled_beforehand(task.model), task.model, ["accuracy"])
    return model, (model, task.model), {"x": images, "y": labels, "batch_size": batch_size}


def _cnn(task, batch_size):
    model, scored, data = _dense(task, batch_size)
    height, width, _ = task.data.image_shape
    layers = [
        keras.layers.RandomTranslation(2 / height, 2 / width, fill_mode="constant"),
        keras.layers.RandomRotation(10 / 360, fill_mode="constant"),
        keras.layers.RandomZoom((-0.1, 0.1), fill_mode="constant")]

    def augment(images, labels):
        for layer in layers:
            images = layer(images, training=True)
        return images, labels

    dataset = tf.data.Dataset.from_tensor_slices((data["x"], data["y"]))
    dataset = dataset.shuffle(buffer_size=1024).batch(batch_size)
    dataset = dataset.map(augment, num_parallel_calls=tf.data.AUTOTUNE)
    return model, scored, {"x": dataset.prefetch(tf.data.AUTOTUNE)}


def _transformer(task, batch_size):
    tokenize, = task.tables
    texts = task.data.splits["train"].arrays()["text"]
    tokens = np.asarray(tokenize(tf.constant(texts.tolist()))).astype("int32")
    model = _compiled(task.model, task.model, ["accuracy"])
    return model, (model, model), {"x": tokens, "y": _labels(task), "batch_size": batch_size}


def _autoencoder(task, batch_size):
    images = _images(task) / 255
    model = _compiled(_scaled_beforehand(task.model), task.model, None)
    return model, (model, task.model), {"x": images, "y": images, "batch_size": batch_size}


def _gan(task, batch_size):
    model = Gan(task.model)
    dataset = tf.data.Dataset.from_tensor_slices(_images(task) / 127.5 - 1)
    dataset = dataset.shuffle(buffer_size=1024).batch(batch_size).prefetch(32)
    # The example draws from the generator itself, ours from an average of its weights.
    return model, (model.generator, task.model.averaged_generator), {"x": dataset}


_KINDS = {"dense": _dense, "cnn": _cnn, "transformer": _transformer, "autoencoder": _autoencoder,
          "gan": _gan}


def _images(task):
    """Returns the training images as float32 in [0, 255]."""
    return task.data.splits["train"].arrays()["image"].astype("float32")


def _labels(task):
    """Returns the training labels."""
    return task.data.splits["train"].arrays()["label"]


def _scaled_beforehand(model):
    """Returns the same network, weights too, for float32 images in [0, 1]."""
    def copy(layer):
        if isinstance(layer, keras.layers.Rescaling):
            return keras.layers.Identity(name=layer.name)
        return layer.__class__.from_config(layer.get_config())

    clone = keras.models.clone_model(model, input_tensors=keras.Input(model.input_shape[1:]),
                                     clone_function=copy)
    clone.set_weights(model.get_weights())
    return clone


def _compiled(model, like, metrics):
    """Returns `model` compiled with the loss and optimizer of `like`, the rest by default."""
    model.compile(optimizer=_fresh(like.optimizer), loss=like.loss, metrics=metrics)
    return model


def _fresh(optimizer):
    """Returns a new optimizer with the same settings."""
    return optimizer.__class__.from_config(optimizer.get_config())


class Gan(keras.Model):
    """The GAN of keras.io's example around the networks and optimizers of ours.

    Its networks have no batch normalization; these may, so `training=True` is passed, without
    which Keras 3 would use and never update the moving statistics.
    """

    def __init__(self, ours):
        super().__init__()
        self.generator, self.discriminator = ours.generator, ours.discriminator
        self.latent_size = ours.latent_size
        self.seed_generator = keras.random.SeedGenerator(0)
        self.compile(_fresh(ours.discriminator_optimizer), _fresh(ours.generator_optimizer),
                     keras.losses.BinaryCrossentropy(from_logits=True))
        self.built = True

    def compile(self, d_optimizer, g_optimizer, loss_fn):
        """Keeps both optimizers and the loss."""
        super().compile(optimizer=None)
        self.d_optimizer, self.g_optimizer, self.loss_fn = d_optimizer, g_optimizer, loss_fn
        self.d_loss_metric = keras.metrics.Mean(name="d_loss")
        self.g_loss_metric = keras.metrics.Mean(name="g_loss")

    @property
    def metrics(self):
        """The two running losses."""
        return [self.d_loss_metric, self.g_loss_metric]

    def train_step(self, real_images):
        """Updates the discriminator, then the generator on other noise."""
        count = tf.shape(real_images)[0]
        noise = keras.random.normal((count, self.latent_size), seed=self.seed_generator)
        images = tf.concat([self.generator(noise, training=True), real_images], 0)
        labels = tf.concat([tf.ones((count, 1)), tf.zeros((count, 1))], 0)  # 1 is fake
        labels += 0.05 * tf.random.uniform(tf.shape(labels))
        with tf.GradientTape() as tape:
            d_loss = self.loss_fn(labels, self.discriminator(images, training=True))
        weights = self.discriminator.trainable_weights
        self.d_optimizer.apply_gradients(
            zip(tape.gradient(d_loss, weights), weights, strict=True))

        noise = keras.random.normal((count, self.latent_size), seed=self.seed_generator)
        with tf.GradientTape() as tape:
            fakes = self.generator(noise, training=True)
            g_loss = self.loss_fn(tf.zeros((count, 1)), self.discriminator(fakes, training=True))
        weights = self.generator.trainable_weights
        self.g_optimizer.apply_gradients(
            zip(tape.gradient(g_loss, weights), weights, strict=True))

        self.d_loss_metric.update_state(d_loss)
        self.g_loss_metric.update_state(g_loss)
        return {"d_loss": self.d_loss_metric.result(), "g_loss": self.g_loss_metric.result()}
