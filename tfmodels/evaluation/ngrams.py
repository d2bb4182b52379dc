"""An interpolated n-gram model of characters: what a character language model has to beat."""

import numpy as np

TRAINED_ON = 20_000_000  # most characters of training text: all of the embedded sets

_LEAST = 0.05  # of the discounts
_NEVER = -1  # the id of a history that training did not have


class CharacterNgrams:
    """Interpolated modified Kneser-Ney (Chen & Goodman 1999, section 3, equations 24 to 27).

    The characters of a text are predicted one by one, its line end (a line feed) last, each from
    the order - 1 before it; a text starts after line feeds. Below one character of history stands
    the uniform distribution over the characters of the training texts and one more, which stands
    for all others.

    Attributes:
        size: how many outcomes a prediction has.
    """

    def __init__(self, texts, order=5):
        """Counts.

        Args:
            texts: iterable of UTF-8 bytes; of more than `TRAINED_ON` characters the first ones.
            order: n, at least 1.
        """
        points, scored = _padded(_first(texts), order)
        points, scored = points[:TRAINED_ON], scored[:TRAINED_ON]
        self._order = order
        self._known = np.unique(np.append(points, ord("\n")))
        self.size = len(self._known) + 1
        self._levels = []
        characters = self._characters(points)
        grams, histories = [], np.zeros(len(characters), np.int64)
        for _ in range(order):  # histories of 0, 1, … characters
            keys = histories * self.size + characters
            table, first, ids = np.unique(keys, return_index=True, return_inverse=True)
            grams.append((table, first, ids))
            histories = _shifted(ids, 0)
        counts = np.bincount(grams[-1][2], scored, len(grams[-1][0]))
        for level in range(order - 1, -1, -1):
            table, _, _ = grams[level]
            self._levels.insert(0, _Level(table, counts, self.size))
            if level:  # a lower order counts the different characters before a gram
                seen = grams[level][1][counts > 0]
                below = grams[level - 1]
                counts = np.bincount(below[2][seen], minlength=len(below[0]))

    def probabilities(self, texts):
        """Returns the probability of every character of texts, line ends included, float64 [N]."""
        points, scored = _padded(texts, self._order)
        characters = self._characters(points)
        found = np.full(len(characters), 1 / self.size)
        histories = np.zeros(len(characters), np.int64)
        for level in self._levels:
            found, ids = level.interpolate(histories, characters, found)
            histories = _shifted(ids, _NEVER)
        return found[scored]

    def bits_per_char(self, texts):
        """Returns the mean negative log2 probability of the characters of texts."""
        return float(-np.log2(self.probabilities(texts)).mean())

    def _characters(self, points):
        """Returns the number of each character, the same last one for all unknown ones."""
        places = np.searchsorted(self._known, points).clip(max=len(self._known) - 1)
        return np.where(self._known[places] == points, places, self.size - 1)


class _Level:
    """The counts of the grams with one length of history.

    Args:
        table: sorted keys of the grams, history * size + character.
        counts: of each gram; 0 where it only leads up to a text.
        size: number of characters.
    """

    def __init__(self, table, counts, size):
        self._table, self._size = table, size
        # Discounts of grams seen once, twice and more often (equation 26), from how many there are.
        ones, twos, threes, fours = (max(int((counts == n).sum()), 1) for n in (1, 2, 3, 4))
        share = ones / (ones + 2 * twos)
        discounts = np.array([0, 1 - 2 * share * twos / ones, 2 - 3 * share * threes / twos,
                              3 - 4 * share * fours / threes])
        # Little text may ask for none, which would leave nothing for what was never seen.
        discounts[1:] = discounts[1:].clip(_LEAST, None)
        discount = np.minimum(discounts[np.minimum(counts, 3).astype(int)], counts)
        history = table // size
        self._kept = counts - discount
        self._totals = np.bincount(history, counts)  # of each history
        self._freed = np.bincount(history, discount)

    def interpolate(self, histories, characters, lower):
        """Mixes this level with the one below.

        Args:
            histories, characters: int64 [N]; a history may be `_NEVER`.
            lower: float64 [N], the probabilities by the level below.

        Returns:
            Probabilities float64 [N], and the ids of the grams int64 [N], `_NEVER` where training
            did not have them.
        """
        keys = histories * self._size + characters
        places = np.searchsorted(self._table, keys).clip(max=len(self._table) - 1)
        there = (self._table[places] == keys) & (histories != _NEVER)
        history = np.where(histories == _NEVER, 0, histories)
        total = self._totals[history] * (histories != _NEVER)
        mixed = (np.where(there, self._kept[places], 0) + self._freed[history] * lower
                 ) / np.maximum(total, 1)
        return np.where(total > 0, mixed, lower), np.where(there, places, _NEVER)


def _first(texts):
    """Yields the first texts, up to the one with which they have at least `TRAINED_ON` bytes."""
    size = 0
    for text in texts:
        yield text
        size += len(text)
        if size >= TRAINED_ON:
            return


def _padded(texts, order):
    """Returns the code points of all texts, each between line feeds, and which are predicted."""
    pad = "\n" * (order - 1)
    lines = [text.decode("utf-8", errors="replace") + "\n" for text in texts]
    points = np.frombuffer("".join(pad + line for line in lines).encode("utf-32-le", "replace"),
                           np.uint32)
    lengths = np.array([len(line) for line in lines], np.int64)
    scored = np.repeat(np.tile([False, True], len(lines)),
                       np.stack([np.full_like(lengths, order - 1), lengths], 1).ravel())
    return points, scored


def _shifted(ids, first):
    """Returns the gram that ends before each place: the history, one longer, of the next level."""
    return np.concatenate([[first], ids[:-1]])
