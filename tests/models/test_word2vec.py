"""Skip-gram against NumPy by hand and against the distributions in closed form."""

import keras
import numpy as np
import pytest
import scipy.sparse
import tensorflow as tf

from tfmodels.errors import InputError
from tfmodels.evaluation import word_pairs
from tfmodels.models.word2vec import FRAME, SkipGrams, negative_sampling_loss, word2vec
from tfmodels.tasks import word_vectors
from tfmodels.tokens.words import Words

TEXTS = [b"The cat, the dog.", b"the dog's CAT!", b"", b"a bird"]


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


def test_long_texts_take_several_rows_and_unknown_words_none():
    tokens = tf.ragged.constant([[2, 1, 3, 4, 1, 5], [], [1], [6, 7], [8, 9, 10, 11]],
                                dtype=tf.int32)
    np.testing.assert_array_equal(word_vectors.rows(tokens, 3), [
        [2, 3, 4], [5, 0, 0], [6, 7, 0], [8, 9, 10], [11, 0, 0]])


@pytest.fixture
def signatures():
    """Those of a model of `TEXTS` with random vectors; returns (signatures, vocabulary, u, v)."""
    words = Words(TEXTS)
    u, v = np.random.default_rng(1).normal(size=(2, words.size, 5)).astype(np.float32)
    model = word2vec(words.size, 5, FRAME, 60)
    return word_vectors.signatures(words, set_tables(model, u, v)), words.vocabulary, u, v


def test_nearest_words_are_those_of_numpy(signatures):
    functions, vocabulary, u, _ = signatures
    unit = u / np.linalg.norm(u, axis=1, keepdims=True)
    found = functions["nearest"](words=tf.constant(["Dog", "cat"]), count=tf.constant(3))
    for name, neighbours, cosines in zip(("dog", "cat"), found["neighbours"].numpy(),
                                         found["similarities"].numpy(), strict=True):
        cosine = unit @ unit[vocabulary.index(name)]
        best = sorted(set(range(2, len(vocabulary))) - {vocabulary.index(name)},
                      key=lambda i: -cosine[i])[:3]
        assert [n.decode() for n in neighbours] == [vocabulary[i] for i in best]
        np.testing.assert_allclose(cosines, cosine[best], atol=1e-6)


def test_unknown_words_have_no_vector_and_no_neighbours(signatures):
    functions, vocabulary, u, v = signatures
    found = functions["embed"](words=tf.constant(["mouse", "bird", ""]))
    assert found["known"].numpy().tolist() == [False, True, False]
    np.testing.assert_array_equal(found["vectors"][1], u[vocabulary.index("bird")])
    assert not found["vectors"].numpy()[[0, 2]].any()
    others = len(vocabulary) - 3
    found = functions["nearest"](words=tf.constant(["mouse", "bird"]), count=tf.constant(others))
    assert set(found["neighbours"][0].numpy()) == {b""}
    assert not found["similarities"].numpy()[0].any()
    assert b"bird" not in found["neighbours"].numpy()[1]
    assert found["neighbours"].shape == (2, others)
    found = functions["score"](words=tf.constant(["bird", "mouse"]),
                               contexts=tf.constant(["cat", "cat"]))
    np.testing.assert_allclose(found["scores"], [
        u[vocabulary.index("bird")] @ v[vocabulary.index("cat")], 0], rtol=1e-5)
    assert found["known"].numpy().tolist() == [True, False]
    table = word_vectors.neighbours(functions["nearest"], ["bird", "mouse"], others)
    assert "| mouse | not in the vocabulary |" in table


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
