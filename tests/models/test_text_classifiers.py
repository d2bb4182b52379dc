"""Encoders of texts, their word vectors and their ensemble, against independent computations."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfmodels.layers import ensemble
from tfmodels.layers.word_vectors import SeenWords, TokenEmbedding, character_ngrams
from tfmodels.models import lstm_classifier
from tfmodels.models.transformer import attention_model, transformer_classifier
from tfmodels.training.losses import SmoothedCrossentropy

WORDS = ["", "[UNK]", "lord", "lords", "sea", "of", "the"]


@pytest.fixture(scope="module")
def encoder():
    return transformer_classifier(WORDS, 6, 4, width=8, heads=2, depth=2, members=3,
                                  pair_buckets=97, ngram_buckets=89)


def test_transformer_says_which_widths_it_takes():
    with pytest.raises(ValueError, match="heads"):
        transformer_classifier(WORDS, 4, 2, width=6, heads=4)


def test_transformer_does_not_see_padding(encoder):
    tokens = np.array([[3, 4, 5, 0, 0, 0]], np.int32)
    logits = encoder(tokens)
    assert logits.shape == (1, 4)
    scores = attention_model(encoder)(tokens)
    assert list(scores) == ["attention_0", "attention_1"]
    for score in scores.values():
        assert score.shape == (1, 6, 6, 6)  # three members, two heads each
        np.testing.assert_allclose(np.sum(score, -1), 1, atol=1e-5)
        np.testing.assert_allclose(score[..., 3:], 0, atol=1e-6)


def test_transformer_ignores_the_vectors_of_padding(encoder):
    tokens = np.array([[3, 4, 5, 0, 0, 0]], np.int32)
    before = encoder(tokens).numpy()
    table = encoder.get_layer("tokens").words
    table.assign(np.concatenate([[np.full((3, 8), 9.0)], table.numpy()[1:]]))
    np.testing.assert_allclose(encoder(tokens), before, atol=1e-5)


def test_self_attention_is_that_of_keras_for_each_member(encoder):
    layer = encoder.get_layer("block_0_attention")
    x = np.random.default_rng(0).normal(size=(3, 2, 6, 8)).astype(np.float32)
    seen = np.arange(6) < np.array([[4], [6]])
    for variable in layer.trainable_weights:
        if "bias" in variable.path:
            variable.assign(np.random.default_rng(1).normal(size=variable.shape))
    found, weights = layer(x, np.broadcast_to(seen, (3, 2, 6)))
    qkv, qkv_bias, out, out_bias = (w.numpy() for w in layer.trainable_weights)
    for member in range(3):
        theirs = keras.layers.MultiHeadAttention(2, 4)
        theirs.build(x[member].shape, x[member].shape)
        kernels = np.moveaxis(qkv[member].reshape(8, 3, 2, 4), 1, 0)
        biases = qkv_bias[member].reshape(3, 2, 4)
        theirs.set_weights([part for pair in zip(kernels, biases, strict=True) for part in pair]
                           + [out[member].reshape(2, 4, 8), out_bias[member].reshape(8)])
        expected, scores = theirs(x[member], x[member], attention_mask=seen[:, None],
                                  return_attention_scores=True)
        np.testing.assert_allclose(found[member], expected, atol=1e-5)
        np.testing.assert_allclose(weights[member], scores, atol=1e-5)


def test_bidirectional_lstm_and_its_gradients_are_those_of_keras_for_each_member():
    random = np.random.default_rng(0)
    x = tf.constant(random.normal(size=(3, 4, 6, 5)), tf.float32)
    seen = np.broadcast_to(np.arange(6) < np.array([[6], [4], [1], [0]]), (3, 4, 6))
    weight = random.normal(size=(3, 4, 6, 14)).astype(np.float32) * seen[..., None]
    layer = lstm_classifier.BidirectionalLstm(7)
    with tf.GradientTape() as tape:
        tape.watch(x)
        found = layer(x, seen)
        loss = tf.reduce_sum(found * weight)
    gradients = tape.gradient(loss, [x, *(v.value for v in layer.trainable_weights)])
    kernel, bias = layer.get_weights()
    assert (bias.reshape(3, 2, 4, 7).mean((0, 1, 3)) == [0, 1, 0, 0]).all()
    recurrent = kernel[:, :, 5:]
    np.testing.assert_allclose(recurrent @ recurrent.swapaxes(2, 3),
                               np.broadcast_to(np.eye(7), (3, 2, 7, 7)), atol=1e-5)

    def in_keras(kernel, bias):
        return [part for way in (0, 1) for part in (kernel[way, :5], kernel[way, 5:], bias[way])]

    for member in range(3):
        theirs = keras.layers.Bidirectional(keras.layers.LSTM(7, return_sequences=True))
        theirs.build(x[member].shape)
        theirs.set_weights(in_keras(kernel[member], bias[member]))
        inputs = tf.constant(x[member])
        with tf.GradientTape() as tape:
            tape.watch(inputs)
            expected = theirs(inputs, mask=seen[member])
            loss = tf.reduce_sum(expected * weight[member])
        known = tape.gradient(loss, [inputs, *(v.value for v in theirs.trainable_weights)])
        np.testing.assert_allclose(found[member][seen[member]], expected[seen[member]], atol=1e-5)
        own = [gradients[0][member], *in_keras(gradients[1][member], gradients[2][member])]
        for ours, other in zip(own, known, strict=True):
            np.testing.assert_allclose(ours, other, atol=1e-5)


def test_rnn_does_not_see_padding():
    model = lstm_classifier.lstm_classifier(WORDS, 6, 4, width=8, units=4, depth=2, members=2,
                                            pair_buckets=97, ngram_buckets=89)
    short, tokens = np.array([[3, 4, 5]], np.int32), np.array([[3, 4, 5, 0, 0, 0]], np.int32)
    random = np.random.default_rng(0)
    for number in range(2):  # starts at zero, and what is read would add nothing
        kernel = model.get_layer(f"block_{number}_project").kernel
        kernel.assign(random.normal(size=kernel.shape))
    logits = model(tokens)
    assert logits.shape == (1, 4)
    table = model.get_layer("tokens").words
    table.assign(np.concatenate([[np.full((2, 8), 9.0)], table.numpy()[1:]]))
    np.testing.assert_allclose(model(tokens), logits, atol=1e-5)
    brief = lstm_classifier.lstm_classifier(WORDS, 3, 4, width=8, units=4, depth=2, members=2,
                                            pair_buckets=97, ngram_buckets=89)
    brief.set_weights([weight[:3] if weight.shape[:1] == (6,) and weight.ndim == 3 else weight
                       for weight in model.get_weights()])
    np.testing.assert_allclose(brief(short), logits, atol=1e-5)


def test_members_start_differently_as_keras_would_start_each():
    kernel = ensemble.linear(200, seed=0)
    kernel.build((3, None, None, 100))
    values = kernel.kernel.numpy()
    assert len({float(member.sum()) for member in values}) == 3
    assert np.abs(values).max() == pytest.approx(np.sqrt(6 / 300), rel=1e-2)


def test_each_member_learns_alone_and_probabilities_are_averaged():
    random = np.random.default_rng(0)
    logits = random.normal(size=(3, 5, 4)).astype(np.float32)
    labels = np.array([0, 3, 1, 1, 2])
    together = ensemble.Together()
    found = SmoothedCrossentropy(0.1, from_logits=False)(labels, together(logits, training=True))
    alone = [float(SmoothedCrossentropy(0.1)(labels, member)) for member in logits]
    assert float(found) == pytest.approx(np.mean(alone), abs=1e-6)
    np.testing.assert_allclose(np.exp(together(logits)), np.mean(tf.nn.softmax(logits), 0),
                               atol=1e-6)


def test_seen_words_are_a_share_of_each_text_in_its_order():
    tokens = np.zeros((400, 9), np.int32)
    lengths = np.arange(400) % 10
    tokens[np.arange(9) < lengths[:, None]] = 5
    layer = SeenWords(members=2, hidden=0.5, seed=1)
    positions, seen = (np.asarray(x) for x in layer(tokens, training=True))
    assert positions.shape == seen.shape == (2, 400, 5)
    assert (seen.sum(-1) == np.ceil(lengths / 2)).all()
    assert (positions < lengths[:, None])[seen].all()
    assert (np.diff(positions)[seen[..., 1:]] > 0).all()  # each once, rising
    assert (np.diff(seen.astype(int)) <= 0).all()  # what is not seen goes last
    assert (positions[0] != positions[1]).any()
    full = positions[:, lengths == 9]
    shares = np.bincount(full.ravel(), minlength=9) / (2 * full.shape[1])
    np.testing.assert_allclose(shares, 5 / 9, atol=0.25)
    positions, seen = layer(tokens)
    np.testing.assert_array_equal(positions, np.broadcast_to(np.arange(9), (2, 400, 9)))
    np.testing.assert_array_equal(seen, np.broadcast_to(tokens != 0, (2, 400, 9)))


def test_token_vectors_are_the_sum_of_word_ngrams_pair_and_position():
    ngrams = character_ngrams(WORDS, 89)
    assert {token for token, _ in ngrams} == {2, 3, 4, 5, 6}
    shared = set(ngrams[ngrams[:, 0] == 2, 1]) & set(ngrams[ngrams[:, 0] == 3, 1])
    assert len(shared) >= 5  # <lo lor ord <lor lord <lord
    layer = TokenEmbedding(7, 3, 4, 2, 97, ngrams, 89)
    tokens = np.array([[4, 2, 0], [3, 1, 2]], np.int32)
    looked_at = np.array([[[0, 1], [1, 2]], [[2, 0], [0, 1]]], np.int32)  # [member, text, place]
    layer.build(tokens.shape, looked_at.shape)
    random = np.random.default_rng(0)
    for table in (layer.pairs, layer.ngrams):
        table.assign(random.normal(size=table.shape))
    found = layer(tokens, looked_at)
    assert found.shape == (2, 2, 2, 4)
    for member, text, place in np.ndindex(2, 2, 2):
        position = looked_at[member, text, place]
        before, token = [0, *tokens[text]][position:][:2]
        own = ngrams[ngrams[:, 0] == token, 1]
        expected = (layer.words[token] + layer.pairs[(before * 8191 + token) % 97]
                    + layer.positions[position])[member]
        if len(own):
            expected += layer.ngrams.numpy()[own, member].sum(0) / np.sqrt(len(own))
        np.testing.assert_allclose(found[member, text, place], expected, atol=1e-5)


def test_transformer_is_saved_and_loaded_as_any_keras_model(encoder, tmp_path):
    encoder.save(tmp_path / "a.keras")
    loaded = keras.models.load_model(tmp_path / "a.keras")
    tokens = np.array([[3, 4, 5, 2, 0, 0]], np.int32)
    np.testing.assert_array_equal(loaded(tokens), encoder(tokens))
