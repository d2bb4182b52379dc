"""Data at the edge, from the command line: trained and scored to the end, or refused at once."""

import json
import re
import types

import numpy as np
import PIL.Image
import pytest
import tensorflow_datasets as tfds
from common import texts_of

from tfmodels.errors import InputError
from tfmodels.models.word2vec import FRAME, SkipGrams, word2vec
from tfmodels.tasks.masked_words import masked_words
from tfmodels.tasks.word_vectors import word_vectors
from tfmodels.tokens.sequences import Sequences
from tfmodels.tokens.words import Words, word_tokens

NAMES = ["a/b, <b>|*", "é\x00日", "long " * 100, "\N{SLIGHTLY SMILING FACE} \u202eabc"]


class TinyEdge(tfds.core.GeneratorBasedBuilder):
    """12 examples to learn from and 8 to test by; `train` and `test` are labels in turn."""

    VERSION = tfds.core.Version("1.0.0")
    image, names, train, test = (2, 3, 4), NAMES, [0], [0]

    def _info(self):
        return tfds.core.DatasetInfo(builder=self, features=tfds.features.FeaturesDict({
            "image": tfds.features.Image(shape=self.image),
            "label": tfds.features.ClassLabel(names=self.names)}))

    def _split_generators(self, _):
        return {"train": self._generate_examples(self.train * 12),
                "test": self._generate_examples(self.test * 8)}

    def _generate_examples(self, labels):
        for index, label in enumerate(labels[:12]):
            yield index, {"label": label, "image": np.full(self.image, 20 * index, np.uint8)}


@pytest.fixture
def train(tmp_path, monkeypatch, launch):
    """Trains an experiment for two steps on such a set; returns code, stdout, stderr, metrics."""
    def call(experiment, *flags, **changed):
        for name, value in changed.items():
            monkeypatch.setattr(TinyEdge, name, value)
        TinyEdge(data_dir=str(tmp_path)).download_and_prepare()
        code, out, err = launch(f"--experiment={experiment}", "--dataset=tiny_edge", "--run=a",
                                f"--data_dir={tmp_path}", f"--logdir={tmp_path / 'runs'}",
                                "--steps=2", "--batch_size=2", *flags)
        metrics = tmp_path / "runs" / experiment / "a" / "metrics.json"
        return code, out, err, json.loads(metrics.read_text()) if metrics.exists() else None
    return call


def test_a_class_of_the_test_split_alone_strange_names_and_tiny_pictures(train):
    code, out, err, metrics = train("dense", train=[0, 2], test=[0, 1, 3])
    assert code == 0, err
    assert "training has no example of classes 'é\\x00日', " in out
    assert metrics["errors"] == {}
    found = metrics["baselines"]["logistic_regression"]
    for scores in (metrics["metrics"], found):
        assert scores.keys() == {"test_accuracy", "test_loss"}
    # Of labels 0, 1, 3, … more than half were never seen.
    assert found["test_loss"] > 0.5 * -np.log(1e-12)


def test_odd_sides_and_four_channels_are_drawn_scored_and_exported(train, tmp_path, launch):
    code, _, err, metrics = train("gan", "--eval_every=1", image=(9, 13, 4))
    assert code == 0, err
    assert metrics["metrics"]["test_frechet_distance"] >= 0
    out = tmp_path / "grid.png"
    code, _, err = launch("--mode=sample", "--run=gan/a", f"--logdir={tmp_path / 'runs'}",
                          "--count=4", f"--out={out}")
    assert code == 0, err
    with PIL.Image.open(out) as picture:
        assert (picture.mode, picture.size) == ("RGBA", (2 * 13 + 1, 2 * 9 + 1))


@pytest.mark.parametrize(("experiment", "changed", "says"), [
    ("dense", {"train": [1], "test": [0, 1]}, "all 11 training examples are of class 'é"),
    ("gan", {}, "images of 2x3 pixels.*at least 8; the nearest is 8x8"),
])
def test_what_cannot_be_learnt_is_refused_in_one_message(
        train, experiment, changed, says, tmp_path):
    code, _, err, metrics = train(experiment, **changed)
    assert code == 1
    assert re.search(says, err)
    assert "Traceback" not in err
    assert metrics is None
    assert not (tmp_path / "runs").exists()


class Texts:
    """A split of texts."""

    resident = True

    def __init__(self, *texts):
        self._texts = np.array(texts, object)

    def arrays(self):
        """As of `Split`."""
        return {"text": self._texts}

    def texts(self):
        """As of `Split`."""
        return iter(self._texts)


class Streamed(Texts):
    """A split of texts of which memory holds half."""

    resident, memory_limit = False, 8

    def __init__(self, *texts):
        super().__init__(*texts)
        self.size = len(texts)

    def nbytes(self):
        """As of `Split`."""
        return 16

    def head(self, count):
        """As of `Split`."""
        return {"text": self._texts[:count]}

    def arrays(self):
        """As of `Split`, too much."""
        raise MemoryError


def test_texts_without_words_are_refused():
    with pytest.raises(InputError, match="the 2 training texts have no words"):
        word_tokens([b"", b" \n "], 10, 4)
    assert word_tokens([b"\xff \xffab", b"ab"], 10, 4).get_vocabulary() == ["", "[UNK]", "ab"]
    for kind in ("source", "target"):
        blank = {"source": [b"a"], "target": [b"b"]} | {kind: [b"", b" \t"]}
        with pytest.raises(InputError, match=f"{kind} texts of training are all empty"):
            Sequences(texts_of(**blank), 300, 4)


def test_held_out_texts_without_a_known_word_are_refused():
    """Where only the known words of a text are scored; elsewhere blank texts have scores."""
    data = types.SimpleNamespace(name="some", splits={
        "train": Texts(b"a b"), "validation": Streamed(b"", b"a b", b"", b""),
        "test": Texts(b"c", b"")})
    with pytest.raises(InputError, match="the test texts of some have no word"):
        masked_words(None, word_tokens([b"a b"], 10, 4), data,
                     counts=None, choose=None, attention=None)
    words = Words([b"a b"])
    skip_grams = SkipGrams(np.array([0, 0, 1, 1]), 2, 0, 1, 1)
    with pytest.raises(InputError, match="no two words of the vocabulary near each other"):
        word_vectors(word2vec(words.size, 2, FRAME, skip_grams.candidates), skip_grams, words,
                     data, length=4, shown=[])
