"""How many texts are longer than what a model reads of them."""

import tensorflow as tf

from tfmodels.tokens.words import marks_apart

_TEXTS = 10_000  # most that are looked at
_BYTES = 16 << 20  # most that they have together
_AT_ONCE = 1 << 20  # bytes cut into tokens at a time


def note(texts, is_cut, what, length):
    """Counts the texts that lose their tail, and prints a sentence about them if there are any.

    Args:
        texts: iterable of UTF-8 byte strings, of which the first 10,000 or 16 MB are looked at.
        is_cut: string [B] -> whether each loses its tail, bool [B].
        what: they are, such as `training texts`.
        length: tokens that are kept of each.

    Returns:
        A list with the sentence; empty if no text is cut.
    """
    cut = seen = 0
    for some in _bounded(texts):
        cut += int(tf.math.count_nonzero(is_cut(tf.constant(some))))
        seen += len(some)
    if not cut:
        return []
    share = f"{cut / seen:.1%}" if cut / seen >= 0.0005 else "less than 0.1%"
    said = (f"{share} of {seen:,} {what} are longer than {length} tokens and cut "
            "there")
    print(said, flush=True)
    return [said]


def longer_than(length):
    """Returns the `is_cut` of the tokens of `word_tokens`, of which `length` are kept."""
    return lambda texts: tf.strings.split(marks_apart(texts)).row_lengths() > length


def _bounded(texts):
    """Yields the first texts in lists of about `_AT_ONCE` bytes."""
    some, size, total, count = [], 0, 0, 0
    for text in texts:
        some.append(text)
        size, count = size + len(text), count + 1
        over = count == _TEXTS or total + size >= _BYTES
        if size >= _AT_ONCE or over:
            yield some
            some, size, total = [], 0, total + size
        if over:
            return
    if some:
        yield some
