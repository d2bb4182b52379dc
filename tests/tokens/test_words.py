"""Words of texts: how they are cut, counted and looked up."""

import pytest
import tensorflow as tf

from tfmodels.errors import InputError
from tfmodels.tokens.words import Words

TEXTS = [b"The cat, the dog.", b"the dog's CAT!", b"", b"a bird"]


def test_words_are_lower_case_without_punctuation_by_falling_count():
    words = Words(TEXTS)
    assert words.vocabulary == ("", "\N{REPLACEMENT CHARACTER}", "the", "cat", "a", "bird", "dog",
                                "dogs")
    assert words.counts.tolist() == [0, 0, 3, 2, 1, 1, 1, 1]
    assert words.encode(tf.constant(TEXTS)).to_list() == [[2, 3, 2, 6], [2, 7, 3], [], [4, 5]]
    assert words.lookup(tf.constant(["CAT!", "mouse", ""])).numpy().tolist() == [3, 1, 1]


def test_rare_words_are_unknown():
    words = Words(TEXTS, min_count=2)
    assert words.vocabulary[2:] == ("the", "cat")
    assert words.counts.tolist() == [0, 4, 3, 2]
    with pytest.raises(InputError, match="no word occurs 9 times"):
        Words(TEXTS, min_count=9)


def test_words_are_cut_as_in_classification():
    from tfmodels.tokens.words import word_tokens
    texts = [b"In_the [beginning]; GOD's (heaven) / earth\\sky `a` {b} ~c^d #5 \xc3\x89t\xc3\xa9"]
    layer = word_tokens(texts, 100, 10)
    words = Words(texts)
    assert ([layer.get_vocabulary()[i] for i in layer(texts)[0]]
            == [words.vocabulary[i] for i in words.encode(tf.constant(texts))[0]])
