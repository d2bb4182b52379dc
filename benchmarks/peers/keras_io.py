"""The other side: the same network, trained as the example of its kind on keras.io trains.

All of them, as there: float32, Keras' own `fit` with its defaults (a progress bar, no XLA on a
processor), Keras' own layers and optimizers, arrays in NumPy that were scaled beforehand.

  dense, cnn    mnist_convnet.py: `x.astype("float32") / 255`, fit(x, y, batch_size)
                where the page augments, image_classification_from_scratch.py: augmentation layers
                in `Dataset.map`, as it advises on a processor; ranges and border are ours
  transformer   text_classification_with_transformer.py: padded int32 tokens, fit(x, y, batch_size)
  rnn           bidirectional_lstm_imdb.py, with what was said of transformer
  gpt           text_generation_with_miniature_gpt.py: its layers, shuffle(256).batch().map(shift),
                fit; attention's heads, tied vectors, the optimizer and clipping are ours (Keras'
                Muon trains matrices alone, so it leaves the kernels of its attention to AdamW)
  autoencoder   autoencoder.py: fit(x, x, batch_size, shuffle=True)
  gan           dcgan_overriding_train_step.py: shuffle(1024).batch(), and its training step; it
                neither averages weights, shifts images nor tells categories apart, which ours
                does on top
  wgan          wgan_gp.py: fit(x, batch_size), and its training step, with our number of updates
                of the critic, each on its own part of the batch; it does not average weights
  vae           vae.py: fit(x, batch_size), its sampling layer and its training step; the decoder
                ends in a sigmoid, as there

The network is the page's own, with the same initial weights, loss and optimizer; only its first
layer, which scales uint8, is left out, for the input is scaled here. A round is one `fit` over
the next rows of an endless series of shuffled epochs, since several calls of `fit` on the whole
split would each start with the same batches.
"""

import contextlib
import dataclasses
import io

import keras
import numpy as np
import tensorflow as tf

from benchmarks.peers import keras_io_gpt, keras_io_texts
from benchmarks.peers.keras_io_gan import Gan
from benchmarks.peers.keras_io_vae import Sampling, Vae
from benchmarks.peers.keras_io_wgan import WganGp
from benchmarks.speed.measure import Epochs, Side, measured
from tfmodels.launcher import building
from tfmodels.layers.augmentation import augmented


class KerasIo(Side):
    """A network and how `fit` is called on it.

    Args:
        name: of the experiment.
        settings: its Config.
    """

    def __init__(self, name, settings):
        self.task, _ = building.build_task(name, dataclasses.replace(settings,
                                                                     precision="float32"))
        self.model, self._scored, self._arrays, self._feed = _KINDS[name](self.task)
        if self.task.prepare is augmented:
            self._feed = _augmented(self.task.data.image_shape)
        self.settings = "float32"
        self._batch_size = settings.batch_size
        self._epochs = Epochs(len(self._arrays[0]), settings.seed)

    def train(self, steps):
        """Trains `steps` steps; returns their `Cost`."""
        count = steps * self._batch_size
        rows = self._epochs.rows(count)
        data = self._feed(*(array[rows] for array in self._arrays), self._batch_size)
        clock = _Clock(count)
        with contextlib.redirect_stdout(io.StringIO()):
            self.model.fit(**data, callbacks=[clock])
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


def _classifier(task):
    model = _compiled(_scaled_beforehand(task.model), task.model, ["accuracy"])
    return model, (model, task.model), (_images(task) / 255, _labels(task)), _from_numpy


def _augmented(image_shape):
    """Returns the feed of a page that augments: shifts by 2 pixels, rotations by 10°, zooms."""
    height, width, _ = image_shape
    layers = [
        keras.layers.RandomTranslation(2 / height, 2 / width, fill_mode="constant"),
        keras.layers.RandomRotation(10 / 360, fill_mode="constant"),
        keras.layers.RandomZoom((-0.1, 0.1), fill_mode="constant")]

    def augment(images, labels):
        for layer in layers:
            images = layer(images, training=True)
        return images, labels

    def feed(images, labels, batch_size):
        dataset = tf.data.Dataset.from_tensor_slices((images, labels))
        dataset = dataset.shuffle(buffer_size=1024).batch(batch_size)
        dataset = dataset.map(augment, num_parallel_calls=tf.data.AUTOTUNE)
        return {"x": dataset.prefetch(tf.data.AUTOTUNE)}
    return feed


def _texts(task):
    """Returns the training texts as int32 tokens [N, T], and their labels."""
    tokenize, = task.tables
    texts = task.data.splits["train"].arrays()["text"]
    tokens = np.asarray(tokenize(tf.constant(texts.tolist()))).astype("int32")
    return tokens, _labels(task)


def _transformer(task):
    network = keras_io_texts.TextClassifier(task.model)
    model = _compiled(network.model, task.model, ["accuracy"])
    return model, (network, task.model), _texts(task), _from_numpy


def _rnn(task):
    model = _compiled(_copied(task.model, _stock), task.model, ["accuracy"])
    return model, (model, task.model), _texts(task), _from_numpy


def _autoencoder(task):
    images = _images(task) / 255
    model = _compiled(_scaled_beforehand(task.model), task.model, None)
    return model, (model, task.model), (images, images), _from_numpy


def _gan(task):
    ours = task.model
    discriminator = keras.Model(ours.discriminator.input, ours.discriminator.output[0])
    model = Gan(_copied(discriminator, _stock), _copied(ours.generator, _stock), ours.latent_size)
    model.compile(_stock(ours.discriminator_optimizer), _stock(ours.generator_optimizer),
                  keras.losses.BinaryCrossentropy(from_logits=True))

    def feed(images, batch_size):
        dataset = tf.data.Dataset.from_tensor_slices(images)
        return {"x": dataset.shuffle(buffer_size=1024).batch(batch_size).prefetch(32)}

    # The example draws from the generator itself, ours from an average of its weights.
    scored = model.generator, ours.averaged_generator
    return model, scored, (_images(task) / 127.5 - 1,), feed


def _wgan(task):
    ours = task.model
    model = WganGp(_copied(ours.critic, _stock), _copied(ours.generator, _stock), ours.latent_size,
                   ours.critic_steps, ours.penalty_weight)
    model.compile(_stock(ours.critic_optimizer), _stock(ours.generator_optimizer))
    scored = model.generator, ours.averaged_generator
    return model, scored, (_images(task) / 127.5 - 1,), _without_targets


def _vae(task):
    ours = task.model

    def squashed(layer):
        last = layer is ours.decoder.layers[-1]
        return type(layer).from_config(
            layer.get_config() | ({"activation": "sigmoid"} if last else {}))

    codes = _scaled_beforehand(ours.encoder)
    mean, log_variance = keras.ops.split(codes.output, 2, axis=-1)
    encoder = keras.Model(codes.input, [mean, log_variance, Sampling()([mean, log_variance])])
    model = Vae(encoder, _copied(ours.decoder, squashed))
    model.compile(optimizer=_stock(ours.optimizer))
    return model, (model, ours), (_images(task) / 255,), _without_targets


def _gpt(task):
    model = _compiled(keras_io_gpt.miniature_gpt(task.model), task.model, None)
    model.optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    scored = keras_io_gpt.InPage(model, task.model), task.model
    return model, scored, (keras_io_gpt.windows_of(task),), keras_io_gpt.feed


def _without_targets(inputs, batch_size):
    """Returns the arguments of a `fit` on an array of a model that needs nothing else."""
    return {"x": inputs, "batch_size": batch_size}


def _from_numpy(inputs, targets, batch_size):
    """Returns the arguments of a `fit` on arrays."""
    return {"x": inputs, "y": targets, "batch_size": batch_size}


_KINDS = {"dense": _classifier, "cnn": _classifier, "transformer": _transformer, "rnn": _rnn,
          "autoencoder": _autoencoder, "gan": _gan, "wgan": _wgan, "vae": _vae,
          "gpt": _gpt}


def _images(task):
    """Returns the training images as float32 in [0, 255]."""
    return task.data.splits["train"].arrays()["image"].astype("float32")


def _labels(task):
    """Returns the training labels."""
    return task.data.splits["train"].arrays()["label"]


def _scaled_beforehand(model):
    """Returns the same network, weights too, of Keras' layers for float32 images in [0, 1]."""
    def copy(layer):
        if isinstance(layer, keras.layers.Rescaling):
            return keras.layers.Identity(name=layer.name)
        return _stock(layer)

    return _copied(model, copy, keras.Input(model.input_shape[1:]))


def _copied(model, copy, inputs=None):
    """Returns a copy of a model, weights too, of `copy(layer)` for each layer."""
    clone = keras.models.clone_model(model, input_tensors=inputs, clone_function=copy)
    clone.set_weights(model.get_weights())
    return clone


def _stock(thing):
    """Returns a new layer or optimizer of the same settings, of Keras' own class if it has one."""
    shipped = next(cls for cls in type(thing).__mro__ if cls.__module__.startswith("keras."))
    bare = shipped in (keras.layers.Layer, keras.Model)
    return (type(thing) if bare else shipped).from_config(thing.get_config())


def _compiled(model, like, metrics):
    """Returns `model` compiled with the loss and optimizer of `like`, the rest by default."""
    model.compile(optimizer=_stock(like.optimizer), loss=like.loss, metrics=metrics)
    return model
