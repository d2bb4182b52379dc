"""Words of texts: how they are cut, counted and looked up."""

import keras
import pytest
import tensorflow as tf

from tfmodels.errors import InputError
from tfmodels.tokens.words import Words, word_tokens

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


def test_words_are_cut_as_keras_does():
    texts = [b"In_the [beginning]; GOD's (heaven) / earth\\sky `a` {b} ~c^d #5 \xc3\x89t\xc3\xa9"]
    layer = keras.layers.TextVectorization(100, output_sequence_length=10)
    layer.adapt(texts)
    words = Words(texts)
    assert ([layer.get_vocabulary()[i] for i in layer(texts)[0]]
            == [words.vocabulary[i] for i in words.encode(tf.constant(texts))[0]])


def test_case_and_marks_are_kept_and_what_is_rare_is_unknown():
    texts = ["The LORD is my shepherd;I shall not want.",
             "My Lord's Caf\u00e9 (e\u0301t\u00e9) is."]
    layer = word_tokens([text.encode() for text in texts], 100, 12)
    words = layer.get_vocabulary()
    assert [[words[token] for token in row] for row in layer(texts).numpy()] == [
        ["The", "LORD", "is", "my", "shepherd", ";", "I", "shall", "not", "want", ".", ""],
        ["My", "Lord", "'", "s", "Caf\u00e9", "(", "e\u0301t\u00e9", ")", "is", ".", "", ""]]
    assert layer(["lord; is"]).numpy().tolist() == [[1, *layer(["; is"]).numpy()[0, :11]]]
    few = word_tokens([b"b b. b . a"], 4, 3)
    assert few.get_vocabulary() == ["", "[UNK]", "b", "."]
    assert few(["a\N{NO-BREAK SPACE}b"]).numpy().tolist() == [[1, 2, 0]]


def test_scripts_without_spaces_are_cut_into_characters():
    texts = ["机器学习。", "カメラとcamera", "שלום עולם", "मेरा नाम"]
    tokens = word_tokens([text.encode() for text in texts], 100, 12)
    names = tokens.get_vocabulary()
    cut = [[names[number] for number in row if number] for row in tokens(texts).numpy()]
    assert cut == [[*"机器学习。"], [*"カメラと", "camera"], ["שלום", "עולם"], ["मेरा", "नाम"]]
    words = Words([text.encode() for text in texts])
    assert set(words.vocabulary[2:]) >= {*"机器学习カメラと", "camera", "שלום", "मेरा"}
