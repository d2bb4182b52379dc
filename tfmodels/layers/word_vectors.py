"""The words of a text as vectors, for every member of an ensemble at once.

Shapes: M members, B texts of T words, of which a member sees S, D numbers in a vector.
"""

import math
import zlib

import keras
import numpy as np
import tensorflow as tf
from keras import layers, ops


@keras.saving.register_keras_serializable("tfmodels")
class SeenWords(layers.Layer):
    """Chooses the words that each member sees: all of them, in training a random share.

    Hiding whole words is the word dropout of Iyyer et al., "Deep Unordered Composition Rivals
    Syntactic Methods for Text Classification", ACL 2015, section 3.1, except that the same share
    of every text is hidden: so the rest is never longer than that share of T, and what is hidden
    costs no time.

    Args:
        members: M, each of which sees its own choice.
        hidden: share of a text's words hidden in training, in [0, 1).
        seed: integer; fixes the choices.

    Input shape:
        int32 [B, T], token ids, 0 for padding.

    Output shape:
        Positions int32 [M, B, S], from 0 and rising, and whether there is a word, bool [M, B, S];
        padding is last. S is T, in training T (1 - hidden) rounded up.
    """

    def __init__(self, members=1, hidden=0.0, seed=0, **kwargs):
        super().__init__(**kwargs)
        self.settings = {"members": members, "hidden": hidden, "seed": seed}
        self.seed_generator = keras.random.SeedGenerator(seed)

    def call(self, tokens, training=False):
        """Returns the positions and whether there is a word at each."""
        members, share = self.settings["members"], 1 - self.settings["hidden"]
        real, length = ops.not_equal(tokens, 0), tokens.shape[1]
        shape = (members, ops.shape(tokens)[0], length)
        if not training or share == 1:
            return (ops.broadcast_to(ops.arange(length, dtype="int32"), shape),
                    ops.broadcast_to(real, shape))
        words = ops.sum(ops.cast(real, "float32"), axis=1, keepdims=True)  # [B, 1]
        # Words have noise below 1 and padding above: the S first are a random choice of words.
        noise = keras.random.uniform(shape, seed=self.seed_generator)
        _, chosen = ops.top_k(-noise - ops.cast(~real, "float32"), math.ceil(length * share))
        rank = ops.arange(chosen.shape[-1], dtype="float32")
        position = ops.sort(ops.where(rank < ops.ceil(words * share), chosen, length))
        return ops.minimum(position, length - 1), position < length

    def compute_output_spec(self, tokens, training=False):
        """Returns the shapes and types of the outputs."""
        shape = (self.settings["members"], tokens.shape[0], None)
        return keras.KerasTensor(shape, "int32"), keras.KerasTensor(shape, "bool")

    def get_config(self):
        """Returns the arguments, for saving."""
        return {**super().get_config(), **self.settings}


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
        length: positions of a text, T.
        width: size D of a vector.
        members: M, each with tables of its own.
        pair_buckets: rows of the table of pairs.
        ngrams: int [N, 2] of (token id, n-gram bucket), sorted, or how many rows such an array
            has, for loading its weights later.
        ngram_buckets: rows of the table of n-grams.
        seed: integer; fixes the initial vectors.

    Input shape:
        int32 [B, T], token ids, 0 for padding; int32 [M, B, S], positions to look at. With
        `reverse`, float [M, B, S, D]; int32 [C], token ids.

    Output shape:
        float [M, B, S, D]. With `reverse`, float [M, B, S, C], the products with the vectors of the
        words of those ids.
    """

    # For transfer: what has a row per token, and what means nothing with another vocabulary.
    token_rows = ("words",)
    member_axis = 1
    bound_to_vocabulary = ("pairs", "ngram_limits", "ngrams_of")

    def __init__(self, vocabulary_size, length, width, members, pair_buckets, ngrams,
                 ngram_buckets, seed=0, **kwargs):
        super().__init__(**kwargs)
        self._ngrams = np.zeros((ngrams, 2), int) if isinstance(ngrams, int) else ngrams
        self.settings = {"vocabulary_size": vocabulary_size, "length": length, "width": width,
                         "members": members, "pair_buckets": pair_buckets,
                         "ngrams": len(self._ngrams), "ngram_buckets": ngram_buckets, "seed": seed}

    def build(self, tokens_shape, positions_shape):
        """Creates the tables, [rows, M, D]."""
        settings = self.settings

        def table(name, rows, stddev):
            start = keras.initializers.RandomNormal(stddev=stddev, seed=settings["seed"])
            return self.add_weight((rows, settings["members"], settings["width"]),
                                   start if stddev else "zeros", name=name)

        self.words = table("words", settings["vocabulary_size"], 0.05)
        self.positions = table("positions", settings["length"], 0.02)
        self.pairs = table("pairs", settings["pair_buckets"], 0.0)
        self.ngrams = table("ngrams", settings["ngram_buckets"], 0.0)
        # Which n-grams a word has are weights too, so that they are saved with the others: token
        # i has those from limits[i] up to limits[i + 1].
        words, buckets = self._ngrams.T
        limits = np.searchsorted(words, np.arange(settings["vocabulary_size"] + 1))
        self.ngram_limits, self.ngrams_of = (
            self.add_weight(values.shape, lambda *_, values=values, **__: values.astype("int32"),
                            dtype="int32", trainable=False, name=name)
            for name, values in (("ngram_limits", limits), ("ngrams_of", buckets)))

    def call(self, tokens, positions, reverse=False):
        """Maps tokens [B, T] at positions [M, B, S] to vectors [M, B, S, D], or back."""
        if reverse:
            vectors = tf.gather(self.words, positions) + self._of_ngrams(positions)  # [C, M, D]
            return tf.einsum("mbsd,cmd->mbsc", tokens, vectors)
        # A batch has far fewer words than the vocabulary: sum the n-grams of each of them once.
        distinct, place = tf.unique(tf.reshape(tokens, [-1]))
        vectors = tf.gather(self.words, distinct) + self._of_ngrams(distinct)  # [U, M, D]
        # The first word comes after "padding".
        before = ops.pad(tokens, [[0, 0], [1, 0]])[:, :-1]  # [B, T]
        # 8191: with ids below 2 ** 18 the product stays inside int32.
        pair = (before * 8191 + tokens) % self.settings["pair_buckets"]

        def seen(rows):
            rows = tf.broadcast_to(rows, (self.settings["members"], *tf.unstack(tf.shape(rows))))
            return tf.gather(rows, positions, batch_dims=2)  # [M, B, S]
        return (self._of_each_member(vectors, seen(tf.reshape(place, tf.shape(tokens))))
                + self._of_each_member(self.pairs, seen(pair))
                + self._of_each_member(self.positions, positions))

    def _of_ngrams(self, distinct):
        """Returns the n-gram vectors [U, M, D] of token ids [U]."""
        ngrams = tf.gather(tf.RaggedTensor.from_row_splits(
            ops.convert_to_tensor(self.ngrams_of), ops.convert_to_tensor(self.ngram_limits),
            validate=False), distinct)
        total = tf.math.unsorted_segment_sum(
            tf.gather(self.ngrams, ngrams.values), ngrams.value_rowids(), tf.size(distinct))
        number = tf.maximum(tf.cast(ngrams.row_lengths(), total.dtype), 1)  # padding has none
        return total * tf.math.rsqrt(number)[:, None, None]

    def _of_each_member(self, table, rows):
        """Looks up rows [M, B, S], each member's in its part of a table [rows, M, D]."""
        members = self.settings["members"]
        flat = tf.reshape(table, (-1, self.settings["width"]))
        return tf.gather(flat, rows * members + tf.range(members)[:, None, None])

    def compute_output_spec(self, tokens, positions, reverse=False):
        """Returns the shape of the vectors, or of the products."""
        if reverse:
            return keras.KerasTensor((*tokens.shape[:-1], *positions.shape), self.compute_dtype)
        return keras.KerasTensor((*positions.shape, self.settings["width"]), self.compute_dtype)

    def get_config(self):
        """Returns the arguments, for saving."""
        return {**super().get_config(), **self.settings}


def embedded(tokens, vocabulary, width, members=1, token_dropout=0.0, pair_buckets=None,
             ngram_buckets=None, seed=0):
    """Returns the vectors of the words that each member sees, by layers `seen_words` and `tokens`.

    Args:
        tokens: Keras tensor, int32 [B, T], token ids, 0 for padding.
        vocabulary: the words by token id, padding and the unknown word first; at most 2 ** 18.
        width: D, size of a word's vector.
        members: M, each with tables of its own.
        token_dropout: share of a text's words hidden from a member while training, in [0, 1).
        pair_buckets: rows of the hashed table of word pairs; by default five for each word of the
            vocabulary.
        ngram_buckets: rows of the hashed table of character n-grams; by default two for each word.
        seed: integer; fixes the initial vectors and what is hidden.

    Returns:
        Keras tensors: float [M, B, S, D] and whether each is a word, bool [M, B, S]. Without token
        dropout, S is T.
    """
    pair_buckets = pair_buckets or 5 * len(vocabulary)
    ngram_buckets = ngram_buckets or 2 * len(vocabulary)
    positions, seen = SeenWords(members, token_dropout, seed, name="seen_words")(tokens)
    embed = TokenEmbedding(len(vocabulary), tokens.shape[1], width, members, pair_buckets,
                           character_ngrams(vocabulary, ngram_buckets), ngram_buckets,
                           seed=seed + 1, name="tokens")
    return embed(tokens, positions), seen


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
    return np.array(sorted(found), np.int64).reshape(-1, 2)
