"""Some examples of a split, with the labels of some classes numbered afresh."""

import dataclasses

import numpy as np
import tensorflow as tf

from tfmodels.data.split import Split
from tfmodels.errors import InputError


class Subset(Split):
    """Examples of a labelled split, in its order.

    Args:
        whole: the `Split`.
        indices: int [n], rising; which of its examples.
        numbers: [C], rising; labels that become 0 … C - 1. All selected labels are among them.
    """

    def __init__(self, whole, indices, numbers):
        super().__init__(whole._builder, whole._source, whole._start, whole._stop, whole._features,
                         whole.memory_limit)
        self._whole, self._indices, self._numbers = whole, indices, numbers
        self.size = len(indices)

    def arrays(self):
        """As of `Split`."""
        if self._arrays is None and self._whole.resident:
            arrays = {key: value[self._indices] for key, value in self._whole.arrays().items()}
            arrays["label"] = self.labels()
            self._arrays = arrays
        return super().arrays()

    def head(self, count):
        """As of `Split`."""
        return {key: value[:count] for key, value in self.arrays().items()}

    def labels(self):
        """As of `Split`."""
        return np.searchsorted(self._numbers, self._whole.labels()[self._indices]).astype(np.int32)

    def records(self):
        """As of `Split`; it reads the others too."""
        selected = np.zeros(self._whole.size, bool)
        selected[self._indices] = True
        selected = tf.constant(selected)
        return super().records().enumerate().filter(lambda index, _: selected[index]).map(
            lambda _, record: record).apply(tf.data.experimental.assert_cardinality(self.size))

    def decode(self, records):
        """As of `Split`."""
        batch = super().decode(records)
        numbers = tf.constant(self._numbers, tf.int32)
        return batch | {"label": tf.searchsorted(numbers, batch["label"])}


def select(dataset, selection):
    """Returns a `Dataset` with the examples of a `Selection` alone.

    Its `unlabelled` is what it was, the whole training split.

    Raises:
        InputError: a class is unknown, or there are fewer examples than asked for.
    """
    numbers = selection.numbers(dataset.class_names)
    splits = {}
    for name, split in dataset.splits.items():
        indices = _indices(selection, split.labels(), dataset.class_names, name == "train")
        if not len(indices):
            raise InputError(f"the {name} split of {dataset.name} has no example of "
                             f"{', '.join(selection.classes)}")
        splits[name] = Subset(split, indices, numbers)
    return dataclasses.replace(dataset, splits=splits, class_names=tuple(
        dataset.class_names[number] for number in numbers))


def _indices(selection, labels, class_names, training):
    """Returns which examples of a split are selected, int [n], rising."""
    numbers = selection.numbers(class_names)
    order = np.random.default_rng(selection.seed).permutation(len(labels))
    order = order[np.isin(labels[order], numbers)]
    in_all, of_each = selection.train_examples, selection.examples_per_class
    if not training or not (in_all or of_each):
        return np.sort(order)
    if in_all:
        if in_all > len(order):
            raise InputError(f"train_examples={in_all}: expected at most {len(order)}, the "
                             "training examples of the classes used")
        return np.sort(order[:in_all])
    of_class = {class_names[number]: order[labels[order] == number] for number in numbers}
    fewest = min(of_class, key=lambda name: len(of_class[name]))
    if of_each > len(of_class[fewest]):
        raise InputError(f"examples_per_class={of_each}: expected at most "
                         f"{len(of_class[fewest])}, the training examples of class {fewest}")
    return np.sort(np.concatenate([found[:of_each] for found in of_class.values()]))
