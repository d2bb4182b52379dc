"""Whole words as tokens."""

import collections
import itertools

import keras
import numpy as np
import tensorflow as tf

from tfmodels.errors import InputError

_FIRST = 2  # id of a word; below it padding and the unknown word
_CHUNK = 4096  # texts split at a time
_PUNCTUATION = r"""[!"#$%&()*+,\-./:;<=>?@\[\\\]^_`{|}~']"""  # what `Words` leaves out
# Characters of scripts without spaces between words, each a word, as in BERT's multilingual models.
_IDEOGRAPH = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}"
# What is neither of a word nor white space, or a word of its own.
_MARK = rf"([^\p{{L}}\p{{M}}\p{{N}}\s]|[{_IDEOGRAPH}])"


def word_tokens(texts, vocabulary_size, length):
    """Makes the layer that cuts texts into words and punctuation marks, each a token.

    Of scripts without spaces between words each character is one.

    Case is kept, as in BERT's cased models: "LORD" is another word than "Lord".

    Args:
        texts: the training texts, an iterable of UTF-8 byte strings, read once.
        vocabulary_size: most tokens, 0 (padding) and 1 (unknown word) included.
        length: tokens kept of each text; shorter ones are padded with 0.

    Returns:
        A Keras layer: string [B] -> int32 [B, length].

    Raises:
        InputError: the texts have no words.
    """
    layer = keras.layers.TextVectorization(
        max_tokens=vocabulary_size, output_mode="int", output_sequence_length=length,
        standardize=marks_apart, name="word_tokens")
    read = 0

    def named():  # bytes that are not UTF-8 would be words that have no name
        nonlocal read
        for some in chunks(texts):
            read += len(some)
            yield [text.decode(errors="ignore").encode() for text in some]
    layer.adapt(tf.data.Dataset.from_generator(
        named, output_signature=tf.TensorSpec([None], tf.string)))
    if layer.vocabulary_size() <= _FIRST:
        raise InputError(f"the {read:,} training texts have no words: expected some characters in "
                         "them")
    return layer


@keras.saving.register_keras_serializable("tfmodels")
def marks_apart(texts):
    """Puts a space on both sides of each punctuation mark and ideograph of texts, string [B]."""
    return tf.strings.regex_replace(tf.strings.regex_replace(texts, r"\p{Z}", " "), _MARK, r" \1 ")


def check_texts(texts, what):
    """Refuses texts that are all empty or blank.

    Args:
        texts: iterable of UTF-8 byte strings, read up to the first with a character.
        what: they are, such as `training texts`.

    Raises:
        InputError: they are.
    """
    if not any(text.strip() for text in texts):
        raise InputError(f"the {what} are all empty or blank: expected characters to learn from")


class Words(tf.Module):
    """Lower-case words without punctuation, with their counts, by plain TensorFlow operations.

    Id 0 is padding and 1 any word that is not in the vocabulary; from 2 on the words by falling
    count in the training texts, equally frequent ones in order of their bytes.

    Attributes:
        vocabulary: the words by id, a tuple of str.
        size: its length.
        counts: int64 [size], how often each is in the training texts; 0 for padding.
    """

    def __init__(self, texts, min_count=1):
        """Makes the vocabulary.

        Args:
            texts: the training texts, an iterable of UTF-8 byte strings, read once.
            min_count: occurrences that a word must have.

        Raises:
            InputError: no word is frequent enough.
        """
        super().__init__()
        found, read = collections.Counter(), 0
        for some in chunks(texts):
            found.update(_split_words(tf.constant(some)).flat_values.numpy())
            read += len(some)
        known = sorted((word for word, count in found.items() if count >= min_count),
                       key=lambda word: (-found[word], word))
        if not known:
            raise InputError(f"no word occurs {min_count} times in the {read:,} training texts: "
                             "expected more text, or words that may occur less often")
        kept = [found[word] for word in known]
        self.counts = np.array([0, found.total() - sum(kept), *kept])
        self.vocabulary = ("", "\N{REPLACEMENT CHARACTER}",
                           *(word.decode("utf-8", "replace") for word in known))
        self.size = len(self.vocabulary)
        self._ids = tf.lookup.StaticHashTable(
            tf.lookup.KeyValueTensorInitializer(known, tf.range(2, self.size)), default_value=1)

    @property
    def word_counts(self):
        """The counts without those of unknown words, int64 [size]."""
        return np.where(np.arange(self.size) < _FIRST, 0, self.counts)

    def encode(self, texts):
        """Maps texts, string [B], to the ids of their words, int32 ragged [B, None]."""
        words = _split_words(texts)
        return words.with_flat_values(self._ids.lookup(words.flat_values))

    def lookup(self, words):
        """Maps words, string [B], to ids, int32 [B]; case and punctuation do not matter."""
        return self._ids.lookup(_plain(words))


def chunks(texts):
    """Yields an iterable of texts as lists of some thousands."""
    texts = iter(texts)
    while some := list(itertools.islice(texts, _CHUNK)):
        yield some


def _plain(texts):
    """Returns texts in lower case (of ASCII, as Keras does) and without punctuation."""
    return tf.strings.regex_replace(tf.strings.lower(texts), _PUNCTUATION, "")


def _split_words(texts):
    """Returns the words of texts, string [B], as string ragged [B, None]."""
    return tf.strings.split(tf.strings.regex_replace(
        _plain(texts), f"([{_IDEOGRAPH}])", r" \1 "))
