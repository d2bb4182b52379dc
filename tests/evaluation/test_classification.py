"""Scores and pictures of classifiers against independent references."""

import tracemalloc
import types

import numpy as np
import pytest
import sklearn.linear_model
import sklearn.metrics

from tfmodels.errors import InputError
from tfmodels.evaluation import classification, held_out, pictures


def test_classification_scores_agree_with_scikit_learn():
    random = np.random.default_rng(0)
    probabilities = random.dirichlet(np.ones(4), 50)
    labels = random.integers(0, 4, 50)
    found = classification.scores(classification.answers(probabilities, labels), labels,
                                  np.ones(4, bool))
    assert found["accuracy"] == sklearn.metrics.accuracy_score(labels, probabilities.argmax(1))
    assert found["loss"] == pytest.approx(
        sklearn.metrics.log_loss(labels, probabilities, labels=range(4)))


def test_a_class_that_training_does_not_have_counts_as_wrong():
    """By hand: labels 2 and 1 were never seen; 1 is answered right by chance."""
    probabilities = np.array([[0.5, 0.2, 0.3, 0.0], [0.1, 0.6, 0.3, 0.0], [0.7, 0.1, 0.0, 0.2]])
    labels = np.array([0, 1, 2])
    found = classification.scores(classification.answers(probabilities, labels), labels,
                                  np.array([True, False, False, True]))
    assert found["accuracy"] == 1 / 3
    assert found["loss"] == pytest.approx(-np.log([0.5, 1e-12, 1e-12]).sum() / 3)


def test_confusion_agrees_with_scikit_learn():
    random = np.random.default_rng(0)
    labels, predicted = random.integers(0, 5, 60), random.integers(0, 6, 60)
    expected = sklearn.metrics.confusion_matrix(labels, predicted, labels=range(7),
                                                normalize="true")
    np.testing.assert_allclose(classification.confusion(predicted, labels, np.arange(7)), expected)
    some = np.array([1, 4, 6])
    np.testing.assert_allclose(classification.confusion(predicted, labels, some),
                               expected[some][:, some])


def test_of_many_classes_the_most_confused_are_drawn():
    labels = np.array([9, 9, 9, 4, 5, 5])
    predicted = np.array([7, 7, 9, 4, 5, 0])
    assert classification.most_confused(predicted, labels, 12, 2).tolist() == [7, 9]
    assert classification.most_confused(labels, labels, 12, 2).tolist() == [0, 1]
    names = [f"{number} " + "x" * 500 + "\n日本" for number in range(300)]
    picture = classification.confusion_picture(labels, predicted, names)
    assert max(picture.shape[:2]) < 2000
    classification.confusion_picture(np.arange(3), np.arange(3), ["", "é 日", "a"])
    for side in (2, 500):
        images = np.zeros((9, side, side, 4), np.uint8)
        assert max(pictures.captioned(images, names[:9]).shape) < 3000


def _labelled(**splits):
    """A data set of classes a, b and c."""
    return types.SimpleNamespace(name="some", class_names=("a", "b", "c"), splits={
        name: types.SimpleNamespace(labels=lambda labels=labels: np.array(labels, np.int32))
        for name, labels in splits.items()})


def test_classes_that_cannot_be_learnt_are_told_of(capsys):
    def check(test):
        learnt, notes = classification.check_classes(
            _labelled(train=[0, 2, 2], validation=[0], test=test))
        assert learnt.tolist() == [True, False, True]
        return notes
    assert check([2, 0, 0]) == {}
    assert capsys.readouterr().out == ""
    said = ("training has no example of class 'b': 2 of the 3 test examples count as wrong, "
            "whatever is answered")
    assert check([1, 0, 1]) == {"test": said}
    assert capsys.readouterr().out == said + "\n"


def test_one_class_is_refused():
    with pytest.raises(InputError, match="'some': all 3 training examples are of class 'b'.*"
                                         "expected at least two classes.*mnist_10k"):
        classification.check_classes(_labelled(train=[1, 1, 1], validation=[1], test=[1]))
    with pytest.raises(InputError, match="all 1 training examples are of class 'b'.* expected more "
                                         "examples, since the 2 of other classes are held out"):
        classification.check_classes(_labelled(train=[1], validation=[0], test=[2]))


def test_of_a_split_too_large_for_memory_the_first_examples_are_scored():
    class Split(types.SimpleNamespace):
        __hash__ = object.__hash__
    for limit, counted, count in ((512, 512, 50), (3, 256, 25)):  # at least 256 MiB in any case
        split = Split(resident=False, size=100, memory_limit=limit << 20, nbytes=lambda: 1 << 30,
                      head=lambda count: {"text": [0] * count})
        assert held_out.examples(split) == {"text": [0] * count}
        assert held_out.notes(split) == [f"scored on the first {count} of 100 test examples, as "
                                         f"many as the memory limit of {counted} MiB holds"]
    small = Split(resident=True, size=2, arrays=lambda: {"text": [1, 2]})
    assert held_out.examples(small) == {"text": [1, 2]}
    assert held_out.notes(small) == []


def test_worst_mistakes_are_the_most_confident_wrong_answers():
    probabilities = np.array([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4], [0.3, 0.7]])
    labels = np.array([1, 1, 1, 0])
    found = classification.answers(probabilities, labels)
    assert classification.worst_mistakes(found, labels, 2).tolist() == [0, 3]
    assert classification.mistake_captions(found, labels, ["a", "b"], [0]) == ["b > a 90%"]


def test_the_probabilities_of_all_classes_are_never_held_together():
    labels = np.random.default_rng(0).integers(0, 1000, 4000)

    def probabilities_of(some):
        return np.random.default_rng(some[0]).dirichlet(np.ones(1000), len(some)).astype(np.float32)
    tracemalloc.start()
    found = classification.predict(probabilities_of, np.arange(4000), labels, size=100)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4000 * 1000 * 4 / 4
    whole = np.concatenate([probabilities_of([first] * 100) for first in range(0, 4000, 100)])
    for kept, expected in zip(found, (whole.argmax(1), whole.max(1), whole[range(4000), labels]),
                              strict=True):
        np.testing.assert_array_equal(kept, expected)


def test_answers_of_a_validation_serve_its_pictures_once():
    class Split(types.SimpleNamespace):
        __hash__ = object.__hash__
    asked = []

    def serve(inputs):
        asked.append(inputs.numpy().tolist())
        return {"probabilities": np.eye(3)[inputs.numpy()]}
    validation, test = (Split(resident=True, size=2, arrays=lambda labels=labels: {
        "image": labels, "label": labels}) for labels in (np.array([0, 2]), np.array([1, 1])))
    live, export = ({"serving_default": serve} for _ in range(2))
    answering = classification.Answering("image")
    first = answering.to(live, validation)
    assert answering.just_given(live, validation) is first
    assert asked == [[0, 2]]
    assert answering.just_given(live, validation).predicted.tolist() == [0, 2]
    assert len(asked) == 2  # a second time weights may have changed
    for before in ((live, test), (export, validation)):
        answering.to(*before)
        count = len(asked)
        assert answering.just_given(live, validation).predicted.tolist() == [0, 2]
        assert len(asked) == count + 1
