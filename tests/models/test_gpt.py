"""The decoder-only Transformer: nothing leaks from the future, and the cache changes no logits."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfmodels.decoding import sampling
from tfmodels.launcher import pages
from tfmodels.layers.attention import attention_model
from tfmodels.models import gpt

VOCABULARY, CONTEXT = 50, 12


@pytest.fixture(scope="module")
def model():
    """A small one with weights large enough that every position matters."""
    made = gpt.gpt(VOCABULARY, CONTEXT, width=32, depth=2, heads=4, dropout=0.1, seed=3)
    random = np.random.default_rng(0)
    for weight in made.trainable_weights:
        weight.assign(weight + random.normal(0, 0.1, weight.shape))
    return made


def _tokens(*shape):
    return np.random.default_rng(1).integers(0, VOCABULARY, shape).astype(np.int32)


def _stepped(model, tokens):
    """Returns the logits [B, T, V] that the cached steps give for given tokens."""
    cached = gpt.CachedGPT(model)

    @tf.function
    def step(*args):
        return cached.step(*args)

    state, logits = cached.initial_state(len(tokens)), []
    for position in range(tokens.shape[1]):
        found, state = step(tf.constant(tokens[:, position]), tf.constant(position), state)
        logits.append(found)
    return np.stack(logits, 1)


def test_a_token_changes_no_logits_before_it(model):
    tokens = _tokens(2, CONTEXT)
    logits = tf.function(model)
    before = logits(tokens).numpy()
    for place in range(CONTEXT):
        other = tokens.copy()
        other[:, place] = (other[:, place] + 1) % VOCABULARY
        change = np.abs(logits(other) - before).max((0, 2))
        np.testing.assert_array_equal(change[:place], 0)
        assert (change[place:] > 1e-4).all()


def test_cached_logits_are_those_of_the_whole_text(model):
    tokens = _tokens(3, CONTEXT)
    np.testing.assert_allclose(_stepped(model, tokens), model(tokens), atol=1e-5)


def test_beyond_the_context_the_last_half_of_it_is_read_again():
    context, prompt = 5, 3
    model = gpt.gpt(VOCABULARY, context, width=16, depth=1, heads=2, seed=5)
    text = _tokens(2, prompt)
    written = sampling.continue_tokens(
        gpt.CachedGPT(model), tf.RaggedTensor.from_tensor(text), tf.constant(8),
        lambda logits, _: tf.argmax(logits, -1, tf.int32))
    begin = 0
    for length in range(prompt, prompt + 8):
        chosen = np.argmax(model(text[:, begin:])[:, -1], -1).astype(np.int32)
        text = np.concatenate([text, chosen[:, None]], 1)
        if length - begin == context:  # full: the last half is kept, the chosen token with it
            begin = length + 1 - context // 2
    np.testing.assert_array_equal(written, text[:, prompt:])


def test_greedy_tokens_are_the_same_with_and_without_the_cache(model):
    cached, text = gpt.CachedGPT(model), _tokens(2, 1)
    state = cached.initial_state(2)
    for position in range(CONTEXT - 1):
        logits, state = cached.step(tf.constant(text[:, -1]), tf.constant(position), state)
        expected = np.argmax(model(text)[:, -1], -1)
        np.testing.assert_array_equal(np.argmax(logits, -1), expected)
        text = np.concatenate([text, expected[:, None].astype(np.int32)], 1)


def test_attention_is_causal_and_sums_to_one(model):
    weights = attention_model(model)(_tokens(2, CONTEXT))
    assert list(weights) == ["block_0_attention", "block_1_attention"]
    for of_block in weights.values():
        assert of_block.shape == (2, 4, CONTEXT, CONTEXT)
        np.testing.assert_allclose(np.sum(of_block, -1), 1, atol=1e-6)
        np.testing.assert_array_equal(np.triu(of_block, 1), 0)


def test_initial_weights_have_the_deviations_of_the_paper():
    model = gpt.gpt(300, 64, width=128, depth=2, heads=4, seed=1)
    for name, deviation in (("tokens", 0.02), ("positions", 0.02), ("block_0_expand", 0.02),
                            ("block_1_contract", 0.01)):
        assert np.std(model.get_layer(name).weights[0]) == pytest.approx(deviation, rel=0.05)
    attend = model.get_layer("block_1_attention")
    assert np.std(attend.project.kernel) == pytest.approx(0.02, rel=0.05)
    assert np.std(attend.combine.kernel) == pytest.approx(0.02 / np.sqrt(4), rel=0.05)
    # At the start it knows nothing: every token is about equally likely.
    tokens, targets = np.random.default_rng(0).integers(0, 300, (2, 4, 64)).astype(np.int32)
    loss = keras.losses.sparse_categorical_crossentropy(targets, model(tokens), from_logits=True)
    assert np.mean(loss) == pytest.approx(np.log(300), rel=0.05)


def test_dropout_is_for_training_alone_and_follows_its_seed(model):
    tokens = _tokens(2, 8)
    np.testing.assert_array_equal(model(tokens), model(tokens))
    first, second = model(tokens, training=True), model(tokens, training=True)
    assert np.abs(first - second).max() > 1e-3


def test_saved_and_loaded_it_answers_the_same(model, tmp_path):
    model.save(tmp_path / "gpt.keras")
    loaded = keras.models.load_model(tmp_path / "gpt.keras")
    tokens = _tokens(2, 7)
    np.testing.assert_array_equal(loaded(tokens), model(tokens))
    np.testing.assert_allclose(_stepped(loaded, tokens), model(tokens), atol=1e-5)


def test_impossible_shapes_are_refused(model):
    with pytest.raises(ValueError, match="width must divide by heads, got 30 and 4"):
        gpt.gpt(VOCABULARY, CONTEXT, width=30, depth=1, heads=4)
    with pytest.raises(ValueError, match=f"at most {CONTEXT} tokens, got {CONTEXT + 1}"):
        model(_tokens(1, CONTEXT + 1))


def test_the_page_on_byte_pairs_scores_and_writes_text(data_dir):
    page = pages.load("gpt")
    task = page.build(page.Config(
        dataset="tiny_verses", data_dir=str(data_dir), tokens="byte_pairs", vocabulary_size=400,
        context=16, width=16, depth=1, heads=2))
    assert len(task.vocabulary) == 400
    scores = task.evaluate(task.signatures, task.data.splits["validation"])
    assert scores["loss"] == pytest.approx(np.log(400), rel=0.05)  # nothing is learnt yet
    texts = task.data.splits["validation"].arrays()["text"]
    pieces = sum(map(len, task.tables[0].encode(tf.constant(texts)).to_list())) + len(texts)
    characters = sum(len(text.decode()) for text in texts) + len(texts)
    assert scores["bits_per_char"] == pytest.approx(
        scores["loss"] / np.log(2) * pieces / characters, rel=1e-5)
    settings = {"seed": 0, "temperature": 1.0, "top_k": 0, "top_p": 1.0}
    written = task.signatures["generate"](
        prompt=tf.constant(["And God", ""]), length=30, **settings)["texts"].numpy()
    assert written[0].startswith(b"And God")
    assert all(text.decode() for text in written)  # UTF-8, though bytes were drawn at random
    with pytest.raises(tf.errors.InvalidArgumentError, match="expected at most 15 tokens"):
        task.signatures["generate"](prompt=tf.constant(["z" * 99]), length=1, **settings)
