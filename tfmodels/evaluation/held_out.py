"""Which examples of a held-out split are scored: all that the memory set aside for it holds."""

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
