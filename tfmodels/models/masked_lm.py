"""A Transformer encoder that says which words were masked, and how words are masked.

Devlin et al., "BERT: Pre-training of Deep Bidirectional Transformers for Language Understanding",
NAACL 2019, section 3.1, task 1. Shapes: B texts of T words, K masked words of a text, M members of
an ensemble, D numbers in a vector, V words in the vocabulary.
"""

import keras
import numpy as np
import tensorflow as tf
from keras import layers, ops

from tfmodels.layers import ensemble
from tfmodels.models.transformer import encoder

# A masked word is given as the unknown word, which says just as little. So the vocabulary is the
# same as that of a classifier which starts from this model.
MASK = 1
_FIRST_WORD = 2  # ids below are padding and the unknown word


def masked_lm(vocabulary, length, shares, expected, dropout=0.1, seed=0, **settings):
    """Returns an encoder with a head that chooses words for some positions among candidates.

    The head is a dense layer, a normalisation and the encoder's own word vectors, as in BERT, and
    a bias for each word. Training on all words as candidates would take most of the time, and
    would move the vectors of rare words at random; so it has few, chosen at random with the right
    ones (Jean et al., "On Using Very Large Target Vocabulary for Neural Machine Translation", ACL
    2015, section 3).

    Args:
        vocabulary: the words by token id, padding and the unknown word first; at most 2 ** 18.
        length: words of a text, T.
        shares: float [V], of the masked words; the answer starts from that.
        expected: float [V], how often a word is expected among the candidates of training.
        dropout: share dropped after each sub-layer in training, in [0, 1).
        seed: integer; fixes the initial weights and the dropout masks.
        **settings: width, depth, heads and others of `encoder`.

    Input shape:
        A dict of `words`, int32 [B, T], token ids, 0 for padding; `positions`, int32 [B, K], which
        of them to name, in [0, T); and `candidates`, int32 [C], the token ids to choose from.

    Output shape:
        float32 [B, K, C], logits.
    """
    words = keras.Input([length], dtype="int32", name="words")
    positions = keras.Input([None], dtype="int32", name="positions")
    candidates = keras.Input(batch_shape=[None], dtype="int32", name="candidates")
    encoded, _ = encoder(words, vocabulary, dropout=dropout, seed=seed, **settings)  # [1, B, T, D]
    x = ops.matmul(ops.one_hot(positions, length), encoded)  # [1, B, K, D]
    x = ensemble.linear(x.shape[-1], seed, "gelu", name="masked_transform")(x)
    tokens = keras.Model(words, encoded).get_layer("tokens")
    scores = tokens(ensemble.normalized(x, "masked_norm"), candidates, reverse=True)[0]
    logits = CandidateBias(shares, expected, name="masked_bias", dtype="float32")(
        scores, candidates)
    return keras.Model({"words": words, "positions": positions, "candidates": candidates}, logits,
                       name="masked_lm")


@keras.saving.register_keras_serializable("tfmodels")
class CandidateBias(layers.Layer):
    """Adds a bias for each candidate; in training it corrects for how candidates are chosen.

    Args:
        shares: float [V], of which the biases start as the logarithm; or V, to load weights later.
        expected: float [V], how often a word is expected among the candidates of training. Its
            logarithm is taken off, so that logits mean the same with all words as candidates
            (Jean et al. 2015, equation 10).

    Input shape:
        float [B, K, C]; int32 [C], token ids.

    Output shape:
        float [B, K, C].
    """

    token_rows = ("bias", "log_expected")

    def __init__(self, shares, expected=None, **kwargs):
        super().__init__(**kwargs)
        one = np.ones(shares) if isinstance(shares, int) else None
        self._shares, self._expected = (one, one) if expected is None else (shares, expected)

    def build(self, scores_shape, candidates_shape):
        """Creates the biases."""
        self.bias, self.log_expected = (
            self.add_weight(values.shape, lambda *_, values=values, **__: np.log(
                np.maximum(values, 1e-9)).astype("float32"), trainable=trainable, name=name)
            for name, values, trainable in (("bias", self._shares, True),
                                            ("log_expected", self._expected, False)))

    def call(self, scores, candidates, training=False):
        """Returns the logits."""
        scores = scores + tf.gather(self.bias, candidates)
        return scores - tf.gather(self.log_expected, candidates) if training else scores

    def compute_output_shape(self, scores_shape, candidates_shape):
        """Returns the shape of the logits."""
        return scores_shape

    def get_config(self):
        """Returns the arguments, for saving."""
        return {**super().get_config(), "shares": len(self._shares)}


def mask_words(words, seed, chances, share=0.15):
    """Chooses words of each text, and hides most of them.

    Of the chosen words 80% become `MASK`, 10% any word and 10% stay (Devlin et al. 2019, section
    3.1). Padding and unknown words are never chosen. Words may have unequal chances, as in a draw
    without replacement where each time the chances of those left are as `chances` (Efraimidis &
    Spirakis, "Weighted random sampling with a reservoir", 2006, algorithm A).

    Args:
        words: int32 [B, T], token ids, 0 for padding.
        seed: int [2]; equal seeds choose equally.
        chances: float32 [V], above 0; how likely a word is chosen, relative to others.
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
    most = max(1, round(words.shape[1] * share))
    chance = tf.gather(tf.constant(chances, tf.float32), words)
    draw = tf.math.log(tf.random.stateless_uniform(tf.shape(words), order, 1e-30)) / chance
    _, positions = tf.math.top_k(tf.where(known, draw, draw.dtype.min), most)
    weights = tf.cast(tf.range(most, dtype=tf.float32) < number, tf.float32)  # [B, K]
    targets = tf.gather(words, positions, batch_dims=1)
    draw = tf.random.stateless_uniform(tf.shape(targets), lot)
    random = tf.random.stateless_uniform(tf.shape(targets), other, _FIRST_WORD, len(chances),
                                         tf.int32)
    hidden = tf.where(draw < 0.8, MASK, tf.where(draw < 0.9, random, targets))
    hidden = tf.where(weights > 0, hidden, targets)
    rows = tf.broadcast_to(tf.range(tf.shape(words)[0])[:, None], tf.shape(positions))
    places = tf.stack([rows, positions], -1)  # [B, K, 2]
    return tf.tensor_scatter_nd_update(words, places, hidden), positions, targets, weights
