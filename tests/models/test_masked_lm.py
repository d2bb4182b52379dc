"""Masked words: which are chosen and what hides them, what fills them in, counts as baselines."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfmodels.errors import InputError
from tfmodels.evaluation.word_counts import WordCounts
from tfmodels.models.masked_lm import MASK, mask_words, masked_lm
from tfmodels.models.transformer import transformer_classifier
from tfmodels.tasks import masked_words
from tfmodels.tokens.words import word_tokens
from tfmodels.training import device, transfer
from tfmodels.training.checkpoints import state
from tfmodels.training.losses import SmoothedCrossentropy

SMALL = {"width": 8, "depth": 1, "heads": 2}
SIZE = 50


def _texts(count, length=20):
    """Returns token ids [count, length] of 0 to `length` words, some of them unknown."""
    rng = np.random.default_rng(0)
    words = rng.integers(1, SIZE, (count, length))
    return np.where(np.arange(length) < rng.integers(0, length + 1, (count, 1)), words, 0).astype(
        np.int32)


def test_fifteen_percent_are_chosen_of_each_text_and_never_padding_or_unknown_words():
    words = _texts(2000)
    _, positions, targets, weights = (value.numpy() for value in mask_words(words, [3, 4], SIZE))
    known = (words > 1).sum(1)
    np.testing.assert_array_equal(  # to even, as NumPy rounds
        weights.sum(1), np.minimum(known, np.maximum(1, np.round(np.float32(0.15) * known))))
    np.testing.assert_array_equal(targets, np.take_along_axis(words, positions, 1))
    assert targets[weights > 0].min() > 1
    for row, kept in zip(positions, weights > 0, strict=True):
        assert len(set(row[kept])) == kept.sum()
    share = np.bincount(positions[(weights > 0) & (known[:, None] == 20)], minlength=20)
    assert share.min() > 0  # every place


def test_of_the_chosen_80_percent_are_masked_10_another_word_and_10_stay():
    words = _texts(20_000)
    hidden, positions, targets, weights = (
        value.numpy() for value in mask_words(words, [0, 1], SIZE))
    there = np.take_along_axis(hidden, positions, 1)
    chosen = weights > 0
    count = chosen.sum()
    spread = 4 / np.sqrt(count)
    assert np.mean(there[chosen] == MASK) == pytest.approx(0.8, abs=0.4 * spread)
    stay = 0.1 + 0.1 / (SIZE - 2)  # a random word may be the same
    assert np.mean((there == targets)[chosen]) == pytest.approx(stay, abs=0.3 * spread)
    other = there[chosen & (there != MASK) & (there != targets)]
    assert other.min() == 2
    assert other.max() == SIZE - 1
    untouched = np.ones(words.shape, bool)
    np.put_along_axis(untouched, positions, ~chosen, 1)
    np.testing.assert_array_equal(hidden[untouched], words[untouched])


def test_masks_depend_on_the_seed_alone():
    words = _texts(50)
    first, again, other = (mask_words(words, seed, SIZE)[0] for seed in ([1, 2], [1, 2], [1, 3]))
    np.testing.assert_array_equal(first, again)
    assert (first != other).numpy().any()


def _tiny():
    device.set_up("float32", 0)
    tokenize = word_tokens([b"in the beginning was the word", b"and the word was good"], 50, 6)
    shares = np.arange(tokenize.vocabulary_size()) / sum(range(tokenize.vocabulary_size()))
    model = masked_lm(shares, 6, dropout=0.0, **SMALL)
    return model, tokenize, tokenize.get_vocabulary()


def test_logits_are_products_of_the_state_at_a_position_with_the_token_vectors():
    model, _, vocabulary = _tiny()
    words = tf.constant([[3, 4, MASK, 3, 3, 3]])
    logits = model({"words": words, "masked_positions": tf.constant([[2, 4]])}).numpy()
    assert logits.shape == (1, 2, len(vocabulary))
    encoded = keras.Model(model.input["words"], model.get_layer("encoder_norm").output)(words)
    hidden = model.get_layer("masked_norm")(model.get_layer("masked_transform")(
        tf.gather(encoded[0], [2, 4]))).numpy()
    vectors = model.get_layer("tokens").embeddings.numpy()
    bias = np.log(np.maximum(np.arange(len(vocabulary)) / sum(range(len(vocabulary))), 1e-9))
    np.testing.assert_allclose(logits[0], hidden @ vectors.T + bias, atol=1e-5)


def test_a_classifier_starts_from_the_whole_encoder():
    model, _, vocabulary = _tiny()
    source = {name: variable.numpy() for name, variable in state(model).items()}
    device.set_up("float32", 1)
    classifier = transformer_classifier(len(vocabulary), 6, 3, **SMALL)
    outcome = transfer.transfer(classifier, transfer.Source(source))
    assert outcome.pop("logits") == "no such layer there"
    assert set(outcome.values()) == {transfer.TRANSFERRED}
    assert len(outcome) == 8  # tokens, positions, five of a block and the last normalization
    words = np.array([[3, 2, 4, 0, 0, 0]])
    encoders = [keras.Model(inputs, made.get_layer("encoder_norm").output) for made, inputs in (
        (model, model.input["words"]), (classifier, classifier.input))]
    np.testing.assert_array_equal(*(encode(words) for encode in encoders))


def test_masks_of_a_text_are_filled_in_and_what_is_unknown_is_not():
    model, tokenize, vocabulary = _tiny()
    fill = masked_words.filler(model, tokenize, vocabulary)
    texts = ["the [MASK], was [MASK].", "mask [UNK] unheard the", "", "[MASK]",
             "a b c d e f [MASK] end"]
    found = {name: value.numpy() for name, value in fill(tf.constant(texts)).items()}
    assert found["words"].shape == (5, 2, 5)
    first, second = (word.decode() for word in found["words"][0, :, 0])
    assert {first, second} <= set(vocabulary[2:])
    assert found["texts"][0].decode() == f"the {first}, was {second}."
    assert [text.decode() for text in found["texts"][1:3]] == texts[1:3]
    assert not found["probabilities"][1:3].any()
    assert found["texts"][3] == found["words"][3, 0, 0]
    assert found["texts"][4].decode() == texts[4]  # beyond the six words that are read
    words, _ = masked_words.masks_of(tf.constant(texts[:1]), tokenize, vocabulary[2])
    place = list(words[0].numpy()).index(MASK)
    answer = model({"words": words, "masked_positions": tf.constant([[place]])})[0, 0, 2:].numpy()
    assert first == vocabulary[2 + answer.argmax()]
    np.testing.assert_allclose(found["probabilities"][0, 0, 0],
                               np.exp(answer).max() / np.exp(answer).sum(), rtol=1e-4)


def test_counts_are_those_of_a_plain_loop():
    words = _texts(300, 8)
    words[words % 3 == 2] = 5  # a frequent word
    counts = WordCounts(words, SIZE)
    single, pairs = dict.fromkeys(range(2, SIZE), 1), {}
    for text in words:
        for before, word in zip([0, *text], text, strict=False):
            if word > 1:
                single[word] += 1
                pairs.setdefault(before, []).append(word)

    def share(word):
        return single[word] / sum(single.values())

    def after(before, word):
        seen = pairs.get(before, [])
        if not seen:
            return share(word)
        kept = max(seen.count(word) - 0.75, 0)
        return (kept + 0.75 * len(set(seen)) * share(word)) / len(seen)
    before, targets = np.random.default_rng(1).integers(0, SIZE, (2, 60))
    targets = targets.clip(2)
    wanted = [after(*pair) for pair in zip(before, targets, strict=True)]
    best = [max(range(2, SIZE), key=lambda word, last=last: after(last, word))
            for last in before]
    right = [after(last, word) >= after(last, top) - 1e-12
             for last, word, top in zip(before, targets, best, strict=True)]
    found = counts.bigram(before, targets)
    assert found["loss"] == pytest.approx(-np.log(wanted).mean())
    assert found["perplexity"] == pytest.approx(np.exp(found["loss"]))
    assert found["accuracy"] <= np.mean(right)
    assert counts.bigram(before, np.array(best))["accuracy"] > 0.9  # but for ties
    assert counts.unigram(targets)["loss"] == pytest.approx(-np.log(
        [share(word) for word in targets]).mean())
    with pytest.raises(InputError, match="no words"):
        WordCounts(np.array([[1, 0]]), SIZE)
    assert sum(after(int(before[0]), word) for word in range(2, SIZE)) == pytest.approx(1)


def test_learns_to_fill_in():
    model, tokenize, vocabulary = _tiny()
    model.compile(keras.optimizers.Adam(0.01), SmoothedCrossentropy(0.0))
    texts = tf.constant(["in the beginning was the word", "and the word was good"] * 8)
    words = tf.cast(tokenize(texts), tf.int32)
    for step in range(120):
        hidden, positions, targets, weights = mask_words(words, [0, step], len(vocabulary))
        model.train_on_batch({"words": hidden, "masked_positions": positions}, targets, weights)
    fill = masked_words.filler(model, tokenize, vocabulary)
    answer = fill(tf.constant(["and the word was [MASK]"]))["texts"].numpy()
    assert answer[0] == b"and the word was good"


def test_the_middle_word_of_a_text_is_masked():
    assert masked_words.with_a_mask(b"Who goes  there, now") == "Who goes [MASK] now"
    assert masked_words.with_a_mask(b" ") == masked_words.with_a_mask(b"a") == "[MASK]"
