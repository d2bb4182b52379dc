"""Tokens hidden at random, so that a model does not come to rely on a few of them."""

import keras
from keras import layers, ops


@keras.saving.register_keras_serializable("tfmodels")
class TokenDropout(layers.Layer):
    """Turns tokens into padding at random while training.

    The word dropout of Iyyer et al., "Deep Unordered Composition Rivals Syntactic Methods for Text
    Classification", ACL 2015, section 3.1.

    Args:
        rate: probability that a token is hidden, in [0, 1).
        seed: integer, or None for Keras' global generator.

    Input shape, output shape:
        int32 [B, T], token ids, 0 for padding.
    """

    def __init__(self, rate, seed=None, **kwargs):
        super().__init__(**kwargs)
        self.rate, self.seed = rate, seed
        self.seed_generator = keras.random.SeedGenerator(seed)

    def call(self, tokens, training=False):
        """Returns the tokens, in training some of them 0."""
        if not training or not self.rate:
            return tokens
        lot = keras.random.uniform(ops.shape(tokens), seed=self.seed_generator)
        return ops.where(lot < self.rate, 0, tokens)

    def compute_output_shape(self, input_shape):
        """Returns the shape of the tokens."""
        return input_shape

    def get_config(self):
        """Returns the arguments, for saving."""
        return {**super().get_config(), "rate": self.rate, "seed": self.seed}
