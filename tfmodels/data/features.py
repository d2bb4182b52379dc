"""The kinds of features that experiments read: one row each, for reading, holding and comparing."""

import dataclasses
import math

import numpy as np
import tensorflow_datasets as tfds


@dataclasses.dataclass(frozen=True)
class Kind:
    """How features of one kind are found in a data set, held in memory and compared.

    Attributes:
        feature: their TFDS class.
        dtype: of their tensors, by TensorFlow's name.
        ragged: whether examples differ in size. An array of them holds objects: bytes of a string,
            else an array for each.
    """

    feature: type
    dtype: str
    ragged: bool = False

    def empty(self, count, shape):
        """Returns an array for `count` examples of a shape."""
        return np.empty(count, object) if self.ragged else np.empty((count, *shape), self.dtype)

    def nbytes(self, count, shape):
        """Returns the bytes of such an array; of ragged examples those of their pointers alone."""
        return count * (8 if self.ragged else math.prod(shape) * np.dtype(self.dtype).itemsize)

    def convert(self, value):
        """Returns a feature that TFDS read with NumPy as the kind's own."""
        return np.asarray(value, None if self.dtype == "string" else self.dtype)

    def digest(self, digest, values):
        """Adds an array of examples to a hash."""
        if not self.ragged:
            digest.update(np.ascontiguousarray(values).data)
            return
        for value in values:  # a length before each keeps ("ab", "c") from ("a", "bc")
            raw = value if isinstance(value, bytes) else np.ascontiguousarray(value).tobytes()
            digest.update(len(raw).to_bytes(8, "little") + raw)


KINDS = {
    "image": Kind(tfds.features.Image, "uint8"),
    "label": Kind(tfds.features.ClassLabel, "int32"),
    "text": Kind(tfds.features.Text, "string", ragged=True),
    "source": Kind(tfds.features.Text, "string", ragged=True),
    "target": Kind(tfds.features.Text, "string", ragged=True),
}
