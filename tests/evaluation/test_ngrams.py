"""The n-gram model against a count by hand and a plain recursion over dictionaries."""

import collections
import itertools

import numpy as np
import pytest

from tfmodels.evaluation import ngrams

TEXTS = [text.encode() for text in (
    "the cat sat on the mat", "the rat sat", "", "a cat, a rat, a mat", "thé théâtre", "the the")]


def _probabilities(train, texts, order):
    """Returns those of the characters of texts by the model of one order."""
    (found,) = next(itertools.islice(ngrams.by_order(train, texts), order - 1, None))
    return found


def test_one_order_by_hand():
    # Three characters (a, b, line end) seen once, none twice: the discount is 1 - 2 * 0.6 / 3.
    seen, unknown = (0.4 + 1.8 / 4) / 3, 1.8 / 4 / 3
    np.testing.assert_allclose(_probabilities([b"ab"], [b"bz", b""], 1),
                               [seen, unknown, seen, seen])


@pytest.mark.parametrize("order", [1, 2, 5])
@pytest.mark.parametrize("before", ["", "t", "the ", "unheard", "the cat sat on the ma", "é"])
def test_probabilities_of_all_that_may_follow_sum_to_one(order, before):
    characters = set("".join(text.decode() for text in TEXTS)) | {"\U0001f642"}  # one unknown
    place = len(before)
    texts = [(before + character).encode() for character in characters]
    following = [_probabilities(TEXTS, [text], order)[place] for text in texts]
    following.append(_probabilities(TEXTS, [before.encode()], order)[place])  # the line end
    assert min(following) > 0
    assert sum(following) == pytest.approx(1)


@pytest.mark.parametrize("order", [1, 2, 4, 9])
def test_a_plain_recursion_gives_the_same(order):
    texts = [b"the cat is on the mat", b"mats and cats, that is it", b"cat", b"\n\nthe rat"]
    expected = [_recursive(TEXTS, order, "\n" * (order - 1) + line[:place], line[place])
                for line in (text.decode() + "\n" for text in texts)
                for place in range(len(line))]
    np.testing.assert_allclose(_probabilities(TEXTS, texts, order), expected)


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
    np.testing.assert_array_equal(_probabilities(TEXTS, [b"a\xff"], 5),
                                  _probabilities(TEXTS, ["a\U0001f642".encode()], 5))


def test_texts_that_are_predicted_change_nothing_for_each_other():
    both = next(itertools.islice(ngrams.by_order(TEXTS, [b"the bat"], [b"", b"a hat"]), 3, None))
    np.testing.assert_array_equal(both[0], _probabilities(TEXTS, [b"the bat"], 4))
    np.testing.assert_array_equal(both[1], _probabilities(TEXTS, [b"", b"a hat"], 4))


def test_the_order_is_the_best_on_validation_whatever_the_test_texts(capsys):
    words = [b"in", b"the", b"beginning", b"god", b"created", b"heaven", b"and", b"earth"]
    draw = np.random.default_rng(0)
    train, validation = ([b" ".join(draw.choice(words, 12)) for _ in range(count)]
                         for count in (60, 20))
    bits = [-np.log2(_probabilities(train, validation, order)).mean() for order in range(1, 10)]
    best = int(np.argmin(bits)) + 1
    assert 2 < best < 9
    for test in ([b"and god"], [b"nnn ddd"]):
        found = ngrams.tuned(train, validation, test)
        assert found["settings"] == {
            "order": best, "validation_bits_per_char": pytest.approx(bits[best - 1])}
        assert found["bits_per_char"] == pytest.approx(
            -np.log2(_probabilities(train, test, best)).mean())
    assert f"interpolated_ngram: order {best} of" in capsys.readouterr().out


def test_only_the_first_characters_of_a_large_set_are_counted(monkeypatch):
    monkeypatch.setattr(ngrams, "TRAINED_ON", 60)
    texts = iter([b"ab" * 10] * 3 + [b"xyz"] * 9)
    short = _probabilities(texts, [b"ax"], 1)
    assert len(list(texts)) == 9  # not even read
    np.testing.assert_array_equal(short, _probabilities([b"ab" * 10] * 3, [b"a?"], 1))
    # Longer histories cost memory for the characters alone: of one text, the first 60.
    np.testing.assert_array_equal(_probabilities([b"ab" * 10_000], [b"abba"], 30),
                                  _probabilities([b"ab" * 31], [b"abba"], 30))


def test_of_a_very_long_text_the_beginning_is_looked_at(monkeypatch):
    for limit in ("TRAINED_ON", "CHOSEN_ON", "SCORED_ON"):
        monkeypatch.setattr(ngrams, limit, 60)
    long, short = [b"ab" * 30 + b"yz" * 10_000], [b"ab" * 30]
    found = ngrams.tuned(long, long, long)
    assert found == ngrams.tuned(short, short, short)
    assert found["fitted_on"] == "the first 60 bytes of training text"
    assert "fitted_on" not in ngrams.tuned([b"ab" * 20], long, long)
