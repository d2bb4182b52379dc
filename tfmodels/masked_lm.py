"""A Transformer encoder that says which words were masked, and how words are masked.

Devlin et al., "BERT: Pre-training of Deep Bidirectional Transformers for Language Understanding",
NAACL 2019, section 3.1, task 1. Shapes: B texts of T words, K masked words of a text, M members of
an ensemble, D numbers in a vector, V words in the vocabulary.
"""

import keras
import tensorflow as tf
from keras import ops

from tfmodels import ensemble
from tfmodels.transformer import encoder

# A masked word is given as the unknown word, which says just as little. So the vocabulary is the
# same as that of a classifier which starts from this model.
MASK = 1
_FIRST_WORD = 2  # ids below are padding and the unknown word


def masked_lm(vocabulary, length, dropout=0.1, seed=0, **settings):
    """Returns an encoder with a head that names the words at some positions.

    The head is a dense layer, a normalisation and the encoder's own word vectors, as in BERT.

    Args:
        vocabulary: the words by token id, padding and the unknown word first; at most 2 ** 18.
        length: words of a text, T.
        dropout: share dropped after each sub-layer in training, in [0, 1).
        seed: integer; fixes the initial weights and the dropout masks.
        **settings: width, depth, heads and others of `encoder`.

    Input shape:
        A dict of `words`, int32 [B, T], token ids, 0 for padding; and `positions`, int32 [B, K],
        which of them to name, in [0, T).

    Output shape:
        float32 [B, K, V], log-probabilities.
    """
    words = keras.Input([length], dtype="int32", name="words")
    positions = keras.Input([None], dtype="int32", name="positions")
    encoded, _ = encoder(words, vocabulary, dropout=dropout, seed=seed, **settings)  # [M, B, T, D]
    x = ops.matmul(ops.one_hot(positions, length), encoded)  # [M, B, K, D]
    x = ensemble.linear(x.shape[-1], seed, "gelu", name="masked_transform")(x)
    tokens = keras.Model(words, encoded).get_layer("tokens")
    logits = tokens(ensemble.normalized(x, "masked_norm"), reverse=True)  # [M, B, K, V]
    answer = ensemble.Together(name="together", dtype="float32")(logits)
    return keras.Model({"words": words, "positions": positions}, answer, name="masked_lm")


def mask_words(words, seed, vocabulary_size, share=0.15):
    """Chooses words of each text, and hides most of them.

    Of the chosen words 80% become `MASK`, 10% any word and 10% stay (Devlin et al. 2019, section
    3.1). Padding and unknown words are never chosen.

    Args:
        words: int32 [B, T], token ids, 0 for padding.
        seed: int [2]; equal seeds choose equally.
        vocabulary_size: V, at least 3.
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
    # Known words have a negative score, others a lower one: the first ones are a random choice.
    noise = tf.random.stateless_uniform(tf.shape(words), order)
    _, positions = tf.math.top_k(-noise - tf.cast(~known, tf.float32), most)
    weights = tf.cast(tf.range(most, dtype=tf.float32) < number, tf.float32)  # [B, K]
    targets = tf.gather(words, positions, batch_dims=1)
    draw = tf.random.stateless_uniform(tf.shape(targets), lot)
    random = tf.random.stateless_uniform(tf.shape(targets), other, _FIRST_WORD, vocabulary_size,
                                         tf.int32)
    hidden = tf.where(draw < 0.8, MASK, tf.where(draw < 0.9, random, targets))
    hidden = tf.where(weights > 0, hidden, targets)
    rows = tf.broadcast_to(tf.range(tf.shape(words)[0])[:, None], tf.shape(positions))
    places = tf.stack([rows, positions], -1)  # [B, K, 2]
    return tf.tensor_scatter_nd_update(words, places, hidden), positions, targets, weights
