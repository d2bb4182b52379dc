"""Scores and pictures of classifiers, from what their `serving_default` signature answers."""

import typing

import numpy as np

from tfmodels.data import catalog
from tfmodels.data.features import tensor_of
from tfmodels.data.parts import parts
from tfmodels.errors import InputError
from tfmodels.evaluation import held_out, pictures

_BATCH = 500
_DRAWN = 40  # most classes of a confusion matrix that is drawn


class Answers(typing.NamedTuple):
    """What is kept of the probabilities of N answers, whatever the number of classes.

    Attributes:
        predicted: the likeliest class, int [N].
        confidence: its probability, float [N].
        true: the probability of the true class, float [N].
    """

    predicted: np.ndarray
    confidence: np.ndarray
    true: np.ndarray


def check_classes(data):
    """Checks that there is something to tell apart, and tells of classes that cannot be learnt.

    Args:
        data: a `Dataset` with label. A class that only a held-out split has is no fault: its
            examples count there as wrong, and a sentence about them is printed.

    Returns:
        Whether training has an example of each class, bool [classes]; and {split: the sentence}.

    Raises:
        InputError: all training examples are of one class.
    """
    names = data.class_names
    counts = {split: np.bincount(data.splits[split].labels(), minlength=len(names))
              for split in data.splits}
    known = np.flatnonzero(counts["train"])
    if len(known) < 2:
        others = sum(counts.values()).sum() - sum(counts.values())[known].sum()
        more = (f"more examples, since the {others:,} of other classes are held out" if others else
                f"at least two classes. Embedded data sets with labels: "
                f"{catalog.embedded_for(('label',))}")
        raise InputError(
            f"data set {data.name!r}: all {counts['train'].sum():,} training examples are of class "
            f"{names[known[0]]!r}, so there is nothing to tell apart: expected {more}")
    notes = {}
    for split in sorted(counts.keys() - {"train"}):
        unknown = np.flatnonzero((counts["train"] == 0) & (counts[split] > 0))
        if len(unknown):
            notes[split] = (
                f"training has no example of {_some([names[number] for number in unknown])}: "
                f"{counts[split][unknown].sum():,} of the {counts[split].sum():,} {split} examples "
                "count as wrong, whatever is answered")
            print(notes[split], flush=True)
    return counts["train"] > 0, notes


def answers(probabilities, labels):
    """Returns the `Answers` of probabilities, float [N, classes], to N inputs of labels int [N]."""
    return Answers(probabilities.argmax(1), probabilities.max(1),
                   probabilities[np.arange(len(labels)), labels])


def predict(probabilities_of, inputs, labels, size=_BATCH):
    """Returns the `Answers` to inputs, of which some are answered at a time.

    Args:
        probabilities_of: some inputs -> probabilities, float [B, classes].
        inputs: sequence of N.
        labels: int [N].
        size: how many at a time.
    """
    found = [answers(np.asarray(probabilities_of(some)), known)
             for _, some, known in parts(size, inputs, labels)]
    return Answers(*map(np.concatenate, zip(*found, strict=True)))


def served(signatures):
    """Returns the function of raw inputs -> probabilities of a live task or a loaded export.

    Args:
        signatures: `serving_default` takes `inputs`, uint8 [B, H, W, C] or strings [B].
    """
    serve = signatures["serving_default"]
    return lambda inputs: serve(inputs=tensor_of(inputs))["probabilities"]


class Answering:
    """What a classifier answers on splits; pictures of a validation need no second pass.

    Args:
        key: of the examples' inputs, `image` or `text`.
    """

    def __init__(self, key):
        self._key = key
        self._last = None

    def to(self, signatures, split):
        """Returns the `Answers` of a live task or a loaded export to what is scored of a split."""
        self._last = None
        arrays = held_out.examples(split)
        found = predict(served(signatures), arrays[self._key], arrays["label"])
        self._last = signatures, split, found
        return found

    def just_given(self, signatures, split):
        """Returns, once, the answers of the last call if it was of this split, else new ones."""
        last, self._last = self._last, None
        if last and last[0] is signatures and last[1] is split:
            return last[2]
        return self.to(signatures, split)


def scores(found, labels, learnt):
    """Returns accuracy and cross-entropy (`loss`, nats) of answers.

    A class that training has no example of is answered right by luck alone, so its examples count
    as wrong, and as if their class had been called impossible. A probability below 1e-12 counts as
    that.

    Args:
        found: `Answers`.
        labels: int [N], below the number of classes.
        learnt: whether training has an example of each class, bool [classes].
    """
    known = learnt[labels]
    true = np.where(known, found.true, 0)
    return {"accuracy": float(np.mean(known & (labels == found.predicted))),
            "loss": float(-np.log(np.maximum(true, 1e-12)).mean())}


def confusion(predicted, labels, drawn):
    """Returns how some classes are told, float [n, n]: fractions of each true class, row by row.

    A row adds up to less than 1 by what is taken for a class that is not drawn; it is 0 for a
    class without examples.

    Args:
        predicted, labels: int [N].
        drawn: int [n], rising; the classes.
    """
    pairs = np.stack([labels, predicted])[:, np.isin(labels, drawn)]
    rows, columns = np.searchsorted(drawn, pairs[:, np.isin(pairs[1], drawn)])
    matrix = np.zeros((len(drawn), len(drawn)))
    np.add.at(matrix, (rows, columns), 1)
    examples = np.bincount(np.searchsorted(drawn, pairs[0]), minlength=len(drawn))
    return matrix / np.maximum(examples, 1)[:, None]


def most_confused(predicted, labels, classes, count):
    """Returns the `count` of all classes with the most mistakes, as truth or as answer, rising."""
    wrong = predicted != labels
    mistakes = np.bincount(np.concatenate([labels[wrong], predicted[wrong]]), minlength=classes)
    return np.sort(np.argsort(-mistakes, kind="stable")[:count])


def confusion_picture(predicted, labels, class_names):
    """Returns the confusion matrix as a picture; of many classes only the most confused ones."""
    drawn = np.arange(len(class_names))
    title = "rows: true class, columns: answer, in %"
    if len(drawn) > _DRAWN:
        drawn = most_confused(predicted, labels, len(drawn), _DRAWN)
        title += f"; the {_DRAWN} of {len(class_names):,} classes with the most mistakes"
    names = [class_names[number] for number in drawn]
    return pictures.heat_map(confusion(predicted, labels, drawn), names, names, title, percent=True)


def worst_mistakes(found, labels, count=20):
    """Returns the indices of the wrong ones of `Answers` that were given with most confidence."""
    wrong = np.flatnonzero(found.predicted != labels)
    return wrong[np.argsort(-found.confidence[wrong], kind="stable")][:count]


def mistake_captions(found, labels, class_names, indices):
    """Returns `true > predicted 98%` for each index."""
    return [f"{class_names[labels[i]]} > {class_names[found.predicted[i]]} "
            f"{found.confidence[i]:.0%}" for i in indices]


def _some(names, count=5):
    """Returns `class 'a'` or `classes 'a', 'b'` and so on, not all of them if they are many."""
    shown = ", ".join(repr(name) for name in names[:count])
    more = f" and {len(names) - count:,} more" if len(names) > count else ""
    return f"class{'es' if len(names) > 1 else ''} {shown}{more}"
