"""Beam search against the enumeration of all sequences, and one beam against greedy decoding."""

import itertools

import numpy as np
import pytest
import tensorflow as tf

from tfmodels.decoding.beam_search import beam_search

START, END, SIZE, LENGTH = 2, 3, 5, 4


@pytest.fixture(scope="module")
def tables():
    """Logits of the next token by row, position and all tokens so far, folded to a number."""
    return np.random.default_rng(0).normal(size=(3, LENGTH, 97, SIZE)).astype(np.float32) * 2


def _step(tables):
    """Returns the decoder of the tables; its state is (row, number that the past folds to)."""
    def step(tokens, position, state):
        row, past = state
        past = (past * 7 + tokens) % 97
        index = tf.stack([row, tf.fill(tf.shape(row), position), past], 1)
        return tf.gather_nd(tf.constant(tables), index), (row, past)
    return step


def _search(tables, beams, alpha, length=LENGTH):
    search = tf.function(lambda beams, alpha: beam_search(
        _step(tables), (tf.range(3), tf.zeros([3], tf.int32)), START, END, length, beams, alpha))
    tokens, scores = search(tf.constant(beams), tf.constant(alpha))
    return tokens.numpy(), scores.numpy()


def _log_p(tables, row, sequence):
    """Log-probability of a sequence, with NumPy."""
    past, total = 0, 0.0
    for position, (before, token) in enumerate(zip([START, *sequence], sequence, strict=False)):
        past = (past * 7 + before) % 97
        logits = tables[row, position, past].astype(float)
        total += logits[token] - np.log(np.exp(logits).sum())
    return total


def _all_sequences():
    """Every sequence that ends, and every one of full length that does not."""
    others = [token for token in range(SIZE) if token != END]
    for count in range(LENGTH):
        for head in itertools.product(others, repeat=count):
            yield (*head, END)
    yield from itertools.product(others, repeat=LENGTH)


@pytest.mark.parametrize("alpha", [0.0, 0.6, 2.0])
def test_enough_beams_find_what_enumeration_finds(tables, alpha):
    tokens, scores = _search(tables, SIZE ** LENGTH, alpha)
    for row in range(3):
        best = max(_all_sequences(), key=lambda s, row=row: _log_p(tables, row, s)
                   / ((5 + len(s)) / 6) ** alpha)
        assert tuple(tokens[row][:len(best)]) == best
        assert not tokens[row][len(best):].any()
        wanted = _log_p(tables, row, best) / ((5 + len(best)) / 6) ** alpha
        assert scores[row] == pytest.approx(wanted, rel=1e-5)


def test_one_beam_is_greedy(tables):
    tokens, _ = _search(tables, 1, 0.6)
    for row in range(3):
        past, before, greedy = 0, START, []
        while len(greedy) < LENGTH and before != END:
            past = (past * 7 + before) % 97
            before = int(tables[row, len(greedy), past].argmax())
            greedy.append(before)
        assert tokens[row][:len(greedy)].tolist() == greedy
        assert not tokens[row][len(greedy):].any()


def test_more_beams_score_no_worse_here_and_scores_are_of_what_is_returned(tables):
    found = [_search(tables, beams, 0.6) for beams in (1, 2, 4)]
    for tokens, scores in found:
        for row in range(3):
            sequence = tokens[row].tolist()
            if END in sequence:
                sequence = sequence[:sequence.index(END) + 1]
            wanted = _log_p(tables, row, sequence) / ((5 + len(sequence)) / 6) ** 0.6
            assert scores[row] == pytest.approx(wanted, rel=1e-5)
    assert (found[2][1] >= found[0][1] - 1e-6).all()


def test_a_short_limit_cuts(tables):
    tokens, _ = _search(tables, 2, 0.6, length=1)
    assert tokens.shape == (3, 1)
