"""Scores and baselines of pairs of words against sums by hand."""

import numpy as np
import pytest
import scipy.sparse

from tfmodels.errors import InputError
from tfmodels.evaluation import word_pairs
from tfmodels.models.word2vec import SkipGrams


def flat(size, **settings):
    """Returns skip-grams of equally frequent words."""
    return SkipGrams(np.r_[0, 0, np.ones(size - 2)], **{
        "window": 2, "threshold": 0, "negatives": 3, "noise": 4} | settings)


def test_loss_and_accuracy_of_scores():
    pairs = word_pairs.Pairs(np.array([2, 3]), np.array([4, 5]), np.array([[4, 6], [7, 5]]))
    table = np.arange(8.0)
    found = word_pairs.scores(lambda _, candidates: table[candidates], pairs)
    assert found["accuracy"] == (0.5 + 0 + 0 + 0.5) / 4
    loss = np.log1p(np.exp([-4.0, -5])).mean() + np.log1p(np.exp([4.0, 6, 7, 5])).sum() / 2
    assert found["loss"] == pytest.approx(loss)


def test_baselines_are_logarithms_of_counts():
    pairs = np.array([[0, 0, 0], [0, 6, 2], [0, 2, 8]])
    noise = np.array([0, 0.5, 0.5])
    counts = word_pairs.Counts(scipy.sparse.csr_matrix(pairs, dtype=float), 5, noise)
    ids = np.array([1, 2, 1]), np.array([1, 1, 2])
    np.testing.assert_allclose(
        word_pairs.frequency(counts)(*ids),
        np.log(np.array([9, 9, 11]) / 21 / (5 * 0.5)))
    information = np.log(np.array([6 / 8, 2 / 10, 2 / 8]) / 0.5)
    np.testing.assert_allclose(word_pairs.ppmi_svd(counts, 2)(*ids),
                               np.maximum(information, 0) - np.log(5), atol=1e-9)


def test_counted_pairs_are_those_of_the_texts():
    tokens = np.array([[2, 3, 4], [5, 2, 0]], np.int32)
    found = word_pairs.count(flat(6, window=1), tokens, 6).pairs.toarray()
    expected = np.zeros((6, 6))
    for a, b in ((2, 3), (3, 4), (5, 2)):
        expected[a, b] = expected[b, a] = 5  # passes
    np.testing.assert_array_equal(found, expected)


def test_held_out_texts_without_neighbours_are_refused():
    with pytest.raises(InputError, match="words that may occur less often"):
        word_pairs.held_out(flat(6), np.array([[2, 0]], np.int32))
