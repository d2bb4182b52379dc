"""The n-gram model against a count by hand and a plain recursion over dictionaries."""

import collections

import numpy as np
import pytest

from tfmodels.evaluation import ngrams
from tfmodels.evaluation.ngrams import CharacterNgrams

TEXTS = [text.encode() for text in (
    "the cat sat on the mat", "the rat sat", "", "a cat, a rat, a mat", "thé théâtre", "the the")]


def test_one_order_by_hand():
    model = CharacterNgrams([b"ab"], order=1)
    # Three characters (a, b, line end) seen once, none twice: the discount is 1 - 2 * 0.6 / 3.
    assert model.size == 4
    seen, unknown = (0.4 + 1.8 / 4) / 3, 1.8 / 4 / 3
    np.testing.assert_allclose(model.probabilities([b"bz", b""]), [seen, unknown, seen, seen])
    assert model.bits_per_char([b"z"]) == pytest.approx(-(np.log2(seen) + np.log2(unknown)) / 2)


@pytest.mark.parametrize("order", [1, 2, 5])
@pytest.mark.parametrize("before", ["", "t", "the ", "unheard", "the cat sat on the ma", "é"])
def test_probabilities_of_all_that_may_follow_sum_to_one(order, before):
    model = CharacterNgrams(TEXTS, order)
    characters = set("".join(text.decode() for text in TEXTS)) | {"\U0001f642"}  # one unknown
    place = len(before)
    following = [model.probabilities([(before + character).encode()])[place]
                 for character in characters]
    following.append(model.probabilities([before.encode()])[place])  # the line end
    assert min(following) > 0
    assert sum(following) == pytest.approx(1)


@pytest.mark.parametrize("order", [2, 4])
def test_a_plain_recursion_gives_the_same(order):
    texts = [b"the cat is on the mat", b"mats and cats, that is it", b"cat"]
    model = CharacterNgrams(TEXTS, order)
    expected = [_recursive(TEXTS, order, "\n" * (order - 1) + line[:place], line[place])
                for line in (text.decode() + "\n" for text in texts)
                for place in range(len(line))]
    np.testing.assert_allclose(model.probabilities(texts), expected)


def _recursive(texts, order, history, character):
    """Returns a probability by Chen & Goodman's equations, counted over again."""
    grams = collections.Counter()
    for text in texts:
        line = "\n" * (order - 1) + text.decode() + "\n"
        grams.update(line[end - order:end] for end in range(order, len(line) + 1))
    known = set("".join(text.decode() for text in texts)) | {"\n"}
    probability = 1 / (len(known) + 1)
    for length in range(1, order + 1):
        counts = grams if length == order else collections.Counter(
            longer[1:] for longer in _kinds(grams, length + 1))
        many = [max(sum(count == n for count in counts.values()), 1) for n in range(1, 5)]
        share = many[0] / (many[0] + 2 * many[1])
        discounts = [0] + [min(max(n - (n + 1) * share * many[n] / many[n - 1], 0.05), n)
                           for n in (1, 2, 3)]
        before = history[len(history) - length + 1:]
        with_it = {gram: count for gram, count in counts.items() if gram[:-1] == before}
        total = sum(with_it.values())
        if not total:
            break
        count = with_it.get(before + character, 0)
        freed = sum(discounts[min(n, 3)] for n in with_it.values())
        probability = (count - discounts[min(count, 3)] + freed * probability) / total
    return probability


def _kinds(grams, length):
    """Returns the different grams of a length at the end of the longest ones."""
    return {gram[-length:] for gram in grams}


def test_what_is_not_utf8_is_one_unknown_character():
    model = CharacterNgrams(TEXTS)
    np.testing.assert_array_equal(model.probabilities([b"a\xff"]),
                                  model.probabilities(["a\U0001f642".encode()]))


def test_only_the_first_characters_of_a_large_set_are_counted(monkeypatch):
    monkeypatch.setattr(ngrams, "TRAINED_ON", 60)
    texts = iter([b"ab" * 10] * 3 + [b"xyz"] * 9)
    short = CharacterNgrams(texts)
    assert len(list(texts)) == 9  # not even read
    assert short.size == 4
    assert CharacterNgrams([b"ab" * 10_000]).size == 4
