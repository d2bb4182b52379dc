"""Encoders of texts against NumPy and Keras, and what they do not see."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfmodels.layers.attention import SelfAttention, attention_model
from tfmodels.layers.pooling import mean_of_tokens
from tfmodels.layers.token_dropout import TokenDropout
from tfmodels.models.rnn import bidirectional_lstm
from tfmodels.models.transformer import transformer_classifier

PADDED = np.array([[3, 4, 5, 0, 0, 0]], np.int32)


def _random(model):
    """Gives all weights of a model random numbers, so that each of them matters."""
    random = np.random.default_rng(0)
    for weight in model.trainable_weights:
        weight.assign(weight + random.normal(0, 0.2, weight.shape))
    return model


@pytest.fixture(scope="module")
def encoder():
    return _random(transformer_classifier(7, 6, 4, width=8, depth=2, heads=2))


def test_transformer_says_which_widths_it_takes():
    with pytest.raises(ValueError, match="heads"):
        transformer_classifier(7, 4, 2, width=6, heads=4)


def test_transformer_computes_what_the_paper_says(encoder):
    weight = {variable.path: variable.numpy() for variable in encoder.weights}

    def normalized(x, name):
        x = (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + 1e-3)
        return x * weight[f"{name}/gamma"] + weight[f"{name}/beta"]

    def dense(x, name):
        return x @ weight[f"{name}/kernel"] + weight[f"{name}/bias"]

    words = np.array([3, 4, 5, 2])
    x = weight["tokens/embeddings"][words] + weight["positions/table"][:4]
    for block in ("block_0", "block_1"):
        q, k, v = np.split(dense(normalized(x, f"{block}_attention_norm"),
                                 f"{block}_attention/project"), 3, -1)
        heads = []
        for head in (slice(4), slice(4, 8)):
            shares = np.exp(q[:, head] @ k[:, head].T / 2)  # equation 1: over the root of 4
            heads.append(shares / shares.sum(-1, keepdims=True) @ v[:, head])
        x = x + dense(np.concatenate(heads, -1), f"{block}_attention/combine")
        y = np.maximum(dense(normalized(x, f"{block}_mlp_norm"), f"{block}_expand"), 0)
        x = x + dense(y, f"{block}_contract")
    expected = dense(normalized(x, "encoder_norm").mean(0), "logits")
    np.testing.assert_allclose(encoder(np.array([[*words, 0, 0]]))[0], expected, atol=1e-4)


def test_transformer_does_not_see_padding(encoder):
    logits = encoder(PADDED).numpy()
    scores = attention_model(encoder)(PADDED)
    assert list(scores) == ["block_0_attention", "block_1_attention"]
    for score in scores.values():
        assert score.shape == (1, 2, 6, 6)
        np.testing.assert_allclose(np.sum(score, -1), 1, atol=1e-5)
        np.testing.assert_allclose(score[..., 3:], 0, atol=1e-6)
    table = encoder.get_layer("tokens").embeddings
    before = table.numpy()
    table.assign(np.concatenate([[np.full(8, 9.0)], before[1:]]))
    np.testing.assert_allclose(encoder(PADDED), logits, atol=1e-5)
    table.assign(before)


@pytest.mark.parametrize("causal", [False, True])
def test_self_attention_is_that_of_keras(causal):
    random = np.random.default_rng(0)
    x = random.normal(size=(2, 6, 8)).astype(np.float32)
    readable = np.arange(6) < np.array([[4], [6]])
    layer, theirs = SelfAttention(2, causal), keras.layers.MultiHeadAttention(2, 4)
    layer.build(x.shape)
    theirs.build(x.shape, x.shape)
    for weight in layer.weights:
        weight.assign(random.normal(size=weight.shape))
    qkv, qkv_bias, out, out_bias = layer.get_weights()
    kernels, biases = np.moveaxis(qkv.reshape(8, 3, 2, 4), 1, 0), qkv_bias.reshape(3, 2, 4)
    theirs.set_weights([part for pair in zip(kernels, biases, strict=True) for part in pair]
                       + [out.reshape(2, 4, 8), out_bias])
    found, weights, *_ = layer(x, readable)
    expected, scores = theirs(x, x, attention_mask=readable[:, None], use_causal_mask=causal,
                              return_attention_scores=True)
    np.testing.assert_allclose(found, expected, atol=1e-5)
    np.testing.assert_allclose(weights, scores, atol=1e-5)


def test_rnn_reads_both_ways_and_does_not_see_padding():
    model = _random(bidirectional_lstm(7, 4, width=8, units=4, depth=2))
    logits = model(PADDED).numpy()
    np.testing.assert_allclose(model(PADDED[:, :3]), logits, atol=1e-5)
    states = keras.Model(model.input, model.get_layer("lstm_0").output)
    before, after = states(PADDED)[0], states(np.array([[3, 4, 2, 0, 0, 0]]))[0]
    changed = np.abs(before - after)[:2].max(0) > 1e-6  # by another third word
    np.testing.assert_array_equal(changed, [False] * 4 + [True] * 4)


def test_mean_leaves_padding_out_and_is_0_of_nothing():
    x = np.random.default_rng(0).normal(size=(2, 6, 3)).astype(np.float32)
    found = mean_of_tokens(x, np.concatenate([PADDED, np.zeros_like(PADDED)]))
    np.testing.assert_allclose(found, [x[0, :3].mean(0), np.zeros(3)], atol=1e-6)


def test_token_dropout_hides_words_at_random_in_training_alone():
    tokens = np.tile(np.array([[5, 6, 0, 3]], np.int32), (4000, 1))
    layer = TokenDropout(0.3, seed=1)
    np.testing.assert_array_equal(layer(tokens), tokens)
    hidden = np.asarray(layer(tokens, training=True))
    assert set(np.unique(hidden - tokens)) == {0, -5, -6, -3}
    np.testing.assert_allclose((hidden == 0).mean(0), [0.3, 0.3, 1, 0.3], atol=0.04)
    assert (np.asarray(layer(tokens, training=True)) != hidden).any()


def test_a_hidden_token_has_no_influence():
    model = transformer_classifier(7, 6, 4, width=8, depth=1, heads=2, dropout=0.0,
                                   token_dropout=0.9999)
    logits = tf.stack([model(np.full((1, 6), word), training=True) for word in (2, 3)])
    np.testing.assert_allclose(logits[0], logits[1], atol=1e-6)


def test_transformer_is_saved_and_loaded_as_any_keras_model(encoder, tmp_path):
    encoder.save(tmp_path / "a.keras")
    loaded = keras.models.load_model(tmp_path / "a.keras")
    np.testing.assert_array_equal(loaded(PADDED), encoder(PADDED))
