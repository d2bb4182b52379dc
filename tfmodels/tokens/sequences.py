"""Texts as rows of tokens with a start and an end, and back."""

import itertools

import tensorflow as tf

from tfmodels.tokens.byte_pairs import train_byte_pairs
from tfmodels.tokens.words import check_texts, chunks


class Sequences:
    """Cuts the sources and targets of a set of pairs into byte pairs learnt from both.

    Every text gets a space in front, so that its first word has the tokens it has elsewhere.

    Attributes:
        vocabulary: tuple of str, the text of each id: padding, 0, and one
            that is never used first; start and end last.
        size: number of ids.
        start, end: ids of the tokens that begin and finish a target.
        special: ids that no text written should hold: all those without text but the end.
        length: tokens of a row, the end included.
    """

    def __init__(self, train, vocabulary_size, length):
        """Learns the byte pairs.

        Args:
            train: the training `Split`, or what else yields UTF-8 byte strings by
                `texts("source")` and `texts("target")`.
            vocabulary_size: most tokens, the start and the end included; at least 260.
            length: see above; longer texts lose their tail.

        Raises:
            InputError: all sources or all targets are empty or blank.
        """
        for kind in ("source", "target"):
            check_texts(train.texts(kind), f"{kind} texts of training")
        sources = (text for some in chunks(train.texts("source")) for text in fold(some).numpy())
        texts = itertools.chain(sources, train.texts("target"))
        self._pairs = train_byte_pairs((b" " + text.strip() for text in texts),
                                       vocabulary_size - 2)
        self.start, self.end = self._pairs.size, self._pairs.size + 1
        self.special = (0, 1, self.start)
        self.vocabulary = (*self._pairs.vocabulary, "[START]", "[END]")
        self.size = len(self.vocabulary)
        self.length = length

    def encode(self, texts):
        """Cuts string [B] into int32 [B, length]: tokens, the end, padding."""
        return self.rows(self.split(texts))

    def split(self, texts):
        """Cuts string [B] into all their tokens, int32 ragged [B, None]."""
        return self._pairs.encode(tf.strings.join([" ", tf.strings.strip(texts)]))

    def rows(self, tokens):
        """Lays ragged tokens in int32 [B, length]: as many as fit, the end, padding."""
        tokens = tokens[:, :self.length - 1]
        ends = tf.fill([tokens.nrows(), 1], self.end)
        return tf.concat([tokens, ends], 1).to_tensor(shape=[None, self.length])

    def cut(self, tokens):
        """Returns whether `rows` leaves something out of each of some ragged tokens, bool [B]."""
        return tokens.row_lengths() > self.length - 1

    def decode(self, tokens):
        """Joins int32 [B, T] to string [B]: what stands before the first end of each row."""
        open_ = tf.cumsum(tf.cast(tokens == self.end, tf.int32), axis=1) == 0
        real = open_ & (tokens > 1) & (tokens < self.start)
        return tf.strings.strip(self._pairs.decode(tf.where(real, tokens, 0)))

    def pieces(self, tokens):
        """Returns the text of each token of one row, ids [T], without the padding, as list of str.

        A character that is cut into several tokens shows as U+FFFD in each.
        """
        texts = self._pairs.decode(tf.where(tokens < self.start, tokens, 0)[:, None]).numpy()
        return [text.decode() or self.vocabulary[token]
                for token, text in zip(tokens, texts, strict=True) if token]


def fold(sources):
    """Returns texts in lower case, string [B] -> string [B]: case seldom matters in a source."""
    return tf.strings.lower(sources, "utf-8")


def trimmed(rows):
    """Cuts the columns of int32 [B, T] off that are padding, 0, in every row, but for the first."""
    longest = tf.reduce_max(tf.reduce_sum(tf.cast(rows != 0, tf.int32), 1))
    return rows[:, :tf.maximum(longest, 1)]


def token_counts(arrays):
    """Returns how many tokens each example of {key: int [N, T]} has, padding left out, int [N]."""
    return sum((rows != 0).sum(1) for rows in arrays.values() if rows.ndim == 2)
