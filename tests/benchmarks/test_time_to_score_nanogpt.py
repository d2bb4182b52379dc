"""nanoGPT's recipe: of the published size, scored as our validation scores; needs PyTorch."""

import math

import numpy as np
import pytest
import tensorflow as tf

from tfmodels.tasks import language_model
from tfmodels.tokens.characters import CharacterTokens


def test_nanogpt_is_scored_in_the_windows_of_our_validation(recipe):
    nanogpt = recipe("nanogpt", _CONTEXT=6)
    rows = ["", "ab", "abcde", "abcdef", "abcdefg", "gfedcbaabcdefgcabd"]
    tokens = CharacterTokens([*(row.encode() for row in rows), b"\n"])
    table = np.random.default_rng(0).normal(size=(50, tokens.size)).astype(np.float32)

    def model(windows, training=False):  # what comes next depends on all that was read
        return tf.gather(table, tf.cumsum(windows, axis=1) % len(table))
    nats = language_model.scorer(model, tokens, 6)(tf.constant(rows))["nats"].numpy().sum()
    x, y = (part.numpy() for part in nanogpt.scored_windows(
        rows, lambda text: tokens.encode([text])[0].numpy().astype(np.int64)))
    counted = y >= 0
    losses = tf.nn.sparse_softmax_cross_entropy_with_logits(np.maximum(y, 0), model(x)).numpy()
    assert counted.sum() == sum(len(row) + 1 for row in rows)
    assert losses[counted].sum() == pytest.approx(nats, rel=1e-5)


def test_nanogpt_has_the_published_size_and_learns(run, recipe):
    nanogpt = recipe("nanogpt")
    places = nanogpt._CONTEXT * nanogpt._WIDTH
    size = sum(weight.numel() for weight in nanogpt.GPT(65).parameters()) - places
    assert f"{size / 1e6:.2f}M" == "0.80M"  # as its program says
    assert [nanogpt.rate(step) for step in (0, 50, 100, 2000)] == pytest.approx(
        [0, 5e-4, 1e-3, 1e-4])
    lines = run("nanogpt", {"x_train": ["abcabcabc" * 30], "x_validation": ["abcabc" * 12]},
                _STEPS=40, _EVERY=20, _ESTIMATES=1, _WARM_UP=5)
    scores = [line["score"] for line in lines]
    assert math.log(4) < scores[0] < 2  # tied to its table it first writes what it has read
    assert len(scores) == 3
    assert max(scores[1:]) < 0.5
