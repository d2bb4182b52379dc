"""Windows of running text: what language models are trained on."""

import numpy as np
import tensorflow as tf

from tfmodels.data.batches import SHUFFLE_BYTES, StreamedBatches, WindowBatches
from tfmodels.data.split import RESIDENT_LIMIT
from tfmodels.errors import InputError

_CHUNK = 1024  # texts encoded at a time


def window_batches(split, tokens, length, batch_size, seed, memory_limit=RESIDENT_LIMIT):
    """Returns training batches of windows of a split's texts, each followed by a line feed.

    In memory a window starts at any token. A split that is too large for that is streamed: its
    text is cut every `length` tokens, and the windows are shuffled within a buffer.

    Args:
      split: a `tfmodels.data.split.Split` with text.
      tokens: `encode` (string [B] -> int32 ragged [B, None]) and `size`, the number of ids.
      length: tokens in a window.
      batch_size: B.
      seed: int in [-2**63, 2**63).
      memory_limit: bytes for the texts and their tokens together.

    Returns:
      A callable: step, an int64 scalar -> {"tokens": unsigned [B, length]}, with `state`, the
      trackables to save in a checkpoint.

    Raises:
      InputError: the texts have no B windows.
      DataError: a file is damaged. While streaming, call it inside `split.faults()` for that.
    """
    kind = smallest_integer(tokens.size)
    joined = joiner(tokens)

    def encode(texts):
        return tf.cast(joined(texts), kind)

    if split.nbytes() * (1 + kind.size) <= memory_limit:
        texts = split.arrays()["text"]
        stream = np.concatenate([encode(tf.constant(texts[first:first + _CHUNK])).numpy()
                                 for first in range(0, len(texts), _CHUNK)])
        if len(stream) < length:
            raise _too_short(length)
        return WindowBatches(stream, length, batch_size, seed)
    windows = split.stream().batch(_CHUNK).map(lambda batch: encode(batch["text"])).rebatch(
        length, drop_remainder=True).map(lambda window: {"tokens": window})
    with split.faults():
        if next(iter(windows), None) is None:
            raise _too_short(length)
    buffer = int(min(10_000, max(2 * batch_size, SHUFFLE_BYTES / (length * kind.size))))
    return StreamedBatches(windows, batch_size, seed, buffer)


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


def _too_short(length):
    return InputError(f"the training texts together have fewer than {length} tokens, which a "
                      "window takes: expected a larger data set or a smaller --context")
