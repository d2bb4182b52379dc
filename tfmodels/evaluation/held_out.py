"""Which examples of a split are scored, or fit a baseline: the first ones, where all are too many.

Of a held-out split all are scored that the memory set aside for it holds, see `examples`.
"""

import functools

_LEAST = 256 << 20  # bytes of examples that are scored, however little is kept for training


@functools.lru_cache(maxsize=4)
def examples(split):
    """Returns the examples of a split that are scored, as its `arrays()` does.

    All of them, of a split larger than its `memory_limit` the first ones, at least 256 MiB.
    """
    return split.arrays() if split.resident else split.head(scored(split))


def scored(split):
    """Returns how many examples of a split are scored."""
    if split.resident:
        return split.size
    held = max(split.memory_limit, _LEAST)
    return min(split.size, max(1, held * split.size // split.nbytes()))


def notes(split):
    """Returns a list with a sentence about the examples of a test split left out, if any are."""
    count = scored(split)
    return [] if count == split.size else [
        f"scored on the first {count:,} of {split.size:,} test examples, as many as the memory "
        f"limit of {max(split.memory_limit, _LEAST) >> 20:,} MiB holds"]


def first(split, most, nbytes):
    """Returns the first examples of a split as its `arrays()` does.

    Args:
        split: a `Split`.
        most: examples.
        nbytes: that they have together, as the mean example has; one is returned in any case.
    """
    return split.head(max(1, min(most, nbytes * split.size // max(1, split.nbytes()))))


def first_texts(texts, nbytes):
    """Yields the first of some texts, up to the one with which they have `nbytes` together.

    Args:
        texts: iterable of UTF-8 bytes.
        nbytes: also of a single text: a longer one is cut, between two characters.
    """
    size = 0
    for text in texts:
        text = cut(text, nbytes)
        yield text
        size += len(text)
        if size >= nbytes:
            return


def cut(text, nbytes):
    """Returns the beginning of UTF-8 bytes: at most so many, without a character cut in two."""
    if len(text) <= nbytes:
        return text
    end = nbytes
    while end > max(0, nbytes - 4) and text[end] & 0xC0 == 0x80:  # goes on with a character
        end -= 1
    return text[:end]


def fitted_on(count, size):
    """Returns the entry of a baseline's scores that says on what part of training it was fitted.

    Args:
        count: training examples it was fitted on.
        size: that there are.

    Returns:
        {} if it is all of them.
    """
    return {} if count >= size else {"fitted_on": f"{count:,} of {size:,} training examples"}
