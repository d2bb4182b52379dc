"""Whole words as tokens, cut as `tfmodels.data.text.word_tokens` cuts them."""

import collections
import itertools

import numpy as np
import tensorflow as tf

from tfmodels.errors import InputError

_CHUNK = 4096  # texts split at a time
_PUNCTUATION = r"""[!"#$%&()*+,\-./:;<=>?@\[\\\]^_`{|}~']"""  # what `word_tokens` removes


class Words(tf.Module):
    """Lower-case words without punctuation, by plain TensorFlow operations and a lookup table.

    Id 0 is padding and 1 any word that is not in the vocabulary; from 2 on the words by falling
    count in the training texts, equally frequent ones in order of their bytes.

    Attributes:
        vocabulary: the words by id, a tuple of str.
        size: its length.
        counts: int64 [size], how often each is in the training texts; 0 for padding.
    """

    def __init__(self, texts, min_count=1, max_size=None):
        """Makes the vocabulary.

        Args:
            texts: the training texts, a sequence of UTF-8 byte strings.
            min_count: occurrences that a word must have.
            max_size: most ids, padding and the unknown word included; None for no limit.

        Raises:
            InputError: no word is frequent enough.
        """
        super().__init__()
        found = collections.Counter(itertools.chain.from_iterable(
            _split_words(texts[first:first + _CHUNK]).flat_values.numpy()
            for first in range(0, len(texts), _CHUNK)))
        known = sorted((word for word, count in found.items() if count >= min_count),
                       key=lambda word: (-found[word], word))[:max_size and max_size - 2]
        if not known:
            raise InputError(f"no word occurs {min_count} times in the {len(texts):,} training "
                             "texts: expected more text, or a smaller --min_count")
        kept = [found[word] for word in known]
        self.counts = np.array([0, found.total() - sum(kept), *kept])
        self.vocabulary = ("", "\N{REPLACEMENT CHARACTER}",
                           *(word.decode("utf-8", "replace") for word in known))
        self.size = len(self.vocabulary)
        self._ids = tf.lookup.StaticHashTable(
            tf.lookup.KeyValueTensorInitializer(known, tf.range(2, self.size)), default_value=1)

    def encode(self, texts):
        """Maps texts, string [B], to the ids of their words, int32 ragged [B, None]."""
        words = _split_words(texts)
        return words.with_flat_values(self._ids.lookup(words.flat_values))

    def lookup(self, words):
        """Maps words, string [B], to ids, int32 [B]; case and punctuation do not matter."""
        return self._ids.lookup(_plain(words))


def _plain(texts):
    """Returns texts in lower case (of ASCII, as Keras does) and without punctuation."""
    return tf.strings.regex_replace(tf.strings.lower(texts), _PUNCTUATION, "")


def _split_words(texts):
    """Returns the words of texts, string [B], as string ragged [B, None]."""
    return tf.strings.split(_plain(texts))
