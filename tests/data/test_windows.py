"""Windows of running text against slices of a Python string."""

import contextlib

import numpy as np
import pytest
import tensorflow as tf

from tfmodels.data.sources import Windows, smallest_integer
from tfmodels.errors import InputError
from tfmodels.tokens.characters import CharacterTokens

TEXTS = ["In the beginning", "", "été", "And the earth"]
RUNNING = "".join(text + "\n" for text in TEXTS)


class FakeSplit:
    """A split of a few texts."""

    def __init__(self, texts, memory_limit):
        self.memory_limit = memory_limit
        self._texts = [text.encode() for text in texts]

    def nbytes(self):
        return sum(map(len, self._texts))

    def arrays(self):
        return {"text": np.array(self._texts, object)}

    def batched(self, size):
        return tf.data.Dataset.from_tensor_slices({"text": self._texts}).batch(size)

    def faults(self):
        return contextlib.nullcontext()


def _tokens(texts):
    return CharacterTokens([*(text.encode() for text in texts), b"\n"])


def _windows(texts, length, batch_size, steps, memory_limit=10_000):
    tokens = _tokens(texts)
    batches = Windows(FakeSplit(texts, memory_limit), tokens, length).batches(batch_size, 3)
    found = [batches(tf.constant(step, tf.int64))["tokens"] for step in range(steps)]
    return [text.decode() for batch in found
            for text in tokens.decode(tf.cast(batch, tf.int32)).numpy()]


@pytest.mark.parametrize("texts", [TEXTS, [RUNNING[:-1]]])
def test_an_epoch_has_each_window_of_the_running_text_once(texts):
    starts = len(RUNNING) - 7 + 1
    found = _windows(texts, 7, starts, 2)
    expected = sorted(RUNNING[start:start + 7] for start in range(starts))
    for epoch in (found[:starts], found[starts:]):
        assert sorted(epoch) == expected
    assert found[:starts] != found[starts:]


def test_a_streamed_epoch_has_the_text_cut_in_windows():
    count = len(RUNNING) // 7
    found = _windows(TEXTS, 7, count, 2, memory_limit=0)
    expected = sorted(RUNNING[start:start + 7] for start in range(0, 7 * count, 7))
    assert sorted(found[:count]) == sorted(found[count:]) == expected


def test_a_streamed_text_goes_on_where_it_was_saved(tmp_path):
    tokens = _tokens(TEXTS)
    first, second = (Windows(FakeSplit(TEXTS, 0), tokens, 5).batches(2, 3)
                     for _ in range(2))
    for step in range(4):
        first(step)
    path = tf.train.Checkpoint(**first.state).write(str(tmp_path / "saved"))
    tf.train.Checkpoint(**second.state).read(path).assert_consumed()
    for step in range(4, 9):
        np.testing.assert_array_equal(first(step)["tokens"], second(step)["tokens"])


@pytest.mark.parametrize("memory_limit", [0, 10_000])
def test_too_little_text_is_refused(memory_limit):
    with pytest.raises(InputError, match="fewer than 99 tokens"):
        _windows(TEXTS, 99, 1, 1, memory_limit=memory_limit)


def test_more_windows_in_a_batch_than_there_are_is_refused():
    with pytest.raises(InputError, match="batch size 5"):
        _windows(TEXTS, len(RUNNING) - 3, 5, 1)


@pytest.mark.parametrize(("size", "kind"), [
    (256, tf.uint8), (257, tf.uint16), (65_536, tf.uint16), (65_537, tf.int32)])
def test_tokens_take_as_little_room_as_they_can(size, kind):
    assert smallest_integer(size) == kind
