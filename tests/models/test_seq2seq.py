"""Encoder-decoders: masks that leak nothing, one token at a time like all at once, the paper's
formulas and the task's loss with NumPy."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from common import texts_of

from tfmodels.models.lstm_seq2seq import LstmDecoder, lstm_seq2seq
from tfmodels.models.transformer_seq2seq import TransformerDecoder, sinusoids, transformer_seq2seq
from tfmodels.tasks.sequence_to_sequence import signatures_of
from tfmodels.tokens.sequences import Sequences

V, S, T = 23, 7, 6


@pytest.fixture(scope="module", params=["lstm", "transformer"])
def models(request):
    """(model, attention, decoder), with weights far from their start."""
    keras.utils.set_random_seed(1)
    if request.param == "lstm":
        model, attention = lstm_seq2seq(V, 8, 0.1)
        decoder = LstmDecoder(model)
    else:
        model, attention = transformer_seq2seq(V, 9, 8, 2, 2, 0.1)
        decoder = TransformerDecoder(model)
    random = np.random.default_rng(2)
    model.set_weights([value + random.normal(size=value.shape, scale=0.2).astype(value.dtype)
                       if value.dtype == np.float32 else value for value in model.get_weights()])
    return model, attention, decoder


@pytest.fixture
def batch():
    """Three rows of tokens; the second source is shorter."""
    random = np.random.default_rng(3)
    source = random.integers(1, V, (3, S)).astype(np.int32)
    source[1, 4:] = 0
    return {"source": source, "target": random.integers(1, V, (3, T)).astype(np.int32)}


def test_no_target_token_is_seen_before_its_turn(models, batch):
    model, *_ = models
    before = model(batch).numpy()
    for position in range(T):
        target = batch["target"].copy()
        target[:, position] = target[:, position] % (V - 1) + 1
        after = model(batch | {"target": target}).numpy()
        np.testing.assert_allclose(after[:, :position], before[:, :position], atol=1e-5)
        assert np.abs(after[:, position:] - before[:, position:]).max() > 1e-3


def test_padding_of_the_source_changes_nothing_and_gets_no_attention(models, batch):
    model, attention, _ = models
    padded = batch | {"source": np.pad(batch["source"], [[0, 0], [0, 2]])}
    np.testing.assert_allclose(model(padded), model(batch), atol=1e-5)
    weights = attention(batch).numpy()
    assert weights.shape == (3, T, S)
    np.testing.assert_allclose(weights.sum(-1), 1, atol=1e-5)
    assert not weights[1, :, 4:].any()
    changed = batch["source"].copy()
    changed[:, 0] = changed[:, 0] % (V - 1) + 1
    difference = model(batch | {"source": changed}) - model(batch)
    assert np.abs(difference).max() > 1e-3


def test_one_token_at_a_time_is_like_all_at_once(models, batch):
    model, _, decoder = models
    wanted, state = model(batch).numpy(), decoder.initial_state(tf.constant(batch["source"]))
    for position in range(T):
        logits, state = decoder.step(tf.constant(batch["target"][:, position]),
                                     tf.constant(position), state)
        np.testing.assert_allclose(logits, wanted[:, position], atol=1e-5)


def test_models_are_saved_and_loaded_whole(models, batch, tmp_path):
    model, *_ = models
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_allclose(loaded(batch), model(batch), atol=1e-6)


def test_attention_of_the_lstm_is_that_of_luong(batch):
    model, attention = lstm_seq2seq(V, 8, 0.0)
    head = model.get_layer("head")
    random = np.random.default_rng(4)
    states, memory = random.normal(size=(2, 5, 8)), random.normal(size=(2, 3, 8))
    real = np.array([[True] * 3, [True, True, False]])
    logits, weights = head([states.astype("f"), memory.astype("f"), real])
    score, combine, last = (head.get_layer(name).get_weights()
                            for name in ("score", "combine", "logits"))
    scores = states @ score[0] @ memory.transpose(0, 2, 1) / 8 ** 0.5  # equation 8
    shares = np.where(real[:, None], np.exp(scores), 0)
    shares /= shares.sum(-1, keepdims=True)  # equation 7
    np.testing.assert_allclose(weights, shares, atol=1e-5)
    mixed = np.tanh(np.concatenate([shares @ memory, states], -1) @ combine[0] + combine[1])
    np.testing.assert_allclose(logits, mixed @ last[0] + last[1], atol=1e-4)


def test_positions_are_the_papers_waves():
    found = sinusoids(50, 6)
    for position in (0, 1, 49):
        for i in range(3):
            angle = position / 10000 ** (2 * i / 6)
            assert found[position, 2 * i] == pytest.approx(np.sin(angle), abs=1e-6)
            assert found[position, 2 * i + 1] == pytest.approx(np.cos(angle), abs=1e-6)


@pytest.fixture(scope="module")
def tokens():
    """Tokens of a few pairs."""
    return Sequences(texts_of(source=[b"Where is the cat?", b"where is the dog?"] * 3,
                              target=["Là, dans l’été!".encode(), b"It is  there."] * 3), 280, 12)


def test_texts_come_back_from_their_tokens(tokens):
    texts = ["It is  there.", "Là, dans", "🙂?", ""]
    rows = tokens.encode(tf.constant(texts)).numpy()
    assert rows.shape == (4, 12)
    assert [text.decode() for text in tokens.decode(tf.constant(rows)).numpy()] == texts
    for row in rows:
        assert (row == tokens.end).sum() == 1
        assert not row[list(row).index(tokens.end) + 1:].any()
    assert tokens.pieces(rows[0])[-1] == "[END]"
    assert "".join(tokens.pieces(rows[0])[:-1]) == " It is  there."
    first, later = tokens.encode(tf.constant(["where is the cat?", "  the cat? "])).numpy()
    assert set(later) <= set(first)  # a word at the front has the tokens it has elsewhere


def test_a_text_too_long_loses_its_tail_and_what_follows_an_end_is_not_read(tokens):
    row = tokens.encode(tf.constant(["it is there. " * 9]))
    assert row[0, -1] == tokens.end
    assert b"it is there. it is there.".startswith(tokens.decode(row).numpy()[0][:10])
    word = int(tokens.encode(tf.constant(["the"]))[0, 0])
    rows = tf.constant([[tokens.start, word, tokens.end, word], [word, 0, word, 1]])
    assert tokens.decode(rows).numpy().tolist() == [b"the", b"the the"]


def test_score_is_the_loss_that_is_trained(tokens):
    keras.utils.set_random_seed(0)
    model, _ = transformer_seq2seq(tokens.size, 12, 8, 1, 2, 0.0)
    model.compile(optimizer="sgd", loss=keras.losses.SparseCategoricalCrossentropy(
        from_logits=True, reduction="mean_with_sample_weight"))
    functions = signatures_of(model, TransformerDecoder(model), tokens)
    source, target = tf.constant([b"Where?", b"the dog is"]), tf.constant([b"It is  there.", b"x"])
    found = functions["score"](source, target)
    rows, inputs = tokens.encode(target).numpy(), tokens.encode(tf.strings.lower(source)).numpy()
    before = np.concatenate([np.full((2, 1), tokens.start), rows[:, :-1]], 1)
    logits = model({"source": inputs, "target": before}).numpy().astype(float)
    log_p = logits - np.log(np.exp(logits).sum(-1, keepdims=True))
    real = rows != 0
    of_target = np.take_along_axis(log_p, rows[..., None], -1)[..., 0]
    np.testing.assert_allclose(found["loss"], -(of_target * real).sum(1), rtol=1e-5)
    np.testing.assert_array_equal(found["tokens"], real.sum(1))
    np.testing.assert_array_equal(found["correct"], ((logits.argmax(-1) == rows) & real).sum(1))
    trained = model.evaluate({"source": inputs, "target": before}, rows, verbose=0,
                             sample_weight=real.astype("f"))
    assert trained == pytest.approx(-(of_target * real).sum() / real.sum(), rel=1e-5)


def test_generate_and_one_beam_agree_and_bad_input_is_answered(tokens):
    model, _ = lstm_seq2seq(tokens.size, 8, 0.0)
    functions = signatures_of(model, LstmDecoder(model), tokens)
    prompt = tf.constant([b"where is the cat?", b"", b"\xff\xfe", b"long " * 99, "日本".encode()])

    def generate(seed=0, temperature=0.0, length=9, prompt=prompt):
        return functions["generate"](prompt, length, seed, temperature, 0, 1.0)["texts"].numpy()

    assert (functions["search"](prompt, 9, 1, 0.6)["texts"].numpy() == generate()).all()
    assert (generate(1, 1.5) == generate(1, 1.5)).all()
    assert (generate(1, 1.5) != generate(2, 1.5)).any()
    assert generate(length=10**6).shape == (5,)  # cut to the length of a row
    assert generate(prompt=prompt[:0]).shape == (0,)
    assert functions["search"](prompt[:0], 9, 3, 0.6)["texts"].shape == [0]
    with pytest.raises(tf.errors.InvalidArgumentError, match="length: expected at least 1"):
        generate(length=0)
    with pytest.raises(tf.errors.InvalidArgumentError, match="beams: expected at least 1"):
        functions["search"](prompt, 9, 0, 0.6)
