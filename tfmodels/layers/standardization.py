"""Numbers of a table in units of their spread, with what is missing made visible."""

import keras
import numpy as np
import tensorflow as tf


class Standardization(keras.layers.Layer):
    """Takes a mean away and divides by a spread; what is missing becomes the mean.

    Both are constants of the graph, so that an export takes raw numbers.

    Args:
        mean, spread: sequences of n numbers.
        lacking: n times whether an indicator says where a number of the column is missing.

    Input shape:
        float32 [B, n]; NaN and infinite ones are missing.

    Output shape:
        float32 [B, n + number of indicators].
    """

    def __init__(self, mean, spread, lacking, **kwargs):
        super().__init__(dtype="float32", **kwargs)
        self._mean, self._spread = tuple(map(float, mean)), tuple(map(float, spread))
        self._lacking = tuple(map(bool, lacking))

    def call(self, numbers):
        """Returns standardized numbers, and the indicators behind them."""
        there = tf.math.is_finite(numbers)
        scaled = (numbers - tf.constant(self._mean)) / tf.constant(self._spread)
        indicated = np.flatnonzero(self._lacking)
        missing = tf.gather(tf.cast(~there, tf.float32), indicated, axis=1)
        return tf.concat([tf.where(there, scaled, 0.0), missing], 1)

    def compute_output_shape(self, shape):
        """Returns the shape of what `call` returns."""
        return (*shape[:-1], shape[-1] + sum(self._lacking))

    def get_config(self):
        """Returns the arguments."""
        return super().get_config() | {
            "mean": self._mean, "spread": self._spread, "lacking": self._lacking}
