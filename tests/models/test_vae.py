"""The variational autoencoder against closed forms and numerical integration."""

import keras
import numpy as np
import pytest
import scipy.integrate
import scipy.stats
import tensorflow as tf

from tfmodels.evaluation import baselines, latents
from tfmodels.models import autoencoder
from tfmodels.models.vae import VAE, kl_to_normal, log_normal


def _linear(weights, deviation, likelihood="gaussian"):
    """A VAE on one-pixel images and one latent number: p(x|z) has logits weights * z."""
    inputs = keras.Input((1, 1, 1), dtype="uint8")
    pixels = keras.layers.Rescaling(1 / 255)(inputs)
    encoder = keras.Model(inputs, keras.layers.Dense(2, name="posterior")(
        keras.layers.Flatten()(pixels)))
    code = keras.Input((1,))
    decoder = keras.Model(code, keras.layers.Reshape((1, 1, 1))(
        keras.layers.Dense(1, use_bias=False)(code)))
    decoder.set_weights([np.array([[weights]], np.float32)])
    encoder.get_layer("posterior").set_weights(
        [np.array([[0.5, 0.0]], np.float32), np.array([0.1, -0.7], np.float32)])
    model = VAE(encoder, decoder, likelihood)
    if likelihood == "gaussian":
        model.log_variance.assign(2 * np.log(deviation))
    return model


def test_kl_is_that_of_the_closed_form_and_of_integration():
    mean, log_variance = np.array([[0.3, -1.2]], np.float32), np.array([[-0.5, 0.8]], np.float32)
    expected = 0.0
    for m, v in zip(mean[0], np.exp(log_variance[0]), strict=True):
        q, p = scipy.stats.norm(m, np.sqrt(v)), scipy.stats.norm()
        expected += scipy.integrate.quad(
            lambda z, q=q, p=p: q.pdf(z) * (q.logpdf(z) - p.logpdf(z)), -12, 12)[0]
    assert float(kl_to_normal(mean, log_variance)[0]) == pytest.approx(expected, rel=1e-5)
    assert float(kl_to_normal(tf.zeros([1, 3]), tf.zeros([1, 3]))[0]) == 0.0


def test_log_normal_is_that_of_scipy():
    x, mean, variance = np.array([0.2, 3.0]), np.array([1.0, 2.0]), np.array([0.5, 4.0])
    expected = scipy.stats.norm(mean, np.sqrt(variance)).logpdf(x).sum()
    assert float(log_normal(x, mean, np.log(variance))) == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("likelihood", ["gaussian", "bernoulli"])
def test_bounds_approach_the_integral_from_below(likelihood):
    model = _linear(2.0, 0.3, likelihood)
    images = np.full((200, 1, 1, 1), 153, np.uint8)  # 0.6
    pixel = 153 / 255

    def joint(z):
        mean = 1 / (1 + np.exp(-2.0 * z))
        of_pixel = (scipy.stats.norm(mean, 0.3).pdf(pixel) if likelihood == "gaussian"
                    else mean**pixel * (1 - mean) ** (1 - pixel))
        return of_pixel * scipy.stats.norm.pdf(z)

    exact = np.log(scipy.integrate.quad(joint, -12, 12)[0])
    seed = tf.constant([1, 2])
    loose = {name: value.numpy().mean() for name, value in model.bounds(images, seed, 5).items()}
    tight = model.bounds(images, seed, 300)["importance_bound"].numpy().mean()
    elbo = loose["log_likelihood"] - loose["kl"]
    assert elbo < loose["importance_bound"] < tight + 1e-3
    assert tight == pytest.approx(exact, abs=5e-3)


def test_log_likelihood_of_grey_pixels_is_the_binary_crossentropy_summed():
    model = VAE(autoencoder.encoder((8, 8, 1), 6),
                autoencoder.decoder((8, 8, 1), 3, activation="linear"))
    images = np.random.default_rng(0).integers(0, 256, (4, 8, 8, 1)).astype(np.uint8)
    codes = np.random.default_rng(1).normal(size=(4, 3)).astype(np.float32)
    expected = -keras.losses.binary_crossentropy(
        images.reshape(4, -1) / 255.0, tf.reshape(model(codes), [4, -1])) * 64
    np.testing.assert_allclose(model.log_likelihood(images, codes), expected, rtol=1e-4)


def test_training_climbs_the_bound_and_learns_the_variance():
    model = VAE(autoencoder.encoder((8, 8, 1), 4),
                autoencoder.decoder((8, 8, 1), 2, activation="linear"), "gaussian", beta=0.5)
    model.compile(optimizer=keras.optimizers.Adam(1e-2))
    images = np.repeat(np.random.default_rng(0).integers(0, 256, (2, 8, 8, 1)), 8, 0)
    before = float(model.log_variance.value)
    first = model.train_step(images.astype(np.uint8))
    first = {name: float(value) for name, value in first.items()}
    assert first["loss"] == pytest.approx(0.5 * first["kl"] - first["log_likelihood"], rel=1e-5)
    assert first["elbo"] == pytest.approx(first["log_likelihood"] - first["kl"], rel=1e-5)
    for _ in range(30):
        model.reset_metrics()
        last = model.train_step(images.astype(np.uint8))
    assert float(last["elbo"]) > first["elbo"] + 10
    assert float(model.log_variance.value) != before


def test_unknown_likelihood_is_refused():
    with pytest.raises(ValueError, match="bernoulli"):
        VAE(None, None, "poisson")


def test_independent_pixels_against_scipy():
    random = np.random.default_rng(0)
    train = random.integers(0, 256, (50, 2, 2, 1)).astype(np.uint8)
    images = random.integers(0, 256, (5, 2, 2, 1)).astype(np.uint8)
    known, flat = train.reshape(50, 4) / 255, images.reshape(5, 4) / 255
    found = baselines.independent_pixels(train, images, "gaussian")["elbo"]
    scale = np.sqrt(((known - known.mean(0)) ** 2).mean())
    expected = scipy.stats.norm(known.mean(0), scale).logpdf(flat).sum(1).mean()
    assert found == pytest.approx(expected, rel=1e-5)
    found = baselines.independent_pixels(train, images, "bernoulli")["elbo"]
    mean = np.broadcast_to(known.mean(0), flat.shape)
    crossentropy = -(flat * np.log(mean) + (1 - flat) * np.log(1 - mean)).sum(1).mean()
    assert found == pytest.approx(-crossentropy, rel=1e-5)


def test_latent_walks_cover_the_prior():
    mean = np.array([[0.0, 3.0, 0.1], [0.0, -3.0, 0.2]])
    order = latents.most_used(mean, np.array([[0.0, -4.0, -1.0]] * 2))
    assert list(order) == [1, 2, 0]
    codes = latents.traversals(np.ones(3), order).reshape(3, latents.COLUMNS, 3)
    np.testing.assert_allclose(codes[0, :, 1], np.linspace(-3, 3, latents.COLUMNS))
    assert (codes[0][:, [0, 2]] == 1).all()
    codes = latents.manifold(3, order).reshape(latents.COLUMNS, latents.COLUMNS, 3)
    assert (codes[..., 0] == 0).all()
    np.testing.assert_allclose(codes, -codes[::-1, ::-1], atol=1e-6)
    assert scipy.stats.norm.cdf(codes[0, 0, 1]) == pytest.approx(0.5 / latents.COLUMNS, abs=1e-6)
    assert latents.manifold(1, np.array([0])).shape == (latents.COLUMNS, 1)
