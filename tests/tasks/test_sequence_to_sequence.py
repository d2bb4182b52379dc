"""Of how many examples a task of pairs scores the answers."""

import types

import numpy as np
import pytest
import tensorflow as tf

from tfmodels.evaluation import text_scores
from tfmodels.tasks import sequence_to_sequence
from tfmodels.tokens.sequences import Sequences


class _Pairs:
    """A split of numbered pairs."""

    def __init__(self, size):
        self.size = size
        self._arrays = {kind: np.array([b"%s %d" % (kind.encode(), number)
                                        for number in range(size)], object)
                        for kind in ("source", "target")}

    def texts(self, kind):
        return iter(self._arrays[kind])

    def head(self, count):
        return {kind: texts[:count] for kind, texts in self._arrays.items()}

    def nbytes(self):
        return 10 * self.size


@pytest.fixture
def scored(monkeypatch):
    """(task, signatures, sources that were given to be answered) with few to be scored."""
    for module, name, count in ((sequence_to_sequence, "_VALIDATED", 3),
                                (sequence_to_sequence, "_SCORED", 5),
                                (sequence_to_sequence, "_TRAINED", 2), (text_scores, "KNOWN", 7)):
        monkeypatch.setattr(module, name, count)
    data = types.SimpleNamespace(splits={
        name: _Pairs(size) for name, size in (("train", 20), ("validation", 9), ("test", 11))})
    tokens = Sequences(data.splits["train"], 270, 9)
    task = sequence_to_sequence.sequence_to_sequence(None, None, None, tokens, data)
    asked = {"generate": [], "score": []}

    def generate(prompt, **_):
        asked["generate"] += prompt.numpy().tolist()
        return {"texts": prompt}

    def score(source, target):
        asked["score"] += target.numpy().tolist()
        ones = tf.ones(len(source))
        return {"loss": 2 * ones, "tokens": ones, "correct": ones}
    return task, {"generate": generate, "score": score}, asked


def test_of_many_examples_the_first_are_answered(scored):
    task, signatures, asked = scored
    found = task.evaluate(signatures, task.data.splits["validation"])
    assert found["loss"] == 2
    assert asked == {"generate": [b"source 0", b"source 1", b"source 2"],
                     "score": [b"target 0", b"target 1", b"target 2"]}
    asked["generate"].clear()
    found = task.final(signatures, task.data.splits["test"])
    assert len(asked["generate"]) == 5 + 2
    assert "scored on the first 5 of 11 test examples" in found["notes"][-1]
    few = task.final(signatures, _Pairs(5))
    assert not [note for note in few["notes"] if "scored" in note]


def test_the_nearest_source_is_one_of_the_first(scored):
    task, *_ = scored
    found = task.baselines(task.data.splits["test"])["nearest_training_source"]()
    assert found["fitted_on"] == "7 of 20 training examples"
    assert found["exact_match"] == 1  # those of the first 5 test sources are among them
