"""Text to tokens, in one place, with vocabularies from the training split alone."""

import keras
import numpy as np
import tensorflow as tf

_UNKNOWN = "\N{REPLACEMENT CHARACTER}"


def word_tokens(texts, vocabulary_size, length):
    """Makes the layer that cuts texts into lower-case words without punctuation.

    Args:
        texts: the training texts, a sequence of UTF-8 byte strings.
        vocabulary_size: most tokens, 0 (padding) and 1 (unknown word) included.
        length: tokens kept of each text; shorter ones are padded with 0.

    Returns:
        A Keras layer: string [B] -> int32 [B, length].
    """
    layer = keras.layers.TextVectorization(
        max_tokens=vocabulary_size, output_mode="int", output_sequence_length=length,
        name="word_tokens")
    layer.adapt(tf.data.Dataset.from_tensor_slices(list(texts)).batch(1024))
    return layer


class CharacterTokens(tf.Module):
    """Unicode characters as tokens: 0 is padding, 1 any character that training did not have.

    It looks characters up by binary search in a constant, so it has no table to initialise, and
    works in graphs, tf.data and exports.

    Attributes:
        vocabulary: tuple of str; the text of each id, "" of padding, U+FFFD of an unknown one,
            "" of `start` and `end`, then the characters in order of code point.
        size: number of ids.
        start, end: ids that mark the ends of a sequence; None without `ends`.
        special: ids that stand for no character; no generated text should hold them.
    """

    def __init__(self, texts, ends=False):
        """Collects the characters.

        Args:
            texts: the training texts, an iterable of UTF-8 bytes.
            ends: whether there are ids for the start and the end of a sequence.
        """
        super().__init__(name="character_tokens")
        found = set()
        for text in texts:
            found.update(text.decode("utf-8", errors="replace"))
        characters = sorted(found - {_UNKNOWN})
        special = ("", _UNKNOWN, "", "") if ends else ("", _UNKNOWN)
        self.vocabulary = (*special, *characters)
        self.size = len(self.vocabulary)
        self.special = tuple(range(len(special)))
        self.start, self.end = (2, 3) if ends else (None, None)
        # With an end that no character has, so that every search finds a place to compare with.
        self._code_points = np.array([*map(ord, characters), 0x110000], np.int32)

    def encode(self, texts):
        """Cuts string [B] into int32 ragged ids [B, None]; bytes that are not UTF-8 are unknown."""
        characters = tf.strings.unicode_decode(texts, "UTF-8", errors="replace")
        known = tf.constant(self._code_points)
        place = tf.searchsorted(known, characters.flat_values)
        return characters.with_flat_values(tf.where(
            tf.gather(known, place) == characters.flat_values, place + len(self.special), 1))

    def decode(self, tokens):
        """Joins int32 ids [B, T], dense or ragged, to string [B]; padding and ends vanish."""
        return tf.strings.reduce_join(tf.gather(tf.constant(self.vocabulary), tokens), axis=-1)
