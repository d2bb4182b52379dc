"""What the training rows of a table tell of its columns: means, spreads, categories."""

import collections
import dataclasses

import numpy as np

MOST_CATEGORIES = 1000  # of a column; rarer ones share the place of unseen ones
_LEAST = 2  # rows that have a category with a place of its own


@dataclasses.dataclass(frozen=True)
class Statistics:
    """Of the training split alone.

    Attributes:
        mean, spread: float32 [n], of the numbers that are there; a spread is never 0.
        lacking: bool [n], whether some number of a column is missing.
        categories: a tuple for each column of categories, the most frequent first.
        value_mean, value_spread: of the number to predict; 0 and 1 where there is none.
    """

    mean: np.ndarray
    spread: np.ndarray
    lacking: np.ndarray
    categories: tuple
    value_mean: float = 0.0
    value_spread: float = 1.0

    @property
    def sizes(self):
        """How many ids each column of categories has: two for missing and unseen ones too."""
        return tuple(2 + len(known) for known in self.categories)


def statistics(split, columns):
    """Returns the `Statistics` of a split, which is read once, and says which columns are cut.

    Args:
        split: a `Split` of a table.
        columns: its `Columns`.
    """
    numbers, value = _Moments(len(columns.numbers)), _Moments(1)
    counts = [collections.Counter() for _ in columns.categories]
    for chunk in split.chunks():
        numbers.add(chunk.get("numbers", np.empty((0, len(columns.numbers)))))
        if "value" in chunk:
            value.add(chunk["value"][:, None])
        for place, counter in enumerate(counts):
            counter.update(chunk["categories"][:, place])
    categories = tuple(map(_frequent, counts))
    for name, counter, kept in zip(columns.categories, counts, categories, strict=True):
        if len(kept) == MOST_CATEGORIES:
            print(f"{name} has {len(counter):,} categories: the {len(kept):,} most frequent count, "
                  "others are as unseen ones", flush=True)
    has_value = bool(value.count.sum())
    return Statistics(
        numbers.mean.astype(np.float32), numbers.spread().astype(np.float32),
        numbers.count < numbers.rows, categories,
        float(value.mean[0]) if has_value else 0.0, float(value.spread()[0]) if has_value else 1.0)


def _frequent(counter):
    """Returns the categories that have a place of their own."""
    known = sorted((-count, text) for text, count in counter.items() if text and count >= _LEAST)
    return tuple(text for _, text in known[:MOST_CATEGORIES])


class _Moments:
    """Mean and spread of columns, part by part (Chan et al. 1979, equation 2.1), in float64."""

    def __init__(self, width):
        self.rows, self.count = 0, np.zeros(width)
        self.mean, self._squares = np.zeros(width), np.zeros(width)

    def add(self, rows):
        """Takes in rows [N, width]; NaN are left out."""
        there = ~np.isnan(rows)
        rows, count = np.where(there, rows, 0).astype(np.float64), there.sum(0)
        mean = rows.sum(0) / np.maximum(count, 1)
        squares = (np.where(there, rows - mean, 0) ** 2).sum(0)
        total = np.maximum(self.count + count, 1)
        apart = mean - self.mean
        self._squares += squares + apart**2 * self.count * count / total
        self.mean = self.mean + apart * count / total
        self.count, self.rows = self.count + count, self.rows + len(rows)

    def spread(self):
        """Returns the standard deviation, 1 of a column that is the same throughout."""
        spread = np.sqrt(self._squares / np.maximum(self.count, 1))
        return np.where(spread > 1e-7 * np.maximum(abs(self.mean), 1e-30), spread, 1.0)
