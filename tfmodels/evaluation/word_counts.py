"""What counting words says of a hidden one: how frequent each is, alone and after another."""

import numpy as np

from tfmodels.errors import InputError

_DISCOUNT = 0.75  # of a pair's count, given to what was not seen (Ney et al. 1994)


class WordCounts:
    """Unigram and interpolated bigram probabilities of words.

    Args:
        words: int [N, T], token ids of the training texts, 0 for padding at the end.
        size: number of token ids, V. Ids 0 and 1, padding and the unknown word, are no answers.

    Attributes:
        shares: float64 [V], how frequent each word is; of 0 and 1 it is 0.

    Raises:
        InputError: there are no words.
    """

    def __init__(self, words, size):
        if not (words > 1).any():
            raise InputError("the training texts have no words: expected letters or digits in them")
        counts = np.bincount(words[words > 1], minlength=size) + 1.0  # none is impossible
        counts[:2] = 0
        self.shares = counts / counts.sum()
        before = np.pad(words, ((0, 0), (1, 0)))[:, :-1]
        pairs, counts = np.unique(before[words > 1].astype(np.int64) * size + words[words > 1],
                                  return_counts=True)
        first = pairs // size
        self._size, self._pairs = size, pairs
        total = np.bincount(first, counts, size)
        self._left = np.where(total > 0, _DISCOUNT * np.bincount(first, minlength=size), 1.0)
        self._left /= np.maximum(total, 1)
        self._kept = (counts - _DISCOUNT) / total[first]
        # The likeliest word after each: one that was seen there, or the most frequent of all.
        found = self._kept + self._left[first] * self.shares[pairs % size]
        self._likeliest = np.full(size, self.shares.argmax())
        rising = np.argsort(found, kind="stable")
        better = rising[found[rising] > (self._left * self.shares.max())[first[rising]]]
        self._likeliest[first[better]] = pairs[better] % size

    def chances(self, threshold):
        """Returns float64 [V], min(1, √(t / f)): smaller for words of a share f above t.

        Mikolov et al., "Distributed Representations of Words and Phrases and their
        Compositionality", NeurIPS 2013, equation 5.
        """
        return np.minimum(1, np.sqrt(threshold / self.shares.clip(1e-12)))

    def unigram(self, targets):
        """Returns `loss` (nats), `accuracy` and `perplexity` of words int [n] by frequency."""
        return _scores(self.shares[targets], targets == self.shares.argmax())

    def bigram(self, before, targets):
        """Returns the same of words int [n] after other words int [n].

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
