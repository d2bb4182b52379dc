"""What counting words says of a masked one: how frequent each is, alone and after another."""

import numpy as np

from tfmodels.errors import InputError

# Of a pair's count, given to what was not seen (Ney et al. 1994): of 0.5 to 0.95 the best on the
# validation verses of kjv_verses.
_DISCOUNT = 0.75


class WordCounts:
    """Unigram and interpolated bigram probabilities of words.

    Args:
        words: int [N, T], token ids of the training texts, 0 for padding at the end.
        size: number of token ids, V. Ids 0 and 1, padding and the unknown word, are no answers.

    Attributes:
        shares: float64 [V], how frequent each word is; of 0 and 1 it is 0.
        texts: N.

    Raises:
        InputError: there are no words.
    """

    def __init__(self, words, size):
        if not (words > 1).any():
            raise InputError("the training texts have no words: expected letters or digits in them")
        self.texts = len(words)
        counts = np.bincount(words[words > 1], minlength=size) + 1.0  # none is impossible
        counts[:2] = 0
        self.shares = counts / counts.sum()
        before = np.pad(words, ((0, 0), (1, 0)))[:, :-1]
        pairs, counts = np.unique(before[words > 1].astype(np.int64) * size + words[words > 1],
                                  return_counts=True)
        first, second = pairs // size, pairs % size
        total = np.maximum(np.bincount(first, counts, size), 1)
        different = np.bincount(first, minlength=size)
        self._size, self._pairs = size, pairs
        self._kept = (counts - _DISCOUNT) / total[first]
        self._left = np.where(different > 0, _DISCOUNT * different / total, 1.0)
        # The likeliest word after each: one that was seen there, or the most frequent of all.
        found = self._kept + self._left[first] * self.shares[second]
        self._likeliest = np.full(size, self.shares.argmax())
        rising = np.argsort(found, kind="stable")
        better = rising[found[rising] > (self._left * self.shares.max())[first[rising]]]
        self._likeliest[first[better]] = second[better]

    def unigram(self, targets):
        """Returns `loss` (nats), `accuracy` and `perplexity` of masked words int [n]."""
        return _scores(self.shares[targets], targets == self.shares.argmax())

    def bigram(self, before, targets):
        """Returns the same of masked words int [n] after other words int [n].

        P(w | v) = max(c(v, w) - d, 0) / c(v) + d n(v) / c(v) P(w), where n(v) words were seen after
        v: absolute discounting, Ney et al., "On Structuring Probabilistic Dependences in Stochastic
        Language Modelling", 1994.
        """
        keys = before.astype(np.int64) * self._size + targets
        place = np.searchsorted(self._pairs, keys).clip(max=len(self._pairs) - 1)
        seen = np.where(self._pairs[place] == keys, self._kept[place], 0)
        return _scores(seen + self._left[before] * self.shares[targets],
                       self._likeliest[before] == targets)


def _scores(probabilities, right):
    """Returns the metrics of the probabilities of the words and whether each was the answer."""
    loss = float(-np.log(probabilities).mean())
    return {"loss": loss, "accuracy": float(right.mean()), "perplexity": float(np.exp(loss))}
