"""The categories of a table as integers, by operations that an export can hold."""

import re

import keras
import tensorflow as tf

from tfmodels.data.own import column_profiles

MISSING, UNSEEN = 0, 1  # the first two ids of each column
_NOTHING = "(?i)" + "|".join(map(re.escape, column_profiles.MISSING))


class Categories:
    """Ids of categories, each column with its own.

    Args:
        known: a tuple of byte strings for each column.

    Attributes:
        tables: the lookups, which an export needs.
    """

    def __init__(self, known):
        self.tables = [keras.layers.StringLookup(
            vocabulary=["", "[UNK]", *(text.decode("utf-8", "replace") for text in texts)],
            mask_token="", oov_token="[UNK]") for texts in known]

    def __call__(self, texts):
        """Returns the ids, int32 [B, m], of string [B, m], with 0 for one that states nothing."""
        words = tf.strings.strip(tf.strings.regex_replace(texts, r"\s+", " "))
        words = tf.strings.regex_replace(words, r"^([+-]?\d{1,15})\.0+$", r"\1")
        words = tf.where(tf.strings.regex_full_match(words, _NOTHING), "", words)
        return tf.stack([tf.cast(lookup(words[:, place]), tf.int32)
                         for place, lookup in enumerate(self.tables)], 1)
