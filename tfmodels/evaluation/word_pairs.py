"""How well words predict the words near them: on pairs of held-out texts, beside baselines.

A score of a pair of words says how much likelier the second is a neighbour of the first than one
of k noise words: the logarithm of p(neighbour) / (k p(noise)). That is what skip-gram with
negative sampling learns (Levy & Goldberg, "Neural Word Embedding as Implicit Matrix
Factorization", NeurIPS 2014, equation 7), and what the baselines here estimate from counts.
"""

import dataclasses

import numpy as np
import scipy.sparse
import sklearn.decomposition
import tensorflow as tf

from tfmodels.data.parts import parts
from tfmodels.errors import InputError

_SCORED = 30_000  # pairs
_PASSES = 5  # over the training texts, for the baselines' counts
_BATCH = 1024  # texts


@dataclasses.dataclass(frozen=True)
class Pairs:
    """Held-out pairs: ids of words [P], of a neighbour of each [P], of noise words [P, k]."""

    words: np.ndarray
    contexts: np.ndarray
    noise: np.ndarray


@dataclasses.dataclass(frozen=True)
class Counts:
    """Of each word and neighbour: a sparse matrix [V, V]; k, and the noise distribution [V]."""

    pairs: scipy.sparse.csr_matrix
    negatives: int
    noise: np.ndarray


def held_out(skip_grams, tokens):
    """Returns the same `Pairs` at every call: subsampled and in windows as in training.

    Args:
        skip_grams: a `SkipGrams`.
        tokens: int32 [N, T], texts; 0 for padding.

    Raises:
        InputError: no two words of the vocabulary are near each other in them.
    """
    seeds = tf.random.experimental.stateless_split(tf.constant([0, 0], tf.int64), 3)
    words, contexts = (ids.numpy() for ids in skip_grams.pairs(tf.constant(tokens), seeds[0]))
    if not len(words):
        raise InputError("a held-out split has no two words of the vocabulary near each other: "
                         "expected more text, or words that may occur less often")
    chosen = np.random.default_rng(0).permutation(len(words))[:_SCORED]
    noise = skip_grams.draw_noise([len(chosen), skip_grams.negatives], seeds[1]).numpy()
    return Pairs(words[chosen], contexts[chosen], noise)


def scores(score, pairs):
    """Scores a way of scoring.

    Args:
        score: ids of words and of candidates, int [N] each -> scores, float [N].
        pairs: `Pairs`.

    Returns:
        `loss`, equation 4 of Mikolov et al. 2013 negated, in nats per pair; `accuracy`, how often
        a neighbour outscores a noise word, a tie counting half.
    """
    negatives = pairs.noise.shape[1]
    true = score(pairs.words, pairs.contexts)
    noise = score(np.repeat(pairs.words, negatives), pairs.noise.ravel()).reshape(-1, negatives)
    loss = np.logaddexp(0, -true).mean() + negatives * np.logaddexp(0, noise).mean()
    wins = (true[:, None] > noise) + 0.5 * (true[:, None] == noise)
    return {"loss": float(loss), "accuracy": float(wins.mean())}


def count(skip_grams, tokens, size):
    """Counts the pairs of some passes over texts; returns `Counts`.

    Args:
        skip_grams: a `SkipGrams`.
        tokens: int32 [N, T], texts; 0 for padding.
        size: V.
    """
    total = scipy.sparse.csr_matrix((size, size), dtype=np.float64)
    for number in range(_PASSES):
        for first, some in parts(_BATCH, tokens):
            seed = tf.constant([1 + number, first], tf.int64)
            ids = skip_grams.pairs(tf.constant(some), seed)
            ones = np.ones(len(ids[0]))
            total += scipy.sparse.coo_matrix((ones, [i.numpy() for i in ids]), total.shape)
    return Counts(total, skip_grams.negatives, skip_grams.noise_probabilities.numpy())


def frequency(counts):
    """Returns the score by a candidate's frequency as a neighbour, whatever the word."""
    times = np.asarray(counts.pairs.sum(0)).ravel() + 1.0  # a word never met is not impossible
    ratio = np.log(times / times.sum()) - np.log(
        np.maximum(counts.noise, np.finfo(np.float32).tiny) * counts.negatives)
    return lambda _, candidates: ratio[candidates]


def ppmi_svd(counts, width):
    """Returns the score by a factorized matrix of positive pointwise mutual information.

    The neighbours' distribution is smoothed as the noise is (Levy, Goldberg & Dagan, "Improving
    Distributional Similarity with Lessons Learned from Word Embeddings", TACL 2015, section 3.2),
    and both factors get the square root of the singular values (section 3.3).

    Args:
        counts: `Counts`.
        width: dimension of a vector.
    """
    pairs = counts.pairs.tocoo()
    of_words = np.asarray(counts.pairs.sum(1)).ravel()
    information = np.log(pairs.data / (of_words[pairs.row] * counts.noise[pairs.col]))
    matrix = scipy.sparse.csr_matrix((np.maximum(information, 0), (pairs.row, pairs.col)),
                                     pairs.shape)
    svd = sklearn.decomposition.TruncatedSVD(min(width, matrix.shape[0] - 1), random_state=0)
    words = svd.fit_transform(matrix) / np.sqrt(svd.singular_values_ + 1e-12)
    contexts = svd.components_.T * np.sqrt(svd.singular_values_)
    return lambda ids, candidates: (np.einsum("nd,nd->n", words[ids], contexts[candidates])
                                    - np.log(counts.negatives))
