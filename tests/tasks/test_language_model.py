"""The task of language models against sums and loops in NumPy."""

import json
import types

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfmodels.errors import InputError
from tfmodels.models.char_rnn import CharRNNDecoder, char_rnn
from tfmodels.tasks import language_model as language_models
from tfmodels.tasks.language_model import generator, language_model, scorer, text_scores
from tfmodels.tokens.byte_pairs import train_byte_pairs
from tfmodels.tokens.characters import CharacterTokens

TEXTS = [text.encode() for text in ("In the beginning", "", "été à la mer", "a" * 40, "in")]
TOKENS = CharacterTokens([*TEXTS, b"\n"])
DRAW = {"length": 12, "seed": 5, "temperature": 1.0, "top_k": 0, "top_p": 1.0}


def _ids(text):
    return [TOKENS.vocabulary.index(character) for character in text]


def _generate(function, prompts, **settings):
    inputs = {name: tf.constant(value, tf.float32 if isinstance(value, float) else tf.int32)
              for name, value in (DRAW | settings).items()}
    return [text.decode() for text in
            function(prompt=tf.constant(prompts), **inputs)["texts"].numpy()]


@pytest.fixture(scope="module")
def model():
    """A small LSTM with weights large enough to prefer some characters."""
    keras.utils.set_random_seed(1)
    model = char_rnn(TOKENS.size, width=12, depth=2)
    model.set_weights([4 * weight for weight in model.get_weights()])
    return model


@pytest.mark.parametrize("context", [1, 2, 7, 64])
def test_every_character_is_scored_once_whatever_the_context(context):
    table = np.random.default_rng(0).normal(size=(TOKENS.size, TOKENS.size)).astype(np.float32)
    layer = keras.layers.Embedding(TOKENS.size, TOKENS.size)  # the last token alone decides
    model = keras.Sequential([keras.Input([None], dtype="int32"), layer])
    layer.set_weights([table])
    losses = np.log(np.exp(table).sum(1, keepdims=True)) - table
    found = scorer(model, TOKENS, context)(tf.constant(TEXTS))
    lines = ["\n" + text.decode() + "\n" for text in TEXTS]
    expected = [sum(losses[before, after] for before, after in zip(
        _ids(line), _ids(line[1:]), strict=False)) for line in lines]
    np.testing.assert_allclose(found["nats"], expected, rtol=1e-5)
    np.testing.assert_array_equal(found["characters"], [len(line) - 1 for line in lines])
    np.testing.assert_array_equal(found["tokens"], found["characters"])


@pytest.mark.parametrize("context", [1, 2, 5, 8])
def test_every_character_but_the_first_is_scored_with_half_a_context_before_it(context):
    @keras.saving.register_keras_serializable("tests")
    class Position(keras.layers.Layer):
        """Gives the character `a` a loss that tells its place in the window."""

        def call(self, tokens):
            place = tf.cast(tf.range(tf.shape(tokens)[1]), tf.float32)[None, :, None]
            return place * (1 - tf.one_hot(tokens * 0 + _ids("a")[0], TOKENS.size))

        def compute_output_shape(self, shape):
            return (*shape, TOKENS.size)
    inputs = keras.Input([None], dtype="int32")
    score = scorer(keras.Model(inputs, Position()(inputs)), TOKENS, context)
    lengths = list(range(31))
    nats = score(tf.constant(["a" * length for length in lengths]))["nats"].numpy()
    # Two texts that differ by an `a` differ by the loss of that `a`, since the line end's own loss
    # differs by what is known too.
    half = max(context // 2, 1)
    places = [length if length < context else context - half + (length - context) % half
              for length in range(40)]
    of_a = [np.log(1 + (TOKENS.size - 1) * np.exp(place)) for place in places]
    of_end = [loss - place for loss, place in zip(of_a, places, strict=True)]
    expected = [sum(of_a[:length]) + of_end[length] for length in lengths]
    np.testing.assert_allclose(nats, expected, rtol=1e-5)


def test_no_text_has_no_score(model):
    found = scorer(model, TOKENS, 8)(tf.constant([], tf.string))
    assert found["nats"].shape == (0,)


def test_bits_are_per_character_when_tokens_are_byte_pairs():
    tokens = train_byte_pairs([b"the the the then then"] * 9, 270)
    tokens.special = (0, 1)
    uniform = keras.Sequential([keras.Input([None], dtype="int32"), keras.layers.Embedding(
        tokens.size, tokens.size, embeddings_initializer="zeros")])
    texts = np.array(["the then été".encode(), b"the"], object)
    count = sum(len(tokens.encode(tf.constant([text]))[0]) + 1 for text in texts)
    found = text_scores(scorer(uniform, tokens, 6), texts)
    assert count < 18
    assert found["loss"] == pytest.approx(np.log(tokens.size))
    assert found["perplexity"] == pytest.approx(tokens.size, rel=1e-5)
    assert found["bits_per_char"] == pytest.approx(np.log2(tokens.size) * count / (13 + 4))


def test_greedy_text_is_what_the_whole_model_likes_best(model):
    generate = generator(CharRNNDecoder(model), TOKENS)
    prompts = ["In the", "", "é"]
    found = _generate(generate, prompts, temperature=0.0)
    for prompt, text in zip(prompts, found, strict=True):
        expected = prompt
        for _ in range(DRAW["length"]):
            logits = model(np.array([_ids("\n" + expected)]))[0, -1].numpy()
            logits[list(TOKENS.special)] = -np.inf
            expected += TOKENS.vocabulary[logits.argmax()]
        assert text == expected
    assert len(set(found)) == 3


def test_equal_seeds_write_equal_texts(model):
    generate = generator(CharRNNDecoder(model), TOKENS)
    both = _generate(generate, ["In", "In"])
    assert both == _generate(generate, ["In", "In"])
    assert both[:1] == _generate(generate, ["In"])
    assert both[0] != both[1]
    assert both != _generate(generate, ["In", "In"], seed=6)
    assert _generate(generate, ["In"], length=30)[0].startswith(both[0])
    assert [len(text) for text in both] == [14, 14]


def test_prompts_of_any_characters_are_kept_as_they_are(model):
    generate = generator(CharRNNDecoder(model), TOKENS)
    prompts = ["", "日本\U0001f642", "In\nthe"]
    for prompt, text in zip(prompts, _generate(generate, prompts), strict=True):
        assert text.startswith(prompt)
        assert len(text) == len(prompt) + 12
        assert "\N{REPLACEMENT CHARACTER}" not in text


@pytest.mark.parametrize(("wrong", "message"), [
    ({"length": 0}, "length"), ({"temperature": -0.5}, "temperature"),
    ({"temperature": float("nan")}, "temperature"), ({"temperature": float("inf")}, "temperature"),
    ({"top_k": -1}, "top_k"), ({"top_p": 0.0}, "top_p"), ({"top_p": 1.5}, "top_p")])
def test_wrong_settings_are_refused_in_the_graph(model, wrong, message):
    with pytest.raises(tf.errors.InvalidArgumentError, match=message):
        _generate(generator(CharRNNDecoder(model), TOKENS), ["In"], **wrong)


def test_a_prompt_longer_than_the_context_is_refused(model):
    decoder = CharRNNDecoder(model)
    decoder.context = 6
    generate = generator(decoder, TOKENS)
    assert len(_generate(generate, ["In th"])[0]) == 17
    with pytest.raises(tf.errors.InvalidArgumentError, match="at most 5 tokens"):
        _generate(generate, ["In", "In the"])


def test_texts_that_are_all_blank_are_refused():
    blank = types.SimpleNamespace(texts=lambda: iter([b"", b" \t\n"]))
    data = types.SimpleNamespace(name="blank", splits={"train": blank})
    with pytest.raises(InputError, match="training texts are all empty or blank"):
        language_model(None, TOKENS, None, data, context=4)


def test_one_text_per_split_is_enough(tmp_path, launch):
    import tensorflow_datasets as tfds

    class TinyPlay(tfds.core.GeneratorBasedBuilder):
        """As tiny_shakespeare: the whole text in one example."""

        VERSION = tfds.core.Version("1.0.0")

        def _info(self):
            return tfds.core.DatasetInfo(builder=self, features=tfds.features.FeaturesDict(
                {"text": tfds.features.Text()}))

        def _split_generators(self, _):
            return {name: self._generate_examples(name) for name in (
                "train", "validation", "test")}

        def _generate_examples(self, name):
            yield name, {"text": f"Enter {name}.\nExit {name}.\n" * 30}

    TinyPlay(data_dir=str(tmp_path)).download_and_prepare()
    flags = ["--experiment=char_rnn", "--dataset=tiny_play", f"--data_dir={tmp_path}",
             f"--logdir={tmp_path}", "--run=a", "--width=8", "--context=16", "--batch_size=9",
             "--steps=2", "--precision=float32"]
    code, _, err = launch(*flags)
    assert code == 0, err
    metrics = json.loads((tmp_path / "char_rnn" / "a" / "metrics.json").read_text())
    baseline = metrics["baselines"]["interpolated_ngram"]["test_bits_per_char"]
    assert metrics["baseline_settings"]["interpolated_ngram"]["order"] > 1
    assert 0 < baseline < metrics["metrics"]["test_bits_per_char"] < 20
    code, _, err = launch(*flags, "--overwrite", "--memory_limit=0")
    assert code == 0, err
    code, _, err = launch(*flags, "--overwrite", "--context=9999")
    assert code == 1
    assert "10000 tokens" in err


def test_of_very_long_texts_the_beginning_is_scored(monkeypatch, model):
    monkeypatch.setattr(language_models, "_VALIDATED", 12)
    monkeypatch.setattr(language_models.ngrams, "SCORED_ON", 20)
    heard = []

    def score(inputs):
        heard.extend(inputs.numpy().tolist())
        ones = tf.ones(len(inputs))
        return {"nats": ones, "characters": ones, "tokens": ones}
    train, test = (types.SimpleNamespace(size=len(texts), texts=texts.__iter__)
                   for texts in ([b"some text"], [b"short", b"a" * 99, b"never"]))
    data = types.SimpleNamespace(splits={"train": train, "test": test})
    task = language_model(model, TOKENS, CharRNNDecoder(model), data, context=8)
    task.evaluate({"score": score}, test)
    assert heard == [b"short", b"a" * 12]
    heard.clear()
    found = task.final({"score": score}, test)
    assert heard == [b"short", b"a" * 20]
    assert found["notes"] == ["scored on the first 25 bytes of the test texts (2 of 3)"]
    assert task.final({"score": score}, train)["notes"] == []
