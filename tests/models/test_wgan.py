"""WGAN-GP against the closed form of a linear critic and algorithm 1 by hand."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfmodels.models import wgan

SHAPE = (2, 2, 1)


def _linear_critic(weights):
    images = keras.Input(SHAPE)
    critic = keras.Model(images, keras.layers.Dense(1)(keras.layers.Flatten()(images)))
    critic.set_weights([np.reshape(weights, (4, 1)).astype(np.float32), np.zeros(1, np.float32)])
    return critic


def _linear_generator():
    noise = keras.Input((3,))
    return keras.Model(noise, keras.layers.Reshape(SHAPE)(
        keras.layers.Dense(4, kernel_initializer=keras.initializers.GlorotUniform(1))(noise)))


def _images(seed, count=6):
    return tf.constant(np.random.default_rng(seed).normal(size=(count, *SHAPE)), tf.float32)


@pytest.mark.parametrize("weights", [(3, 0, 4, 0), (0.1, 0.2, 0.2, 0.0), (0, 0, 0, 0)])
def test_gradient_penalty_of_a_linear_critic_is_its_norm_minus_1_squared(weights):
    share = np.random.default_rng(2).uniform(size=(6, 1, 1, 1)).astype(np.float32)
    penalty = wgan.gradient_penalty(_linear_critic(weights), _images(0), _images(1), share)
    assert float(penalty) == pytest.approx((np.linalg.norm(weights) - 1) ** 2, rel=1e-4)


def test_gradient_penalty_is_taken_between_the_images():
    def quadratic(images):  # gradient 2 x at x
        return tf.reduce_sum(tf.square(images), axis=[1, 2, 3])

    real, fake = _images(0), _images(1)
    share = np.random.default_rng(2).uniform(size=(6, 1, 1, 1)).astype(np.float32)
    norms = 2 * np.linalg.norm(np.reshape(share * real + (1 - share) * fake, (6, -1)), axis=1)
    assert float(wgan.gradient_penalty(quadratic, real, fake, share)) == pytest.approx(
        np.mean((norms - 1) ** 2), rel=1e-4)


def test_critic_with_zero_weights_has_finite_gradients():
    critic = _linear_critic((0, 0, 0, 0))
    with tf.GradientTape() as tape:
        penalty = wgan.gradient_penalty(critic, _images(0), _images(1), tf.zeros((6, 1, 1, 1)))
    for gradient in tape.gradient(penalty, critic.trainable_variables):
        assert gradient is None or np.isfinite(gradient).all()


def test_a_step_is_algorithm_1():
    model = wgan.WGANGP(_linear_generator(), _linear_critic((1, 2, 0, -1)), 3, critic_steps=2,
                        penalty_weight=10.0, ema=0.0, seed=5)
    model.compile(keras.optimizers.SGD(0.1), keras.optimizers.SGD(0.01))
    generator, critic = _linear_generator(), _linear_critic((1, 2, 0, -1))
    generator.set_weights(model.generator.get_weights())
    seen = []
    inner = model.generator.call
    model.generator.call = lambda noise, **kwargs: (
        seen.append(noise.numpy()), inner(noise, **kwargs))[1]
    pixels = np.random.default_rng(0).integers(0, 256, (6, *SHAPE), np.uint8)
    model.train_step(tf.constant(pixels))
    first, second, last = seen
    assert not np.allclose(first, second)
    w = critic.get_weights()[0][:, 0].astype(float)
    for real, noise in zip(np.split(pixels / 127.5 - 1, 2), (first, second), strict=True):
        fake = generator(noise).numpy()
        norm = np.linalg.norm(w)
        gradient = (fake.mean(0) - real.mean(0)).ravel() + 10 * 2 * (norm - 1) * w / norm
        w = w - 0.01 * gradient
    np.testing.assert_allclose(model.critic.get_weights()[0][:, 0], w, rtol=1e-4)
    kernel, bias = generator.get_weights()
    # g_loss = -mean of w . (noise K + b): its gradient is -mean(noise) w' and -w.
    np.testing.assert_allclose(model.generator.get_weights()[0],
                               kernel + 0.1 * np.outer(last.mean(0), w), rtol=1e-4)
    np.testing.assert_allclose(model.generator.get_weights()[1], bias + 0.1 * w, rtol=1e-4)
    for average, current in zip(model.averaged_generator.get_weights(),
                                model.generator.get_weights(), strict=True):
        np.testing.assert_allclose(average, current, atol=1e-6)


@pytest.mark.parametrize("shape", [(28, 28, 1), (32, 32, 3)])
def test_critic_scores_each_image_by_itself(shape):
    critic = wgan.critic(shape)
    images = np.random.default_rng(0).uniform(-1, 1, (4, *shape)).astype(np.float32)
    scores = critic(images, training=True)
    assert scores.shape == (4, 1)
    np.testing.assert_allclose(scores[:2], critic(images[:2], training=True), rtol=1e-4, atol=1e-5)
