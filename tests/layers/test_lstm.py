"""The LSTM and its gradients against Keras' own."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfmodels.layers.lstm import LSTM


@pytest.fixture
def pair():
    """Our layer and Keras', with the same weights."""
    keras.utils.set_random_seed(0)
    ours, theirs = LSTM(5), keras.layers.LSTM(5, return_sequences=True)
    for layer in (ours, theirs):
        layer.build((None, None, 3))
    theirs.set_weights([weight + 0.1 for weight in theirs.get_weights()])
    ours.set_weights(theirs.get_weights())
    return ours, theirs


@pytest.mark.parametrize("length", [1, 7])
def test_outputs_and_gradients_are_those_of_keras(pair, length):
    x = tf.random.stateless_normal([4, length, 3], [1, 2])
    weight = tf.random.stateless_normal([4, length, 5], [3, 4])
    found = []
    for layer in pair:
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = layer(x)
            loss = tf.reduce_sum(weight * y * y)
        found.append([y, *tape.gradient(loss, [x, *layer.trainable_weights])])
    for ours, theirs in zip(*found, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-6)


def test_it_starts_as_keras_starts():
    weights = [layer.get_weights() for layer in (LSTM(5), keras.layers.LSTM(5))
               if layer.build((None, None, 3)) is None]
    np.testing.assert_array_equal(weights[0][2], weights[1][2])
    np.testing.assert_allclose(weights[0][1] @ weights[0][1].T, np.eye(5), atol=1e-5)
    assert [weight.shape for weight in weights[0]] == [weight.shape for weight in weights[1]]


@pytest.mark.parametrize("precision", ["float32", "mixed_bfloat16"])
def test_step_by_step_it_gives_the_same(precision):
    layer = LSTM(5, dtype=precision)
    x = tf.random.stateless_normal([4, 6, 3], [1, 2])
    whole = layer(x)
    state, steps = layer.initial_state(4), []
    for step in range(6):
        h, state = layer.step(tf.cast(x[:, step], layer.compute_dtype), state)
        steps.append(h)
    assert whole.dtype == layer.compute_dtype
    np.testing.assert_allclose(tf.cast(tf.stack(steps, 1), tf.float32), tf.cast(whole, tf.float32),
                               atol=1e-6 if precision == "float32" else 1e-2)


def test_saved_and_loaded_it_answers_the_same(tmp_path):
    model = keras.Sequential([keras.Input([None, 3]), LSTM(5)])
    model.save(tmp_path / "a.keras")
    x = np.random.default_rng(0).normal(size=(2, 4, 3)).astype("float32")
    np.testing.assert_array_equal(keras.saving.load_model(tmp_path / "a.keras")(x), model(x))
