"""keras.io's side trains the page's own networks by its example's mathematics."""

import numpy as np
import pytest
import tensorflow as tf

from benchmarks.peers import keras_io_vae, keras_io_wgan
from benchmarks.peers.keras_io import KerasIo
from benchmarks.speed import measure
from tfmodels.launcher import pages


@pytest.fixture
def make(data_dir):
    """Makes keras.io's side of an experiment on tiny digits."""
    def side(name, **chosen):
        return KerasIo(name, pages.config_class(name)(
            dataset="tiny_digits", data_dir=str(data_dir), batch_size=16, steps=10, **chosen))
    return side


@pytest.mark.parametrize(("name", "chosen", "metric", "more"), [
    ("wgan", {}, "frechet_distance", 0),
    ("vae", {}, "negative_elbo", 0),
    ("gan", {"architecture": "dense"}, "frechet_distance", 256 * 10 + 10)])  # tells categories
def test_the_same_network_starts_alike_and_learns(make, name, chosen, metric, more):
    side = make(name, **chosen)
    ours = sum(tf.size(weight).numpy() for weight in side.task.model.trainable_weights)
    assert side.parameters + more == ours
    before = side.score()
    assert before == measure.quality(side.task.evaluate(side.task.signatures,
                                                        side.task.data.splits["validation"]))
    assert before[0] == metric
    networks = [layer for layer in side.model.layers if layer.trainable_weights]
    assert len(networks) == 2
    weights = [[weight.numpy() for weight in network.trainable_weights] for network in networks]
    cost = side.train(20)
    assert cost.examples == 20 * 16
    assert cost.cpu > 0
    for network, old in zip(networks, weights, strict=True):
        assert any((weight.numpy() != value).any()
                   for weight, value in zip(network.trainable_weights, old, strict=True))
    after = side.score()[1]
    assert np.isfinite(after)
    assert after != before[1]
    if metric == "negative_elbo":  # what is minimized: no Fréchet distance is
        assert after < before[1]


def test_the_vae_computes_what_ours_does(make):
    side = make("vae")
    images = side.task.data.splits["validation"].arrays()["image"]
    ours, theirs = side.task.model, side.model
    mean, log_variance, latents = theirs.encoder(images / np.float32(255))
    for found, expected in zip((mean, log_variance), ours.encode(images), strict=True):
        np.testing.assert_allclose(found, expected, atol=1e-5)
    np.testing.assert_allclose(theirs.decoder(latents), ours(latents), atol=1e-5)


def test_sampling_draws_the_gaussian_it_is_given():
    layer = keras_io_vae.Sampling()
    drawn = np.asarray(layer([tf.fill((20_000, 1), 3.0), tf.fill((20_000, 1), np.log(4.0))]))
    assert drawn.mean() == pytest.approx(3, abs=0.06)
    assert drawn.std() == pytest.approx(2, abs=0.06)


def test_the_wgan_penalty_of_a_linear_critic_is_that_of_its_slope():
    slope = tf.constant([[3.0], [4.0]])
    model = keras_io_wgan.WganGp(
        lambda images, training: tf.reshape(images, (-1, 2)) @ slope, None, 1, 1, 10.0)
    real, fake = tf.zeros((5, 1, 2, 1)), tf.ones((5, 1, 2, 1))
    assert float(model.gradient_penalty(real, fake)) == pytest.approx((5 - 1) ** 2)


def test_what_is_better_when_higher_is_negated():
    assert measure.quality({"frechet_distance": 3.0, "elbo": -100.0}) == ("negative_elbo", 100.0)
    assert measure.quality({"recall": 0.5, "frechet_distance": 3.0}) == ("frechet_distance", 3.0)
