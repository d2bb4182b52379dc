"""Images of every size: the networks of small ones are as they were, others grow, and all train."""

import hashlib
import re

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfmodels.errors import InputError
from tfmodels.models import (
    autoencoder,
    cnn,
    dcgan,
    dense,
    dense_gan,
    diffusion,
    gan,
    image_sizes,
    unet,
    vae,
    wgan,
)

# Network of 28x28x1 images -> its variables, which checkpoints of old runs hold: how many numbers,
# and the beginning of the sha256 of their names and shapes in their order.
PINNED = {
    "cnn": (89452, "cf389d4e365e"),
    "dense": (669710, "d18d98e31ba7"),
    "generator": (280705, "8309e8e39b4c"),
    "discriminator": (692523, "d21d46f0d652"),
    "dense_generator": (542992, "1615556ad093"),
    "dense_discriminator": (536079, "a87d18e76e28"),
    "critic": (166625, "e25cd43e0b29"),
    "encoder": (830112, "385780761aaf"),
    "decoder": (847713, "586f4f03ea2a"),
    "unet": (648260, "768c2e95e5db"),
}
MAKERS = {
    "cnn": lambda shape: cnn.cnn(shape, 10),
    "dense": lambda shape: dense.dense(shape, 10),
    "generator": lambda shape: dcgan.generator(shape, 26, 48, 10),
    "discriminator": lambda shape: dcgan.discriminator(shape, 32, 10),
    "dense_generator": lambda shape: dense_gan.generator(shape, 26, categories=10),
    "dense_discriminator": lambda shape: dense_gan.discriminator(shape, categories=10),
    "critic": lambda shape: wgan.critic(shape, 32),
    "encoder": lambda shape: autoencoder.encoder(shape, 32),
    "decoder": lambda shape: autoencoder.decoder(shape, 32),
    "unet": lambda shape: unet.unet(shape, 10),
}
SHAPES = [(37, 41, 3), (8, 8, 1), (16, 9, 4), (64, 48, 3)]


def _images(shape, count=2):
    return np.random.default_rng(0).integers(0, 256, (count, *shape), np.uint8)


def _numbers(network):
    return sum(int(np.prod(variable.shape)) for variable in network.variables)


def _describe(network):
    """Returns how many numbers a network holds, and the digest of its variables."""
    # Keras numbers the layers of a process that have no name of their own.
    named = [f"{re.sub(r'_[0-9]+', '', variable.path)} {tuple(variable.shape)}"
             for variable in network.variables]
    return _numbers(network), hashlib.sha256("\n".join(named).encode()).hexdigest()[:12]


@pytest.mark.parametrize("name", MAKERS)
def test_networks_of_digits_are_those_of_old_runs(name):
    assert _describe(MAKERS[name]((28, 28, 1))) == PINNED[name]


@pytest.mark.parametrize(("shape", "expected"), [
    ((8, 8, 1), 2), ((28, 28, 1), 2), ((32, 32, 3), 2), ((33, 32, 3), 3), ((64, 64, 3), 3),
    ((37, 41, 3), 3), ((96, 96, 3), 4), ((128, 128, 1), 4), ((256, 256, 3), 5), ((48, 64, 4), 3),
    ((256, 8, 3), 2), ((16, 256, 3), 3), ((1, 1, 1), 2)])
def test_a_stage_more_for_each_doubling_of_the_sides(shape, expected):
    assert image_sizes.halvings(shape) == expected


def test_channels_are_doubled_up_to_eight_times():
    assert image_sizes.channels(3, 2) == [3, 6]
    assert image_sizes.channels(3, 6) == [3, 6, 12, 24, 24, 24]


@pytest.mark.parametrize("shape", [(7, 9, 2), (8, 16, 1), (13, 8, 3)])
def test_what_is_padded_is_cropped_to_the_same(shape):
    images = tf.constant(_images(shape), tf.float32)
    padded = image_sizes.padded(images, 3)
    assert [side % 8 for side in padded.shape[1:3]] == [0, 0]
    assert all(0 <= large - side < 8 for large, side in zip(padded.shape[1:], shape, strict=False))
    np.testing.assert_array_equal(image_sizes.cropped(padded, shape), images)
    assert float(tf.reduce_sum(padded)) == pytest.approx(float(tf.reduce_sum(images)))


@pytest.mark.parametrize("name", sorted(set(MAKERS) - {
    "cnn", "dense", "dense_generator", "dense_discriminator"}))
def test_too_small_images_are_refused_with_the_nearest_size(name):
    with pytest.raises(InputError, match="images of 2x13 pixels.*at least 8; the nearest is 8x13"):
        MAKERS[name]((2, 13, 1))


@pytest.mark.parametrize("name", ["dense", "dense_generator", "dense_discriminator", "encoder"])
def test_dense_layers_do_not_grow_with_large_images(name):
    small, large = (_numbers(MAKERS[name]((side, side, 3))) for side in (64, 256))
    assert large < 4.1 * small  # in proportion to the pixels it would be 16 times


def _adam(count=1):
    return [keras.optimizers.Adam() for _ in range(count)]


def _model(name, shape):
    """Returns a compiled model of thin networks, and what its train_step takes."""
    images, labels = tf.constant(_images(shape)), tf.constant([1, 0])
    if name in ("cnn", "dense"):
        model = cnn.cnn(shape, 2) if name == "cnn" else dense.dense(shape, 2, (8,))
        model.compile(*_adam(), loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True))
        return model, (images, labels)
    if name == "autoencoder":
        encoder, decoder = (make(shape, 3, 2, 8) for make in (
            autoencoder.encoder, autoencoder.decoder))
        model = keras.Model(encoder.input, decoder(encoder.output))
        model.compile(*_adam(), loss="mse")
        return model, (images, tf.cast(images, tf.float32) / 255)
    if name == "vae":
        model = vae.VAE(autoencoder.encoder(shape, 6, 2, 8),
                        autoencoder.decoder(shape, 3, 2, 8, "linear"))
        model.compile(*_adam())
    elif name == "diffusion":
        model = diffusion.Diffusion(unet.unet(shape, width=2))
        model.compile(*_adam())
    else:
        if name == "gan":
            model = gan.GAN(dcgan.generator(shape, 5, 2, 3), dcgan.discriminator(shape, 2, 3))
        elif name == "dense_gan":
            model = gan.GAN(dense_gan.generator(shape, 5, (8,), 3),
                            dense_gan.discriminator(shape, (8,), 3))
        else:
            model = wgan.WGANGP(dcgan.generator(shape, 5, 2), wgan.critic(shape, 2), 5, 1)
        model.compile(*_adam(2))
    return model, images


@pytest.mark.parametrize(("name", "shape"), [
    (name, shape) for shape in SHAPES for name in (
        "cnn", "dense", "gan", "dense_gan", "wgan", "vae", "autoencoder", "diffusion")
    # The tests of these three train them at 8x8.
    if shape != (8, 8, 1) or name not in ("gan", "vae", "diffusion")])
def test_a_step_at_every_size_learns_and_keeps_the_shape(name, shape):
    keras.utils.set_random_seed(0)
    model, data = _model(name, shape)
    before = [variable.numpy() for variable in model.trainable_variables]
    metrics = model.train_step(data)
    assert all(np.isfinite(float(value)) for value in metrics.values())
    moved = [(variable.numpy() != old).any()
             for variable, old in zip(model.trainable_variables, before, strict=True)]
    # All but a few thin layers; of the U-Net only the last, since that starts from 0.
    assert any(moved) if name == "diffusion" else np.mean(moved) > 0.5
    if name in ("gan", "dense_gan", "wgan"):
        drawn = model(tf.random.stateless_normal((2, 5), [0, 0]))
    elif name == "vae":
        drawn = model(tf.zeros((2, 3)))
    elif name == "diffusion":
        drawn = model.draw(tf.zeros((2, *shape)), times=[1.0, 0.0])
    else:
        drawn = model(data[0])
    assert drawn.shape == ((2, 2) if name in ("cnn", "dense") else (2, *shape))


@pytest.mark.parametrize("make", [
    lambda shape: autoencoder.encoder(shape, 3), lambda shape: dcgan.discriminator(shape, 2),
    lambda shape: wgan.critic(shape, 2), lambda shape: cnn.cnn(shape, 2),
    lambda shape: dense.dense(shape, 2, (8,))])
def test_every_border_of_an_odd_size_is_seen(make):
    keras.utils.set_random_seed(0)
    shape = (65, 67, 1)
    network = make(shape)
    images = np.zeros((5, *shape), network.input.dtype)
    for index, (row, column) in enumerate([(0, 0), (0, -1), (-1, 0), (-1, -1)]):
        images[index, row, column] = 255
    answers = np.asarray(tf.nest.flatten(network(images))[0], np.float64)
    assert (np.abs(answers[:4] - answers[4]).max(1) > 0).all()
