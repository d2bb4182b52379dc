"""Unicode characters as tokens."""

import numpy as np
import tensorflow as tf

_UNKNOWN = "\N{REPLACEMENT CHARACTER}"


class CharacterTokens(tf.Module):
    """Unicode characters as tokens: 0 is padding, 1 any character that training did not have.

    It looks characters up by binary search in a constant, so it has no table to initialize, and
    works in graphs, tf.data and exports.

    Attributes:
        vocabulary: tuple of str; the text of each id, "" of padding, U+FFFD of an unknown one,
            then the characters in order of code point.
        size: number of ids.
        start: None, there is no id that begins a text.
        special: ids that stand for no character; no generated text should hold them.
    """

    start = None

    def __init__(self, texts):
        """Collects the characters of the training texts, an iterable of UTF-8 bytes."""
        super().__init__(name="character_tokens")
        found = set()
        for text in texts:
            found.update(text.decode("utf-8", errors="replace"))
        characters = sorted(found - {_UNKNOWN})
        self.vocabulary = ("", _UNKNOWN, *characters)
        self.size = len(self.vocabulary)
        self.special = (0, 1)
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
        """Joins int32 ids [B, T], dense or ragged, to string [B]; padding vanishes."""
        return tf.strings.reduce_join(tf.gather(tf.constant(self.vocabulary), tokens), axis=-1)
