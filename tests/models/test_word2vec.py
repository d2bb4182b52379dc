"""Skip-gram against NumPy by hand and against the distributions in closed form."""

import numpy as np
import pytest
import tensorflow as tf

from tfmodels.models.word2vec import FRAME, SkipGrams, negative_sampling_loss, word2vec


def seed(number):
    return tf.constant([0, number], tf.int64)


def set_tables(model, words, contexts):
    """Sets both tables of vectors; returns the variables by name."""
    for name, values in (("tokens", words), ("contexts", contexts)):
        model.get_layer(name).set_weights([values])
    return {name: model.get_layer(name).embeddings for name in ("tokens", "contexts")}


def flat(size, **settings):
    """Returns skip-grams of equally frequent words."""
    return SkipGrams(np.r_[0, 0, np.ones(size - 2)], **{
        "window": 2, "threshold": 0, "negatives": 3, "noise": 4} | settings)


def test_loss_and_gradient_are_those_of_equation_4():
    skip_grams = flat(9)
    tokens = tf.constant([[2, 3, 4, 5, 6, 7, 8, 2, 3], [4, 4, 2, 0, 0, 0, 0, 0, 0]])
    inputs, targets = skip_grams(tokens, seed(1))
    model = word2vec(9, 6, FRAME, skip_grams.candidates, seed=3)
    random = np.random.default_rng(0)
    u, v = random.normal(size=(2, 9, 6))
    tables = set_tables(model, u, v)
    with tf.GradientTape() as tape:
        loss = negative_sampling_loss(targets, model(inputs))
    gradients = [tf.convert_to_tensor(value) for value in
                 tape.gradient(loss, list(tables.values()))]

    def sigmoid(x):
        return 1 / (1 + np.exp(-x))

    expected, by_hand = 0.0, [np.zeros_like(u), np.zeros_like(v)]
    pairs = 0
    centres, candidates = inputs["centres"].numpy(), inputs["candidates"].numpy()
    for frame, place in np.ndindex(centres.shape):
        word = centres[frame, place]
        near = [candidates[frame, i] for i in np.flatnonzero(targets[frame, place] > 0)]
        noise = candidates[frame, -4:]
        for context in near:
            pairs += 1
            # k = 3 noise words of which the frame's 4 are the sample: 3 / 4 of each.
            for other, sign, weight in [(context, 1, 1), *((n, -1, 3 / 4) for n in noise)]:
                score = u[word] @ v[other]
                expected -= weight * np.log(sigmoid(sign * score))
                slope = -weight * sign * sigmoid(-sign * score)
                by_hand[0][word] += slope * v[other]
                by_hand[1][other] += slope * u[word]
    assert pairs > 20
    assert float(loss) == pytest.approx(expected / pairs, rel=1e-5)
    for found, right in zip(gradients, by_hand, strict=True):
        np.testing.assert_allclose(found, right / pairs, atol=1e-6)


def test_before_training_the_loss_is_that_of_a_coin_per_word():
    skip_grams = flat(9, noise=5)
    inputs, targets = skip_grams(tf.constant([[2, 3, 4, 5]]), seed(1))
    model = word2vec(9, 6, FRAME, skip_grams.candidates)
    assert float(negative_sampling_loss(targets, model(inputs))) == pytest.approx(4 * np.log(2))


def test_a_window_of_one_pairs_all_neighbours_of_a_text_and_no_others():
    """Texts longer than a frame, side by side, padded."""
    random = np.random.default_rng(0)
    tokens = random.integers(2, 50, (3, 75))
    tokens[1, 40:] = 0
    found = flat(50, window=1).pairs(tf.constant(tokens, tf.int32), seed(0))
    expected = []
    for text in tokens:
        words = text[text > 0]
        expected += [*zip(words, words[1:], strict=False), *zip(words[1:], words, strict=False)]
    assert sorted(zip(*(ids.numpy() for ids in found), strict=True)) == sorted(expected)


def test_near_words_are_paired_as_often_as_windows_drawn_from_1_to_the_largest_say():
    size, window = 3000, 4
    tokens = np.arange(2, size)[None].repeat(20, 0)  # the distance is the difference of the ids
    words, contexts = flat(size, window=window).pairs(tf.constant(tokens, tf.int32), seed(5))
    distance = np.abs(words.numpy() - contexts.numpy())
    share = np.bincount(distance) / (2 * tokens.size)
    assert share[0] == 0
    # At distance d it takes a window of d or more: W - d + 1 of W.
    np.testing.assert_allclose(share[1:], (window - np.arange(window)) / window, atol=0.01)


def test_dropped_words_do_not_stand_between_others():
    counts = np.array([0, 0, 10**9, 1, 1, 1])  # word 2 is dropped practically always
    tokens = tf.constant([[3, 2, 2, 4, 2, 5]])
    found = SkipGrams(counts, 1, 1e-9, 1, 1).pairs(tokens, seed(0))
    assert sorted(zip(*(ids.numpy() for ids in found), strict=True)) == [
        (3, 4), (4, 3), (4, 5), (5, 4)]


def test_frequent_words_are_kept_as_often_as_by_the_authors_program():
    counts = np.array([0, 0, 70, 20, 9, 1])
    tokens = tf.constant(np.random.default_rng(0).integers(0, 6, (400, 500)), tf.int32)
    kept, text = SkipGrams(counts, 2, 0.05, 5, 8).subsample(tokens, seed(2))
    np.testing.assert_array_equal(np.unique(text), np.arange(400))
    share = np.bincount(kept, minlength=6) / np.maximum(np.bincount(tokens.numpy().ravel()), 1)
    frequency = counts / counts.sum()
    expected = [min(1, (np.sqrt(f / 0.05) + 1) * 0.05 / f) if f else 1 for f in frequency]
    np.testing.assert_allclose(share[2:], expected[2:], atol=0.01)
    assert share[0] == 0  # padding


def test_noise_words_are_drawn_by_their_count_to_the_three_quarters():
    counts = np.array([0, 0, 700, 200, 99, 1])
    drawn = SkipGrams(counts, 2, 0, 5, 8).draw_noise([500, 400], seed(4))
    assert drawn.shape == (500, 400)
    expected = counts**0.75 / np.sum(counts**0.75)
    np.testing.assert_allclose(np.bincount(tf.reshape(drawn, [-1])) / 200_000, expected, atol=5e-3)


def test_noise_weighs_as_many_words_as_asked_for_per_pair():
    _, targets = flat(9)(tf.constant([[2, 3, 4, 5, 6]]), seed(1))
    assert -targets[targets < 0].numpy().sum() == pytest.approx(
        3 * targets[targets > 0].numpy().sum())


def test_examples_follow_from_the_seed():
    tokens = tf.constant(np.random.default_rng(0).integers(2, 50, (3, 75)), tf.int32)
    skip_grams = flat(50)
    first, again, other = (skip_grams(tokens, seed(n))[0]["candidates"] for n in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert first.shape != other.shape or (first.numpy() != other.numpy()).any()


def test_a_batch_without_any_pair_has_no_loss():
    inputs, targets = flat(9)(tf.constant([[2, 0], [3, 0]]), seed(0))
    model = word2vec(9, 6, FRAME, flat(9).candidates)
    assert float(negative_sampling_loss(targets, model(inputs))) == 0
