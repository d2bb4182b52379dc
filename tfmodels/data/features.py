"""The kinds of features that experiments read: one row each, for reading, holding and comparing."""

import dataclasses
import math

import numpy as np
import tensorflow as tf
import tensorflow_datasets as tfds


@dataclasses.dataclass(frozen=True)
class Kind:
    """How features of one kind are found in a data set, held in memory and compared.

    Attributes:
        feature: their TFDS class.
        dtype: of their tensors, by TensorFlow's name.
        ragged: whether examples differ in size. An array of them holds objects: bytes of a string,
            else an array for each.
        named: whether a feature is of this kind by its name, which is the kind's, alone.
    """

    feature: type
    dtype: str
    ragged: bool = False
    named: bool = False

    def empty(self, count, shape):
        """Returns an array for `count` examples of a shape."""
        if self.dtype == "string":
            return np.empty((count, *shape), object)
        return np.empty(count, object) if self.ragged else np.empty((count, *shape), self.dtype)

    def nbytes(self, count, shape):
        """Returns the bytes of such an array; of ragged examples those of their pointers alone."""
        if self.dtype == "string":
            return count * math.prod(shape) * 8
        return count * (8 if self.ragged else math.prod(shape) * np.dtype(self.dtype).itemsize)

    def spec(self, shape):
        """Returns what a tensor of an example of a shape is, to TensorFlow."""
        if None in shape:
            return tf.RaggedTensorSpec(shape, self.dtype, ragged_rank=0)
        return tf.TensorSpec(shape, self.dtype)

    def convert(self, value):
        """Returns a feature that TFDS read with NumPy as the kind's own."""
        return np.asarray(value, None if self.dtype == "string" else self.dtype)

    def digest(self, digest, values):
        """Adds an array of examples to a hash."""
        if not self.ragged:
            digest.update(np.ascontiguousarray(values).data)
            return
        for value in values.ravel():  # a length before each keeps ("ab", "c") from ("a", "bc")
            raw = value if isinstance(value, bytes) else np.ascontiguousarray(value).tobytes()
            digest.update(len(raw).to_bytes(8, "little") + raw)


KINDS = {
    "image": Kind(tfds.features.Image, "uint8"),
    "label": Kind(tfds.features.ClassLabel, "int32"),
    "text": Kind(tfds.features.Text, "string", ragged=True),
    "source": Kind(tfds.features.Text, "string", ragged=True),
    "target": Kind(tfds.features.Text, "string", ragged=True),
    "numbers": Kind(tfds.features.Tensor, "float32", named=True),  # [n], NaN where one is missing
    "categories": Kind(tfds.features.Tensor, "string", ragged=True, named=True),  # [m], "" missing
    "value": Kind(tfds.features.Tensor, "float32", named=True),
}
TABLE = ("numbers", "categories", "value", "label")  # what a row of a table may have


@dataclasses.dataclass(frozen=True)
class Columns:
    """The names of a table's columns, in the order of an example's numbers and categories."""

    numbers: tuple
    categories: tuple
    target: str

    @classmethod
    def of(cls, info):
        """Returns those that a TFDS data set states in its metadata, None if it is no table."""
        features = info.features if hasattr(info.features, "items") else {}
        stated = info.metadata if {"numbers", "categories"} & set(features) else {}
        if not stated or "target" not in stated:
            return None
        return cls(tuple(stated["numbers"]), tuple(stated["categories"]), stated["target"])

    @classmethod
    def of_plan(cls, plan):
        """Returns those of {kind: names of columns}, None if it has neither sort."""
        if not {"numbers", "categories"} & set(plan):
            return None
        return cls(plan.get("numbers", ()), plan.get("categories", ()),
                   plan.get("value") or plan["label"])

    def features(self):
        """Returns the TFDS features of the columns that are no label."""
        made = {"numbers": tfds.features.Tensor(shape=(len(self.numbers),), dtype=np.float32),
                "categories": tfds.features.Tensor(shape=(len(self.categories),), dtype=np.str_)}
        return {kind: feature for kind, feature in made.items() if getattr(self, kind)}

    def metadata(self):
        """Returns what `of` reads."""
        return tfds.core.MetadataDict(numbers=list(self.numbers), categories=list(self.categories),
                                      target=self.target)


def batched(dataset, size, drop_remainder=False):
    """Returns a `tf.data.Dataset` in batches; components that differ in size become ragged."""
    shapes = [spec.shape for spec in tf.nest.flatten(dataset.element_spec)]
    if all(shape.is_fully_defined() for shape in shapes):
        return dataset.batch(size, drop_remainder)
    return dataset.ragged_batch(size, drop_remainder)


def rows_of(batch):
    """Returns a batch as an array of its examples, ragged ones as an object array of arrays."""
    if not isinstance(batch, tf.RaggedTensor):
        return batch.numpy()
    rows = np.empty(batch.shape[0], object)
    for number, row in enumerate(batch):
        rows[number] = row.numpy()
    return rows


def tensor_of(rows):
    """Returns an array of examples as a tensor, an object array of arrays as a ragged one."""
    if rows.dtype != object or not len(rows) or rows.ndim > 1 or isinstance(rows[0], (bytes, str)):
        return tf.constant(rows)
    return tf.RaggedTensor.from_row_lengths(np.concatenate(rows), [len(row) for row in rows])
