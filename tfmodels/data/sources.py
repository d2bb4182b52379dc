"""What a task is trained on: a split's examples, windows of its running text, or pieces of texts.

A source knows how examples become a model's inputs. Batches of it are a pure function of
(seed, step) where the split fits in memory (`Split.memory_limit`), else they are streamed.
"""

import collections.abc
import dataclasses

import numpy as np
import tensorflow as tf

from tfmodels.data.batches import (
    BucketedBatches,
    ResidentBatches,
    StreamedBatches,
    WindowBatches,
    check_batch_size,
)
from tfmodels.data.features import tensor_of
from tfmodels.data.parts import parts
from tfmodels.data.split import Split
from tfmodels.errors import InputError

SHUFFLE_BYTES = 256 << 20  # memory, and size in a checkpoint, of the buffer of a streamed split

_CHUNK = 1024  # examples or texts encoded at a time


@dataclasses.dataclass(frozen=True)
class Examples:
    """The examples of a split, each of them one of a batch.

    Attributes:
        split: a `Split`.
        encode: pure function from a batch {key: [B, ...]} of raw tensors, ragged where examples
            differ in size, to a batch of compact ones of one size, such as strings to int32 tokens.
            Applied once to a resident split.
        length: encoded examples {key: array [N, ...]} -> integers [N], by which the examples of a
            batch are made similar where the split is resident; None leaves that to chance.
    """

    split: Split
    encode: collections.abc.Callable | None = None
    length: collections.abc.Callable | None = None

    def batches(self, batch_size, seed):
        """Returns the training batches.

        Args:
            batch_size: B, from 1 to the size of the split.
            seed: int in [-2**63, 2**63).

        Returns:
            A callable: step, an int64 scalar -> {key: tensor [B, ...]}, with `state`, the
            trackables to save in a checkpoint.

        Raises:
            InputError: the split has fewer than B examples.
            DataError: a file is damaged. While streaming, call it inside `split.faults()`.
        """
        split = self.split
        check_batch_size(batch_size, split.size)
        needed = split.nbytes()
        if self.encode is not None:
            with split.faults():
                first = self.encode(next(iter(split.batched(1))))
            needed += split.size * sum(np.asarray(v).nbytes for v in first.values())
        if needed > split.memory_limit:
            return StreamedBatches(split.records(), batch_size, seed,
                                   _buffer(batch_size, split.record_bytes()), self._decoded)
        arrays = split.arrays() if self.encode is None else in_chunks(self.encode, split.arrays())
        if self.length is not None:
            return BucketedBatches(arrays, self.length(arrays), batch_size, seed)
        return ResidentBatches(arrays, batch_size, seed)

    def _decoded(self, records):
        batch = self.split.decode(records)
        return batch if self.encode is None else self.encode(batch)


@dataclasses.dataclass(frozen=True)
class Windows:
    """Windows of a split's texts as one running text, each text followed by a line feed.

    In memory a window starts at any token. A split that is too large for that is streamed: its
    text is cut every `length` tokens, and the windows are shuffled within a buffer.

    Attributes:
        split: a `Split` with text.
        tokens: `encode` (string [B] -> int32 ragged [B, None]) and `size`, the number of ids.
        length: tokens in a window.
    """

    split: Split
    tokens: object
    length: int

    def batches(self, batch_size, seed):
        """Returns batches {"tokens": unsigned [B, length]}, see `Examples.batches`.

        Raises:
            InputError: the texts have no B windows.
            DataError: see `Examples.batches`.
        """
        split, length = self.split, self.length
        kind = smallest_integer(self.tokens.size)
        joined = joiner(self.tokens)

        def encode(batch):
            return {"tokens": tf.cast(joined(batch["text"]), kind)}

        if split.nbytes() * (1 + kind.size) <= split.memory_limit:
            running = in_chunks(encode, {"text": split.arrays()["text"]})["tokens"]
            if len(running) < length:
                raise _too_short(length)
            return WindowBatches(running, length, batch_size, seed)
        windows = split.batched(_CHUNK).map(lambda batch: encode(batch)["tokens"]).rebatch(
            length, drop_remainder=True).map(lambda window: {"tokens": window})
        with split.faults():
            if next(iter(windows), None) is None:
                raise _too_short(length)
        return StreamedBatches(windows, batch_size, seed, _buffer(batch_size, length * kind.size))


@dataclasses.dataclass(frozen=True)
class Pieces:
    """Pieces of a split's texts, of which a text has none, one or several.

    Attributes:
        split: a `Split` with text.
        cut: texts, string [B] -> int32 [N, T], 0 for padding behind a piece; pure, and the same
            however texts are grouped.
    """

    split: Split
    cut: collections.abc.Callable

    def batches(self, batch_size, seed):
        """Returns batches {"tokens": int32 [B, at most T]}, see `Examples.batches`.

        Raises:
            InputError: there are fewer than B pieces.
            DataError: see `Examples.batches`.
        """
        def encode(batch):
            return {"tokens": self.cut(batch["text"])}

        split = self.split
        if 2 * split.nbytes() <= split.memory_limit:  # a word takes about as much as its id
            pieces = in_chunks(encode, {"text": split.arrays()["text"]})["tokens"]
            return ResidentBatches({"tokens": trimmed(pieces)}, batch_size, seed)
        pieces = split.batched(_CHUNK).map(encode).unbatch()
        example = split.nbytes() / split.size
        return StreamedBatches(pieces, batch_size, seed, _buffer(batch_size, example))


def in_chunks(encode, arrays):
    """Returns {key: array [M, ...]}: arrays {key: [N, ...]} through `encode`, some at a time."""
    encoded = [encode(dict(zip(arrays, map(tensor_of, some), strict=True)))
               for _, *some in parts(_CHUNK, *arrays.values())]
    return {key: np.concatenate([np.asarray(part[key]) for part in encoded]) for key in encoded[0]}


def trimmed(rows):
    """Returns rows [N, T] of ids without the columns at the end that are 0 in all of them."""
    return rows[:, :max(1, int((rows != 0).sum(1).max(initial=0)))]


def joiner(tokens):
    """Returns the function that puts texts in one line each: string [B] -> int32 tokens [N]."""
    newline = line_feed(tokens)

    def join(texts):
        ends = tf.fill([tf.size(texts), 1], newline)
        return tf.concat([tokens.encode(texts), ends], 1).flat_values
    return join


def line_feed(tokens):
    """Returns the id of the line feed that ends each text."""
    return int(tokens.encode(tf.constant(["\n"])).flat_values[0])


def smallest_integer(size):
    """Returns the smallest type that holds 0 to size - 1."""
    return tf.uint8 if size <= 2**8 else tf.uint16 if size <= 2**16 else tf.int32


def _buffer(batch_size, example):
    """Returns how many streamed examples, of so many bytes each, are shuffled at a time."""
    return int(min(10_000, max(2 * batch_size, SHUFFLE_BYTES / example)))


def _too_short(length):
    return InputError(f"the training texts together have fewer than {length} tokens, which a "
                      "window takes: expected a larger data set or a smaller context")
