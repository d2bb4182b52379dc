"""Interpolated n-gram models of characters: what a character language model has to beat."""

import itertools

import numpy as np

from tfmodels.evaluation import held_out, kept, tuning

TRAINED_ON = 5_000_000  # most characters of training text: all of the embedded sets
CHOSEN_ON = 1_000_000  # bytes of validation text that are enough to choose by
SCORED_ON = 5_000_000  # bytes of test text
ORDERS = 24  # tried at most

_GAIN = 0.002  # bits per character for which two characters of history are worth their time
_LEAST = 0.05  # of the discounts


def tuned(train, validation, test):
    """Scores texts by the n-gram model whose order, n, suits the validation texts best.

    The order grows for as long as two characters more save `_GAIN`, to `ORDERS` at most.

    Args:
        train, validation, test: iterables of UTF-8 bytes, see `by_order`; of more than `CHOSEN_ON`
            or `SCORED_ON` bytes of the last two the first texts are looked at.

    Returns:
        `bits_per_char` of the test texts, the `settings` that were chosen, and `fitted_on` if
        training has more text than is counted.
    """
    known = list(held_out.first_texts(train, TRAINED_ON))
    found = interpolated_ngram(known, list(held_out.first_texts(validation, CHOSEN_ON)),
                               list(held_out.first_texts(test, SCORED_ON)))
    return found | ({"fitted_on": f"the first {TRAINED_ON:,} bytes of training text"}
                    if sum(map(len, known)) >= TRAINED_ON else {})


@kept.scores
def interpolated_ngram(train, validation, test):
    """Returns what `tuned` does of lists of texts, each of them counted or scored whole."""
    tried = []
    for found in itertools.islice(by_order(train, validation, test), ORDERS):
        bits, of_test = (float(-np.log2(each).mean()) for each in found)
        tried.append(({"order": len(tried) + 1}, bits, of_test))
        scores = [score for _, score, _ in tried]
        if len(tried) > 2 and min(scores[-2:]) > min(scores[:-2]) - _GAIN:
            break
    settings, bits = tuning.chosen("interpolated_ngram", tried, "bits_per_char", min)
    return {"bits_per_char": bits, "settings": settings}


def by_order(train, *others):
    """Yields the probabilities of the characters of texts by models of order 1, 2, …, without end.

    Interpolated modified Kneser-Ney (Chen & Goodman 1999, section 3, equations 24 to 27). The
    characters of a text are predicted one by one, its line end (a line feed) last, each from the
    order - 1 before it; a text starts after line feeds. Below one character of history stands the
    uniform distribution over the characters of the training texts and one more, which stands for
    all others.

    Each order is counted from the one below, and only these two are kept: memory, and the time that
    an order takes, are those of the number of characters.

    Args:
        train: iterable of UTF-8 bytes, at least one; of more than `TRAINED_ON` bytes the first
            texts are counted, of a single text its beginning.
        *others: iterables of UTF-8 bytes, to be predicted.

    Yields:
        A list: of each of others float64 [N], the probability of each character, line ends
        included.
    """
    counted = [array[:TRAINED_ON] for array in _lines(held_out.first_texts(train, TRAINED_ON))]
    lines = [counted, *map(_lines, others)]
    points, starts = (np.concatenate(arrays) for arrays in zip(*lines, strict=True))
    bounds = np.cumsum([len(array) for array, _ in lines])
    known = bounds[0]  # characters that are counted; the others are predicted
    alphabet = np.unique(np.append(points[:known], ord("\n")))
    size = len(alphabet) + 1
    places = np.searchsorted(alphabet, points).clip(max=len(alphabet) - 1)
    characters = np.where(alphabet[places] == points, places, len(alphabet))
    feed = np.searchsorted(alphabet, ord("\n"))

    found = np.full(len(points) - known, 1 / size)
    histories, blank = np.zeros(len(points), np.int64), 0  # blank: the one of line feeds alone
    grams, ids = np.unique(characters, return_inverse=True)  # a gram is history * size + character
    while True:
        counts = np.bincount(ids[:known], minlength=len(grams))
        yield np.split(_interpolated(grams // size, counts, histories[known:], ids[known:], found),
                       bounds[1:-1] - known)
        line_feeds = np.flatnonzero(grams == blank * size + feed)
        blank = line_feeds[0] if len(line_feeds) else len(grams)
        # The gram before a character is its history in the next order.
        longer_histories = np.where(starts, blank, np.roll(ids, 1))
        longer, longer_ids = np.unique(longer_histories * size + characters, return_inverse=True)
        # A lower order counts the different characters before a gram.
        ends = np.empty(len(longer), np.int64)  # the gram that is left without its first character
        ends[longer_ids] = ids
        seen = np.bincount(longer_ids[:known], minlength=len(longer)) > 0
        counts = np.bincount(ends[seen], minlength=len(grams))
        found = _interpolated(grams // size, counts, histories[known:], ids[known:], found)
        histories, grams, ids = longer_histories, longer, longer_ids


def _interpolated(history_of, counts, histories, ids, lower):
    """Mixes the counts of the grams with one length of history with the level below.

    Args:
        history_of: of each gram, the id of its history.
        counts: of each gram; 0 where training does not have it.
        histories, ids: int64 [N], of the characters to predict and the grams that they end.
        lower: float64 [N], their probabilities by the level below.

    Returns:
        Probabilities float64 [N].
    """
    # Discounts of grams seen once, twice and more often (equation 26), from how many there are.
    ones, twos, threes, fours = (max(int((counts == n).sum()), 1) for n in (1, 2, 3, 4))
    share = ones / (ones + 2 * twos)
    discounts = np.array([0, 1 - 2 * share * twos / ones, 2 - 3 * share * threes / twos,
                          3 - 4 * share * fours / threes])
    # Little text may ask for none, which would leave nothing for what was never seen.
    discounts[1:] = discounts[1:].clip(_LEAST, None)
    discount = np.minimum(discounts[np.minimum(counts, 3)], counts)
    total = np.bincount(history_of, counts)[histories]
    freed = np.bincount(history_of, discount)[histories]
    mixed = ((counts - discount)[ids] + freed * lower) / np.maximum(total, 1)
    return np.where(total > 0, mixed, lower)


def _lines(texts):
    """Returns the code points of all texts, each with its line end, and where texts start."""
    lines = [text.decode("utf-8", errors="replace") + "\n" for text in texts]
    points = np.frombuffer("".join(lines).encode("utf-32-le", "replace"), np.uint32)
    starts = np.zeros(len(points), bool)
    starts[np.cumsum([0, *map(len, lines)])[:-1]] = True
    return points, starts
