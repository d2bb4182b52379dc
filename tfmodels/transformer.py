"""A small Transformer encoder that classifies texts, and what it attends to."""

import zlib

import keras
import numpy as np
import tensorflow as tf
from keras import layers, ops


@keras.saving.register_keras_serializable("tfmodels")
class TokenEmbedding(layers.Layer):
    """Sums vectors per token: word, character n-grams, pair with the word before, position.

    A word's n-gram vectors are summed and divided by the root of their number, so that rare words
    share what is known of similar ones (Bojanowski et al., "Enriching Word Vectors with Subword
    Information", TACL 2017, section 3.2). Pairs are hashed into a table of fixed size, as the word
    n-grams of Joulin et al., "Bag of Tricks for Efficient Text Classification", EACL 2017, section
    2.1. Both tables start at zero, so what was never seen in training adds nothing.

    Args:
        vocabulary_size: number of token ids, padding included.
        length: positions of a text.
        width: size of a vector.
        pair_buckets: rows of the table of pairs; a prime spreads the hashes best.
        ngrams: int [N, 2] of (token id, n-gram bucket), sorted, or how many rows such an array
            has, for loading its weights later.
        ngram_buckets: rows of the table of n-grams.
        seed: integer; fixes the initial vectors.

    Input shape:
        int32 [B, T], token ids, 0 for padding.

    Output shape:
        float [B, T, width].
    """

    def __init__(self, vocabulary_size, length, width, pair_buckets, ngrams, ngram_buckets, seed=0,
                 **kwargs):
        super().__init__(**kwargs)
        self._ngrams = np.zeros((ngrams, 2), int) if isinstance(ngrams, int) else ngrams
        self.settings = {"vocabulary_size": vocabulary_size, "length": length, "width": width,
                         "pair_buckets": pair_buckets, "ngrams": len(self._ngrams),
                         "ngram_buckets": ngram_buckets, "seed": seed}

    def build(self, input_shape):
        """Creates the tables."""
        settings, width = self.settings, self.settings["width"]

        def table(name, rows, stddev):
            start = keras.initializers.RandomNormal(stddev=stddev, seed=settings["seed"])
            return self.add_weight((rows, width), start if stddev else "zeros", name=name)

        self.words = table("words", settings["vocabulary_size"], 0.05)
        self.positions = table("positions", settings["length"], 0.02)
        self.pairs = table("pairs", settings["pair_buckets"], 0.0)
        self.ngrams = table("ngrams", settings["ngram_buckets"], 0.0)
        words, _ = self._ngrams.T
        shares = 1 / np.sqrt(np.bincount(words, minlength=1))[words]
        # Which n-grams a word has is a weight too, so that it is saved with the others.
        self.ngram_index = self.add_weight(self._ngrams.shape, lambda *_, **__: self._ngrams,
                                           dtype="int64", trainable=False, name="ngram_index")
        self.ngram_shares = self.add_weight(shares.shape, lambda *_, **__: shares,
                                            trainable=False, name="ngram_shares")

    def call(self, tokens):
        """Maps tokens [B, T] to vectors [B, T, width]."""
        settings = self.settings
        of_words = tf.SparseTensor(self.ngram_index, self.ngram_shares, (
            settings["vocabulary_size"], settings["ngram_buckets"]))
        words = self.words + tf.sparse.sparse_dense_matmul(  # [V, width]
            of_words, ops.convert_to_tensor(self.ngrams))
        # The first word comes after "padding".
        before = ops.pad(tokens, [[0, 0], [1, 0]])[:, :-1]  # [B, T]
        # 8191: with ids below 2 ** 18 the product stays inside int32.
        pair = (before * 8191 + tokens) % settings["pair_buckets"]
        return ops.take(words, tokens, 0) + ops.take(self.pairs, pair, 0) + self.positions

    def compute_output_shape(self, input_shape):
        """Returns the shape of the vectors."""
        return (*input_shape, self.settings["width"])

    def get_config(self):
        """Returns the arguments, for saving."""
        return {**super().get_config(), **self.settings}


def character_ngrams(vocabulary, buckets, sizes=(3, 4, 5)):
    """Returns which character n-grams each word has.

    Args:
        vocabulary: the words by token id; 0 is padding and 1 the unknown word, which have none.
        buckets: n-grams are hashed (CRC-32) to 0 .. buckets - 1.
        sizes: lengths of the n-grams of `<word>`.

    Returns:
        int64 [N, 2], sorted: (token id, bucket).
    """
    found = set()
    for token, word in enumerate(vocabulary[2:], start=2):
        marked = f"<{word}>"
        for size in sizes:
            for first in range(len(marked) - size + 1):
                found.add((token, zlib.crc32(marked[first:first + size].encode()) % buckets))
    return np.array(sorted(found), np.int64)


def transformer_classifier(vocabulary, length, classes, width=64, depth=1, heads=4,
                           pair_buckets=65521, ngram_buckets=20011, token_dropout=0.5, dropout=0.4,
                           seed=0):
    """Returns a pre-norm Transformer encoder whose mean output is classified.

    Vaswani et al., "Attention Is All You Need", NeurIPS 2017, equation 1 and section 3.3, with the
    normalisation in front of each sub-layer: Xiong et al., "On Layer Normalization in the
    Transformer Architecture", ICML 2020, table 1. Token dropout hides whole words from attention
    and mean alike (Iyyer et al., "Deep Unordered Composition Rivals Syntactic Methods", ACL 2015,
    section 3.1).

    Args:
        vocabulary: the words by token id, padding and the unknown word first; at most 2 ** 18.
        length: tokens of a text, T.
        classes: number of classes.
        width: size D of a token's vector.
        depth: encoder blocks.
        heads: attention heads; must divide width.
        pair_buckets: rows of the hashed table of word pairs.
        ngram_buckets: rows of the hashed table of character n-grams.
        token_dropout: fraction of words hidden while training, in [0, 1).
        dropout: fraction dropped after each sub-layer and before the classifier, in [0, 1).
        seed: integer; fixes the initial weights and the dropout masks, except that attention's
            projections start from `keras.utils.set_random_seed`.

    Input shape:
        int32 [B, T], token ids, 0 for padding.

    Output shape:
        float32 [B, classes], logits.
    """
    if width % heads:
        raise ValueError(f"width must divide by heads, got width {width} and {heads} heads")
    seeds = iter(range(1000 * seed, 1000 * (seed + 1)))

    def dropped(x):
        return layers.Dropout(dropout, seed=next(seeds))(x)

    def linear(units, activation=None, **kwargs):
        start = keras.initializers.GlorotUniform(next(seeds))
        return layers.Dense(units, activation, kernel_initializer=start, **kwargs)

    tokens = keras.Input([length], dtype="int32", name="tokens")
    real = ops.cast(ops.not_equal(tokens, 0), "float32")
    seen = layers.Dropout(token_dropout, seed=next(seeds), dtype="float32",
                          name="token_dropout")(real) > 0  # [B, T]
    embed = TokenEmbedding(len(vocabulary), length, width, pair_buckets,
                           character_ngrams(vocabulary, ngram_buckets), ngram_buckets,
                           seed=next(seeds))
    x = embed(tokens)  # [B, T, D]
    for block in range(depth):
        y = layers.LayerNormalization()(x)
        # No initializer with a seed: its four projections would all start from the same numbers.
        attend = layers.MultiHeadAttention(heads, width // heads, seed=next(seeds),
                                           name=f"attention_{block}")
        y, _ = attend(y, y, attention_mask=ops.expand_dims(seen, 1), return_attention_scores=True)
        x = x + dropped(y)
        y = layers.LayerNormalization()(x)
        x = x + dropped(linear(width)(linear(2 * width, "relu")(y)))
    x = layers.LayerNormalization()(x)
    weight = ops.expand_dims(ops.cast(seen, "float32"), -1)  # [B, T, 1]
    # At least 1: while training, a short text can lose all its words.
    x = ops.sum(x * weight, axis=1) / ops.maximum(ops.sum(weight, axis=1), 1.0)  # [B, D]
    logits = linear(classes, dtype="float32", name="logits")(dropped(x))
    return keras.Model(tokens, logits, name="transformer")


def attention_model(model):
    """Returns the model from tokens to each block's attention; it shares `model`'s weights.

    Args:
        model: made by `transformer_classifier`, or loaded from its file.

    Input shape:
        int32 [B, T], token ids, 0 for padding.

    Output shape:
        A dict of one float32 [B, heads, T, T] per block, `attention_0` first: how much position i
        (third axis) looks at position j (fourth axis), in [0, 1]; each row sums to 1 and padding
        gets 0.
    """
    attends = [layer for layer in model.layers if isinstance(layer, layers.MultiHeadAttention)]
    return keras.Model(model.input, {attend.name: attend.output[1] for attend in attends},
                       name="attention")
