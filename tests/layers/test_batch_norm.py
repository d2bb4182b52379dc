"""Batch normalization and its gradients against Keras' own."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfmodels.layers.batch_norm import BatchNormalization


@pytest.mark.parametrize("trainable", [True, False])
def test_batch_normalization_is_that_of_keras(trainable):
    shape, random = (4, 5, 6, 3), np.random.default_rng(0)
    images, weights = random.normal(2, 3, shape), random.normal(size=shape)
    answers = []
    for layer in (BatchNormalization(momentum=0.9), keras.layers.BatchNormalization(momentum=0.9)):
        layer.build(shape)
        layer.set_weights([np.float32(value) for value in np.arange(1, 13).reshape(4, 3) / 4])
        layer.trainable = trainable
        inputs = tf.Variable(images, dtype=tf.float32)
        with tf.GradientTape() as tape:
            outputs = layer(inputs, training=True)
            loss = tf.reduce_sum(outputs * weights)
        gradients = tape.gradient(loss, [inputs, *(v.value for v in layer.trainable_weights)])
        answers.append([outputs, layer(inputs), *gradients, *layer.get_weights()])
    for ours, theirs in zip(*answers, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=2e-5)
