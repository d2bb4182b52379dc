"""A Transformer encoder that says which words were masked, and how words are masked.

Devlin et al., "BERT: Pre-training of Deep Bidirectional Transformers for Language Understanding",
NAACL 2019, section 3.1, task 1. Shapes: B texts of T words, K masked words of a text, D
dimension of a vector, V words in the vocabulary.
"""

import keras
import numpy as np
import tensorflow as tf
from keras import layers, ops

from tfmodels.models.transformer import encoder

# A masked word is given as the unknown word, which says just as little. So the vocabulary is the
# same as that of a classifier which starts from this model.
MASK = 1
_FIRST_WORD = 2  # ids below are padding and the unknown word


def masked_lm(shares, length, width=128, depth=2, heads=4, dropout=0.1):
    """Returns an encoder with a head that names the words at some positions.

    The head is a dense layer, a normalization, the encoder's own token vectors and a bias for each
    token, as in BERT.

    Args:
        shares: float [V], of each token among those to name: what is answered at first.
        length: most words of a text.
        width, depth, heads, dropout: of `tfmodels.models.transformer.encoder`.

    Input shape:
        A dict of `words`, int32 [B, T], token ids, 0 for padding; and `masked_positions`, int32
        [B, K], which of them to name, in [0, T).

    Output shape:
        float32 [B, K, V], logits.
    """
    words = keras.Input([None], dtype="int32", name="words")
    positions = keras.Input([None], dtype="int32", name="masked_positions")
    x = encoder(words, len(shares), length, width, depth, heads, dropout)  # [B, T, D]
    embed = keras.Model(words, x).get_layer("tokens")
    x = ops.take_along_axis(x, positions[..., None], axis=1)  # [B, K, D]
    x = layers.Dense(width, "gelu", name="masked_transform")(x)
    bias = TokenBias(name="masked_bias", dtype="float32")
    logits = bias(embed(layers.LayerNormalization(name="masked_norm")(x), reverse=True))
    bias.bias.assign(np.log(np.maximum(shares, 1e-9)))
    return keras.Model({"words": words, "masked_positions": positions}, logits, name="masked_lm")


@keras.saving.register_keras_serializable("tfmodels")
class TokenBias(layers.Layer):
    """Adds a number for each token, 0 at first.

    Input shape, output shape:
        float [..., V].
    """

    token_rows = ("bias",)

    def build(self, input_shape):
        """Creates the numbers."""
        self.bias = self.add_weight((input_shape[-1],), "zeros", name="bias")

    def call(self, x):
        """Returns the sum."""
        return x + self.bias


def mask_words(words, seed, size, share=0.15):
    """Chooses words of each text at random, and hides most of them.

    Of the chosen words 80% become `MASK`, 10% any word and 10% stay (Devlin et al. 2019, section
    3.1). Padding and unknown words are never chosen.

    Args:
        words: int32 [B, T], token ids, 0 for padding.
        seed: int [2]; equal seeds choose equally.
        size: V.
        share: of a text's known words to choose, in (0, 1]; rounded, but at least one word.

    Returns:
        The words with some hidden, int32 [B, T]; positions int32 [B, K] of the chosen ones, K being
        T times share rounded; the words there, int32 [B, K]; and weights float32 [B, K], 1 for a
        chosen word and 0 for what only fills a row.
    """
    order, lot, other = (tf.random.experimental.stateless_fold_in(tf.cast(seed, tf.int64), number)
                         for number in range(3))
    known = words >= _FIRST_WORD
    number = tf.reduce_sum(tf.cast(known, tf.float32), 1, keepdims=True)  # [B, 1]
    number = tf.minimum(tf.maximum(tf.round(number * share), 1), number)
    places = tf.cast(tf.shape(words)[1], tf.float32)
    most = tf.maximum(1, tf.cast(tf.round(places * share), tf.int32))
    draw = tf.random.stateless_uniform(tf.shape(words), order)
    _, positions = tf.math.top_k(tf.where(known, draw, -1.0), most)
    weights = tf.cast(tf.range(most, dtype=tf.float32) < number, tf.float32)  # [B, K]
    targets = tf.gather(words, positions, batch_dims=1)
    draw = tf.random.stateless_uniform(tf.shape(targets), lot)
    random = tf.random.stateless_uniform(tf.shape(targets), other, _FIRST_WORD, size, tf.int32)
    hidden = tf.where(draw < 0.8, MASK, tf.where(draw < 0.9, random, targets))
    hidden = tf.where(weights > 0, hidden, targets)
    rows = tf.broadcast_to(tf.range(tf.shape(words)[0])[:, None], tf.shape(positions))
    places = tf.stack([rows, positions], -1)  # [B, K, 2]
    return tf.tensor_scatter_nd_update(words, places, hidden), positions, targets, weights
