"""Byte pairs against the library `tokenizers`: token for token, on every kind of text."""

import json

import numpy as np
import pytest
import tensorflow as tf
import tokenizers
from common import ROOT

from tfmodels.tokens import byte_pairs, merges

STRINGS = [
    "", " ", "  ", "a", "\n", "I'll they've 's 'S don't ''s 'x", "a  b   c", "a\n\nb", "\r\n\r\n x",
    "\t\ta \n b\n", "trailing   ", "1234 56,7.8", "½ ² Ⅷ ٣", "🙂👍🏽 naïve café", "日本語 テキスト",
    "\u00a0x\u00a0\u00a0y", "x\u2003\u2003y\u3000z", "\x00\x01 a\x0bb\x85c", "a\u200bb",
    "aaaaaaaaaaa aaa -------- =====", "[PAD][UNK]", "Ġthe Ċ"]


@pytest.fixture(scope="module")
def texts():
    """Texts to learn from, with runs of one letter, whose pairs overlap."""
    return (ROOT / "README.md").read_bytes().splitlines() + [b"aaaa", b"aaa", b"-----"] * 9


@pytest.fixture(scope="module")
def ours(texts):
    """Byte pairs learnt from the texts."""
    return byte_pairs.train_byte_pairs(texts, 700)


@pytest.fixture(scope="module")
def oracle(texts):
    """The library's own byte-level tokenizer, learnt from the same texts."""
    learnt = tokenizers.ByteLevelBPETokenizer()
    learnt.train_from_iterator((text.decode() for text in texts), 700, min_frequency=2,
                               show_progress=False, special_tokens=["[PAD]", "[UNK]"])
    # A fresh one, which does not look for the special tokens in texts.
    model = json.loads(learnt.to_str())["model"]
    return tokenizers.ByteLevelBPETokenizer(
        model["vocab"], [tuple(pair) for pair in model["merges"]])


def test_tokens_are_those_of_the_library(ours, oracle):
    assert ours.size == oracle.get_vocab_size() == 700
    assert {token: number for number, token in enumerate(ours.vocabulary)} == oracle.get_vocab()
    random = np.random.default_rng(0)
    parts = [" ", "  ", "\n", "\t", "a", "aa", "e", "the", "'s", "'ll", "é", "🙂", "1", "!",
             "\u00a0", "-", "--", "run", "ning"]
    strings = STRINGS + ["".join(random.choice(parts, random.integers(30))) for _ in range(500)]
    encoded = ours.encode(tf.constant(strings))
    assert encoded.dtype == tf.int32
    for string, tokens in zip(strings, encoded.to_list(), strict=True):
        assert tokens == oracle.encode(string).ids, repr(string)
    restored = ours.decode(encoded.to_tensor(ours.padding)).numpy()
    assert [text.decode() for text in restored] == strings


def test_merges_end_where_no_pair_occurs_twice():
    assert byte_pairs.train_byte_pairs([b"abc"], 300).size == byte_pairs.SMALLEST
    assert byte_pairs.train_byte_pairs([b"ab ab"], 300).vocabulary[byte_pairs.SMALLEST:] == ("ab",)
    assert merges.learn_merges({(0, 0, 0, 0): 2}, 1, 9) == [(0, 0), (1, 1)]


def test_bytes_that_are_not_utf8_become_the_replacement_character(ours, oracle):
    tokens = ours.encode(tf.constant([b"a\xffb\xc3"]))
    assert tokens.to_list() == [oracle.encode("a\ufffdb\ufffd").ids]
    half = tokens[:, :2]  # "a" and the first byte of a character, or more of it
    assert ours.decode(half.to_tensor()).numpy()[0].decode().startswith("a\ufffd")


def test_no_texts_and_no_merges(ours):
    assert ours.encode(tf.constant([], tf.string)).to_list() == []
    letters = byte_pairs.BytePairTokens(["[PAD]", *byte_pairs.byte_alphabet()], [], ["[PAD]"])
    assert letters.encode(tf.constant(["ab", ""])).to_list() == [[98, 99], []]
    np.testing.assert_array_equal(letters.decode(tf.constant([[98, 99, 0]])), [b"ab"])


def test_runs_in_a_graph_of_its_own(ours, oracle, tmp_path):
    module = tf.Module()
    module.tokens = ours  # as the launcher exports tokens
    module.encode = tf.function(lambda texts: ours.encode(texts).to_tensor(),
                                input_signature=[tf.TensorSpec([None], tf.string)])
    tf.saved_model.save(module, str(tmp_path))
    loaded = tf.saved_model.load(str(tmp_path))
    np.testing.assert_array_equal(loaded.encode(tf.constant(["the run's end"])),
                                  [oracle.encode("the run's end").ids])


def test_a_token_outside_the_vocabulary_is_named():
    letters = byte_pairs.byte_alphabet()
    with pytest.raises(ValueError, match="'Ġ'"):
        byte_pairs.BytePairTokens(["[PAD]", *(x for x in letters if x != "Ġ")], [], ["[PAD]"])
    with pytest.raises(ValueError, match="'\\[UNK\\]'"):
        byte_pairs.BytePairTokens(["[PAD]", *letters], [])
    with pytest.raises(ValueError, match="'ab'"):
        byte_pairs.BytePairTokens(["[PAD]", *letters], [("a", "b")], ["[PAD]"])
