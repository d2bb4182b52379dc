"""Text to tokens by byte-pair encoding, as GPT-2 cuts it, with plain TensorFlow operations.

Radford et al., "Language Models are Unsupervised Multitask Learners", 2019, section 2.2. Every
string has tokens, since the smallest ones are the 256 bytes.
"""

import collections

import numpy as np
import tensorflow as tf

from tfmodels.tokens.merges import learn_merges
from tfmodels.tokens.words import chunks

PADDING, UNKNOWN = "[PAD]", "[UNK]"  # the first two tokens of a trained vocabulary
SMALLEST = 258  # those two and the bytes

_SPACE = r"\t-\r\x{85}\p{Z}"  # Unicode's white space; RE2's \s is only ASCII's
# GPT-2's pattern is 's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
# RE2 cannot look ahead: the space that \s+(?!\S) leaves to the next word is cut off first.
_BEFORE_WORD = rf"([{_SPACE}]+)([{_SPACE}][^{_SPACE}])"
_PIECE = (r"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+"
          rf"| ?[^{_SPACE}\p{{L}}\p{{N}}]+|[{_SPACE}]+)")
_CUT = b"\xff"  # in no UTF-8 text, and matched by no class of characters


class BytePairTokens(tf.Module):
    """Cuts texts into byte-pair tokens, and puts them together again.

    Args:
        vocabulary: the tokens by id, written in GPT-2's alphabet for bytes (see `byte_alphabet`).
        merges: pairs (left, right) of tokens, the ones that are merged first in front.
        special: the tokens that stand for no text; the first of them is the padding of rows.
        start: the token in front of a text that follows no other, or None.

    Attributes:
        size: V, number of ids.
        vocabulary: tuple of str.
        special: ids that stand for no text; no generated text should hold them.
        padding: the first of them.
        start, end: None, there are no such ids, unless `start` was named.

    Raises:
        ValueError: a byte, a token of a merge, its result or a special one is not in the
            vocabulary.
    """

    end = None

    def __init__(self, vocabulary, merges, special=(PADDING, UNKNOWN), start=None):
        super().__init__(name="byte_pair_tokens")
        self.vocabulary = tuple(vocabulary)
        self.size = len(self.vocabulary)
        ids = {token: number for number, token in enumerate(self.vocabulary)}

        def known(token):
            if token not in ids:
                raise ValueError(f"token {token!r} is not in the vocabulary")
            return ids[token]

        alphabet = byte_alphabet()
        self.special = tuple(known(token) for token in special)
        self.padding = self.special[0]
        self.start = None if start is None else known(start)
        self._byte_ids = np.array([known(letter) for letter in alphabet], np.int32)
        self._results = np.array([known(left + right) for left, right in merges], np.int32)
        pairs = np.array([known(left) * self.size + known(right) for left, right in merges],
                         np.int64)
        self._ranks = np.argsort(pairs, kind="stable").astype(np.int32)
        self._pairs = pairs[self._ranks]
        of_letter = {letter: bytes([byte]) for byte, letter in enumerate(alphabet)}
        self._bytes = tuple(
            b"".join(of_letter.get(letter, letter.encode()) for letter in token)
            if number not in self.special else b"" for number, token in enumerate(self.vocabulary))

    def encode(self, texts):
        """Returns the tokens of texts, string [B] -> int32 RaggedTensor [B, None].

        Bytes that are not UTF-8 count as U+FFFD, the replacement character.
        """
        pieces = _pieces(texts)
        different, index = tf.unique(pieces.values)  # most words of a text come again and again
        tokens = tf.gather(self._merged(different), index)  # [pieces, None]
        return pieces.with_values(tokens).merge_dims(1, 2)

    def decode(self, tokens):
        """Returns the texts of tokens, int32 [B, T] -> string [B], without the special ones.

        Characters that were cut in the middle become U+FFFD.
        """
        texts = tf.strings.reduce_join(tf.gather(tf.constant(self._bytes), tokens), -1)
        return tf.strings.unicode_transcode(texts, "UTF-8", "UTF-8", errors="replace")

    def _merged(self, pieces):
        """Merges the bytes of pieces, string [P] -> int32 RaggedTensor [P, None].

        All pieces at once: each round merges, in every piece, the pair that comes first among the
        merges. `owner` says to which piece each of the tokens of all pieces belongs.
        """
        lengths = tf.strings.length(pieces)
        owner = tf.repeat(tf.range(tf.size(pieces, tf.int64)), lengths)  # [N]
        raw = tf.io.decode_raw(tf.strings.reduce_join(pieces), tf.uint8)
        tokens = tf.gather(tf.constant(self._byte_ids), tf.cast(raw, tf.int32))
        _, tokens, owner = tf.while_loop(
            lambda again, *_: again, lambda _, *state: self._merge_once(*state),
            [tf.size(self._pairs) > 0, tokens, owner],
            shape_invariants=[tf.TensorShape([]), tf.TensorShape([None]), tf.TensorShape([None])])
        return tf.RaggedTensor.from_value_rowids(tokens, owner, tf.size(pieces, tf.int64))

    def _merge_once(self, tokens, owner):
        """Returns whether there was anything to merge, and the tokens and owners after that."""
        never = len(self._pairs)
        left, right = tokens[:-1], tokens[1:]
        pair = tf.cast(left, tf.int64) * self.size + tf.cast(right, tf.int64)
        place = tf.minimum(tf.searchsorted(tf.constant(self._pairs), pair), never - 1)
        known = (tf.gather(tf.constant(self._pairs), place) == pair) & (owner[:-1] == owner[1:])
        rank = tf.where(known, tf.gather(tf.constant(self._ranks), place), never)
        first = tf.gather(tf.math.segment_min(rank, owner[:-1]), owner[:-1])
        chosen = _every_other((rank == first) & known)
        tokens = tf.where(
            tf.pad(chosen, [[0, 1]]),
            tf.gather(tf.constant(self._results), tf.pad(tf.where(chosen, rank, 0), [[0, 1]])),
            tokens)
        kept = ~tf.pad(chosen, [[1, 0]])[:tf.size(tokens)]
        return (tf.reduce_any(chosen), tf.boolean_mask(tokens, kept),
                tf.boolean_mask(owner, kept))


def train_byte_pairs(texts, vocabulary_size):
    """Learns byte pairs from texts.

    Args:
        texts: the training texts, an iterable of UTF-8 byte strings, read once.
        vocabulary_size: most tokens, padding, the unused unknown one and the bytes included; at
            least `SMALLEST`. Fewer come of texts with few pairs that occur twice.

    Returns:
        `BytePairTokens`; id 0 is padding.
    """
    alphabet = byte_alphabet()
    vocabulary = [PADDING, UNKNOWN, *sorted(alphabet)]
    ids = {letter: number for number, letter in enumerate(vocabulary)}
    of_byte = [ids[letter] for letter in alphabet]
    pieces = collections.Counter()
    for some in chunks(texts):
        found, _, counts = tf.unique_with_counts(_pieces(tf.constant(some)).values)
        for piece, count in zip(found.numpy(), counts.numpy(), strict=True):
            pieces[tuple(of_byte[byte] for byte in piece)] += int(count)
    merges = []
    for left, right in learn_merges(pieces, SMALLEST, vocabulary_size - SMALLEST):
        merges.append((vocabulary[left], vocabulary[right]))
        vocabulary.append(vocabulary[left] + vocabulary[right])
    return BytePairTokens(vocabulary, merges)


def byte_alphabet():
    """Returns GPT-2's character for each of the 256 bytes: printable, and none of them a space.

    A byte that is a printable character of Latin-1 stands for itself; the others take, in order,
    the characters from U+0100 on.
    """
    printable = {*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)}
    others = iter(range(0x100, 0x200))
    return [chr(byte if byte in printable else next(others)) for byte in range(256)]


def _pieces(texts):
    """Cuts string [B] into words with the space in front and the like, ragged [B, None]."""
    texts = tf.strings.unicode_transcode(texts, "UTF-8", "UTF-8", errors="replace")
    marked = tf.strings.regex_replace(texts, _BEFORE_WORD, rb"\1" + _CUT + rb"\2")
    marked = tf.strings.regex_replace(marked, _PIECE, rb"\1" + _CUT)
    pieces = tf.strings.split(marked, _CUT)
    return tf.ragged.boolean_mask(pieces, pieces != "")


def _every_other(marks):
    """Keeps the first, third, … of each run of marks, bool [N]: pairs must not overlap."""
    starts = marks & ~tf.pad(marks, [[1, 0]])[:tf.size(marks)]
    # Where the run of each mark began; what is in front of the first run has no mark.
    began = tf.gather(tf.concat([[0], tf.where(starts)[:, 0]], 0),
                      tf.cumsum(tf.cast(starts, tf.int32)))
    return marks & ((tf.range(tf.size(marks, tf.int64)) - began) % 2 == 0)
