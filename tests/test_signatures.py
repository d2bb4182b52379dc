"""What exports refuse, loaded again: never another class, another number or part of what is asked.

One export holds the signatures of tiny models.
"""

import json
import shutil

import numpy as np
import pytest
import tensorflow as tf
from common import texts_of

from tfmodels.export import saved_model
from tfmodels.models.char_rnn import CharRNNDecoder, char_rnn
from tfmodels.models.lstm_seq2seq import LstmDecoder, lstm_seq2seq
from tfmodels.models.word2vec import FRAME, word2vec
from tfmodels.tasks import (
    image_classification,
    image_generation,
    language_model,
    sequence_to_sequence,
    word_vectors,
)
from tfmodels.tokens.characters import CharacterTokens
from tfmodels.tokens.sequences import Sequences
from tfmodels.tokens.words import Words

LONG = "where is the cat? " * 9
WRITE = {"prompt": ["In"], "length": 2, "seed": 0, "temperature": 1.0, "top_k": 0, "top_p": 1.0}
SEARCH = {"prompt": ["In"], "length": 2, "beams": 2, "alpha": 0.6}
NAN, INF = float("nan"), float("inf")


@pytest.fixture(scope="module")
def signatures(tmp_path_factory):
    """Those of an image generator with 10 classes, whose images are their label, and of texts."""
    def draw(count, seed, labels=0):
        del seed
        return tf.zeros([count, 2, 2, 1]) + tf.reshape(
            tf.cast(labels, tf.float32), [-1, 1, 1, 1]) * 2 / 255 - 1

    words = Words([b"the cat, the dog", b"a bird"])
    vectors = word2vec(words.size, 5, FRAME, 60)
    pairs = Sequences(texts_of(source=[b"where is the cat?"] * 3, target=[b"there it is"] * 3),
                      270, 9)
    answers, _ = lstm_seq2seq(pairs.size, 4, 0.0)
    characters = CharacterTokens([b"In the beginning\n"])
    decoder = CharRNNDecoder(char_rnn(characters.size, width=4))
    decoder.context = 6
    folder = tmp_path_factory.mktemp("export")
    saved_model.export({
        "classes": image_generation.sampler(draw, 10),
        "images": image_generation.sampler(draw),
        "continue": language_model.generator(decoder, characters),
        **word_vectors.signatures(words, {
            name: vectors.get_layer(name).embeddings for name in ("tokens", "contexts")}),
        **{f"pairs_{name}": function for name, function in sequence_to_sequence.signatures_of(
            answers, LstmDecoder(answers), pairs).items()},
    }, folder, (words,))
    return saved_model.load(folder)


def _call(signatures, name, inputs):
    """Calls a signature with plain values, whose types are those that it takes."""
    return signatures[name](**{
        key: tf.constant(value, tf.int32 if value == [] else None)
        for key, value in inputs.items()})


REFUSED = [
    ("classes", {"count": 2, "seed": 0, "labels": [12, -3]},
     "labels: expected classes from 0 to 9, got] [12 -3]"),
    ("classes", {"count": 2, "seed": 0, "labels": [9, 10]}, "labels: expected classes from 0 to 9"),
    ("classes", {"count": 0, "seed": 0, "labels": []}, "count: expected at least 1, got] [0]"),
    ("classes", {"count": -1, "seed": 0, "labels": [1]}, "count: expected at least 1, got] [-1]"),
    ("classes", {"count": 2, "seed": 0, "labels": [[1, 2]]}, "tensor labels [1,2] is not"),
    ("images", {"count": 0, "seed": 0}, "count: expected at least 1, got] [0]"),
    ("images", {"count": -2**31, "seed": 0}, "count: expected at least 1"),
    ("images", {"count": [2], "seed": 0}, "tensor count [1] is not compatible with expected"),
    ("nearest", {"words": ["cat"], "count": -1}, "count: expected 0 to 4"),
    ("nearest", {"words": ["cat"], "count": 5}, "count: expected 0 to 4"),
    ("nearest", {"words": [["cat", "dog"]], "count": 1}, "tensor words [1,2] is not"),
    ("embed", {"words": [["cat", "dog"]]}, "tensor words [1,2] is not"),
    ("score", {"words": ["cat", "dog"], "contexts": ["bird"]},
     "contexts: expected as many as words, got] [1]"),
    ("score", {"words": ["cat"], "contexts": ["bird", "dog"]}, "contexts: expected as many as w"),
    ("pairs_score", {"source": ["a", "b"], "target": ["c"]},
     "target: expected as many as of source, got] [1]"),
    ("pairs_score", {"source": ["a"], "target": ["b", "c"]}, "target: expected as many as of"),
    *[(name, given | wrong, f"{next(iter(wrong))}: expected ")
      for name, given in (("continue", WRITE), ("pairs_generate", WRITE))
      for wrong in ({"length": 0}, {"length": -3}, {"temperature": -0.5}, {"temperature": NAN},
                    {"temperature": INF}, {"top_k": -1}, {"top_p": 0.0}, {"top_p": NAN},
                    {"top_p": 1.5})],
    *[("pairs_search", SEARCH | wrong, f"{next(iter(wrong))}: expected ")
      for wrong in ({"length": 0}, {"length": -3}, {"beams": 0}, {"beams": -1}, {"alpha": -0.1},
                    {"alpha": NAN}, {"alpha": INF})],
    ("continue", WRITE | {"prompt": ["In", "In the"]}, "prompt: expected at most 5 tokens"),
    ("continue", WRITE | {"prompt": "In"}, "tensor prompt [] is not"),
    ("pairs_search", SEARCH | {"beams": [2, 3]}, "tensor beams [2] is not"),
]


@pytest.mark.parametrize(("name", "inputs", "message"), REFUSED)
def test_what_cannot_be_answered_is_refused_by_name(name, inputs, message, signatures):
    with pytest.raises(tf.errors.InvalidArgumentError) as refused:
        _call(signatures, name, inputs)
    assert message in str(refused.value)


def test_every_class_that_is_asked_for_is_drawn(signatures):
    found = _call(signatures, "classes", {"count": 5, "seed": 0, "labels": [9, 0, 4]})["images"]
    assert found.shape == (5, 2, 2, 1)
    assert found.numpy()[:, 0, 0, 0].tolist() == [9, 0, 4, 9, 0]
    found = _call(signatures, "classes", {"count": 200, "seed": 0, "labels": []})["images"]
    assert set(found.numpy().ravel()) == set(range(10))


def test_a_score_says_whether_both_words_are_known(signatures):
    found = _call(signatures, "score", {"words": ["cat", "fish", "cat"],
                                        "contexts": ["dog", "dog", "fish"]})
    assert found["known"].numpy().tolist() == [True, False, False]
    assert not found["scores"].numpy()[1:].any()


def test_a_text_that_loses_its_tail_is_said_to(signatures):
    for name, given in (("pairs_generate", WRITE), ("pairs_search", SEARCH)):
        found = _call(signatures, name, given | {"prompt": ["where", LONG, ""]})
        assert found["cut"].numpy().tolist() == [False, True, False]
    found = _call(signatures, "pairs_score", {"source": ["a", "a", LONG, LONG],
                                              "target": ["a", LONG, "a", LONG]})
    assert found["cut"].numpy().tolist() == [False, True, True, True]


def test_images_of_another_size_are_refused_by_an_export_that_flattens_them(runs):
    signatures = saved_model.load(runs("dense") / "export")
    for shape in ((64, 9, 9, 1), (2, 4, 16, 1), (64, 8, 1), (2, 8, 8, 3)):
        with pytest.raises(tf.errors.InvalidArgumentError, match="tensor inputs .* is not comp"):
            signatures["serving_default"](inputs=tf.zeros(shape, tf.uint8))


@pytest.mark.parametrize("experiment", ["autoencoder", "vae"])
def test_codes_that_are_no_numbers_are_refused(experiment, runs):
    decode = saved_model.load(runs(experiment) / "export")["decode"]
    size = 32 if experiment == "autoencoder" else 20
    assert decode(codes=tf.zeros([2, size]))["images"].shape == (2, 8, 8, 1)
    for wrong in (NAN, INF):
        codes = np.zeros([2, size], np.float32)
        codes[1, 3] = wrong
        with pytest.raises(tf.errors.InvalidArgumentError, match="codes: expected finite numbers"):
            decode(codes=tf.constant(codes))
    with pytest.raises(tf.errors.InvalidArgumentError, match="tensor codes"):
        decode(codes=tf.zeros([2, size + 1]))


def test_sample_says_what_its_export_refuses(runs, launch, tmp_path):
    run = shutil.copytree(runs("diffusion"), tmp_path / "diffusion" / "a")
    manifest = json.loads((run / "manifest.json").read_text())
    manifest["data"]["class_names"].append("ten")  # which the export does not have
    (run / "manifest.json").write_text(json.dumps(manifest))
    sample = ["--mode=sample", "--run=diffusion/a", f"--logdir={tmp_path}"]
    code, _, err = launch(*sample, "--labels=ten,3")
    assert (code, err) == (1, "error: flag --labels: expected classes from 0 to 9, got 10 3\n")
    code, _, err = launch(*sample, "--labels=3,7", "--count=1")
    assert code == 1
    assert "--labels=3,7: expected at most as many classes as images" in err
    assert not list((run / "samples").glob("drawn*"))


def test_a_classifier_answers_with_logits_and_their_softmax():
    table = np.array([[1.0, 3.0, 2.0], [0.5, -1.0, 0.25]], np.float32)
    serve = image_classification.classifier_signature(
        lambda inputs: tf.gather(tf.constant(table), inputs),
        tf.TensorSpec([None], tf.int32, "inputs"), ("a", "b", "c"))
    answer = serve(inputs=tf.constant([1, 0]))
    np.testing.assert_array_equal(answer["logits"], table[[1, 0]])
    exponents = np.exp(table[[1, 0]])
    np.testing.assert_allclose(answer["probabilities"],
                               exponents / exponents.sum(1, keepdims=True), rtol=1e-5)
    assert answer["class_name"].numpy().tolist() == [b"a", b"b"]
