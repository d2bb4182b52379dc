"""The signatures of word vectors against NumPy."""

import types

import numpy as np
import pytest
import scipy.sparse
import tensorflow as tf

from tfmodels.models.word2vec import FRAME, SkipGrams, word2vec
from tfmodels.tasks import word_vectors
from tfmodels.tokens.words import Words

TEXTS = [b"The cat, the dog.", b"the dog's CAT!", b"", b"a bird"]


def set_tables(model, words, contexts):
    """Sets both tables of vectors; returns the variables by name."""
    for name, values in (("tokens", words), ("contexts", contexts)):
        model.get_layer(name).set_weights([values])
    return {name: model.get_layer(name).embeddings for name in ("tokens", "contexts")}


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


def test_beside_a_long_text_short_ones_take_no_more_room(monkeypatch):
    made = []
    to_tensor = tf.RaggedTensor.to_tensor

    def keep(self, *args, **settings):
        made.append(to_tensor(self, *args, **settings))
        return made[-1]
    monkeypatch.setattr(tf.RaggedTensor, "to_tensor", keep)
    lengths = [5000] + [1] * 99
    found = word_vectors.rows(tf.RaggedTensor.from_row_lengths(
        tf.range(2, 2 + sum(lengths)), lengths), 10)
    np.testing.assert_array_equal(found[:500], np.arange(2, 5002).reshape(500, 10))
    np.testing.assert_array_equal(found[500:, 0], np.arange(5002, 5101))
    assert not found.numpy()[500:, 1:].any()
    assert max(tensor.shape.num_elements() for tensor in made) <= 599 * 10


def test_pairs_of_the_first_texts_are_scored_and_counted(monkeypatch):
    class Split:
        """Some texts of two words."""

        def __init__(self, size):
            self.size = size

        def texts(self):
            return iter([b"cat dog"] * self.size)
    words = Words([b"cat dog"])
    data = types.SimpleNamespace(splits={
        name: Split(size) for name, size in (("train", 9), ("validation", 3), ("test", 8))})
    skip_grams = SkipGrams(words.word_counts, 2, 0, 1, 4)
    counted = []
    monkeypatch.setattr(word_vectors, "_SCORED", 30)  # bytes
    monkeypatch.setattr(word_vectors, "_COUNTED", 40)
    monkeypatch.setattr(word_vectors, "_TEXTS", 2)
    monkeypatch.setattr(word_vectors.word_pairs, "count", lambda _, tokens, size: counted.append(
        tokens.tolist()) or word_vectors.word_pairs.Counts(
            scipy.sparse.csr_matrix(np.ones((size, size))), 1, np.full(size, 1 / size)))
    task = word_vectors.word_vectors(word2vec(words.size, 5, FRAME, skip_grams.candidates),
                                     skip_grams, words, data, length=7, shown=["cat"])
    ids = [words.vocabulary.index(word) for word in ("cat", "dog")]
    found = task.final(task.signatures, data.splits["test"])
    assert found["notes"] == ["scored on pairs of the first 5 of 8 test texts"]
    assert task.final(task.signatures, data.splits["validation"])["notes"] == []
    found = task.baselines(data.splits["test"])["word_frequency"]()
    assert found["fitted_on"] == "6 of 9 training examples"
    assert counted == [[ids] * 6]
