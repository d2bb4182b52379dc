import numpy as np
import pytest
import tensorflow as tf

from tfmodels.data.batches import BucketedBatches, ResidentBatches, StreamedBatches
from tfmodels.data.load import load
from tfmodels.data.sources import Examples
from tfmodels.errors import InputError


def _numbers(batches, steps):
    compiled = tf.function(batches)
    return [compiled(tf.constant(k, tf.int64))["x"].numpy().tolist() for k in steps]


@pytest.mark.parametrize(("size", "batch_size"), [(10, 3), (7, 7), (64, 32), (1, 1), (1000, 96)])
def test_every_epoch_is_another_permutation(size, batch_size):
    batches = ResidentBatches({"x": np.arange(size)}, batch_size, seed=4)
    epochs = 5
    flat = sum(_numbers(batches, range(-(-epochs * size // batch_size))), [])
    rows = [flat[e * size : (e + 1) * size] for e in range(epochs)]
    assert all(sorted(row) == list(range(size)) for row in rows)
    if size >= 10:
        assert len({tuple(row) for row in rows}) == epochs


def test_epochs_do_not_repeat_and_the_shuffle_is_uniform():
    size, epochs = 100, 600
    batches = ResidentBatches({"x": np.arange(size)}, size, seed=0)
    rows = np.array(_numbers(batches, range(epochs)))
    assert len(np.unique(rows, axis=0)) == epochs
    counts = np.bincount(rows[:, 0] // 10, minlength=10)
    assert ((counts - 60) ** 2 / 60).sum() < 33.7  # chi-square, 9 degrees of freedom, p = 1e-4
    between = [np.corrcoef(a, b)[0, 1] for a, b in zip(rows, rows[1:], strict=False)]
    assert abs(np.mean(between)) < 0.02
    assert np.std(between) == pytest.approx(1 / np.sqrt(size - 1), rel=0.15)


def test_batch_k_depends_on_seed_and_step_only():
    arrays = {"x": np.arange(50), "y": np.arange(50) ** 2}
    one, same, other = (ResidentBatches(arrays, 8, seed) for seed in (1, 1, 2**40 + 1))
    assert _numbers(one, range(20))[13] == _numbers(same, [13])[0]
    assert _numbers(one, range(9)) != _numbers(other, range(9))
    batch = one(3)
    np.testing.assert_array_equal(batch["x"].numpy() ** 2, batch["y"])
    assert one.state == {}
    assert one.size == 50


@pytest.mark.parametrize(("size", "batch_size"), [(64, 4), (70, 5), (7, 7), (9, 5), (1000, 30)])
def test_batches_of_similar_length_are_epochs_too(size, batch_size):
    lengths = np.random.default_rng(0).integers(1, 60, size)
    batches = BucketedBatches({"x": np.arange(size)}, lengths, batch_size, seed=4)
    count = min(16, size // batch_size)  # batches that are cut from one draw
    draws = -(-3 * size // (batch_size * count))
    rows = np.array(_numbers(batches, range(draws * count)))
    drawn = rows.reshape(draws, -1)
    plain = ResidentBatches({"x": np.arange(size)}, batch_size * count, seed=4)
    for draw, wanted in zip(drawn, _numbers(plain, range(draws)), strict=True):
        assert sorted(draw) == sorted(wanted)  # what is drawn there in any order
    spans = np.ptp(lengths[rows], axis=1)
    if count > 3:
        assert spans.mean() < 60 / 3
        shortest = lengths[rows].min(1).reshape(draws, count)
        assert any((np.diff(row) < 0).any() for row in shortest)  # not in order of length
    same = BucketedBatches({"x": np.arange(size)}, lengths, batch_size, seed=4)
    assert _numbers(same, [draws * count - 1]) == [rows[-1].tolist()]


def test_resident_batches_run_in_a_compiled_loop_without_copying_the_arrays_into_the_graph():
    batches = ResidentBatches({"x": np.arange(100_000)}, 16, seed=3)

    @tf.function
    def sums(first, count):
        out = tf.TensorArray(tf.int64, count)
        for k in tf.range(count):
            out = out.write(k, tf.reduce_sum(batches(first + tf.cast(k, tf.int64))["x"]))
        return out.stack()

    first, count = tf.constant(6_245, tf.int64), tf.constant(10)
    wanted = [sum(row) for row in _numbers(batches, range(6_245, 6_255))]
    assert sums(first, count).numpy().tolist() == wanted
    assert sums.get_concrete_function(first, count).graph.as_graph_def().ByteSize() < 100_000


def test_a_batch_larger_than_the_data_is_refused(data_dir):
    with pytest.raises(InputError, match="11 is not in 1 to 10"):
        ResidentBatches({"x": np.arange(10)}, 11, seed=0)
    with pytest.raises(InputError, match="1 to 32"):
        Examples(load("tiny_pictures", data_dir).splits["train"]).batches(33, seed=0)
    with pytest.raises(InputError):
        ResidentBatches({"x": np.arange(10)}, 0, seed=0)


def _stream():
    return tf.data.Dataset.range(20).map(lambda x: {"x": x})


def test_streamed_batches_repeat_with_the_seed_and_reshuffle_each_epoch():
    one, same, other = (StreamedBatches(_stream(), 5, seed, buffer=8) for seed in (1, 1, 2))
    rows = _numbers(one, range(12))
    assert _numbers(same, range(12)) == rows
    assert _numbers(other, range(12)) != rows
    epochs = [sum(rows[e : e + 4], []) for e in (0, 4, 8)]
    assert all(sorted(epoch) == list(range(20)) for epoch in epochs)
    assert len({tuple(epoch) for epoch in epochs}) == 3


def _pictures(data_dir):
    split = load("tiny_pictures", data_dir, memory_limit=0).splits["train"]
    batches = Examples(split, lambda batch: {"x": batch["image"][:, 0, 0, 0]}).batches(5, seed=9)
    assert isinstance(batches, StreamedBatches)
    return batches


def test_a_restored_stream_continues_as_the_uninterrupted_one(data_dir, tmp_path):
    wanted = _numbers(_pictures(data_dir), range(25))
    stopped = _pictures(data_dir)
    assert _numbers(stopped, range(9)) == wanted[:9]
    path = tf.train.Checkpoint(**stopped.state).write(str(tmp_path / "state"))
    fresh = _pictures(data_dir)
    tf.train.Checkpoint(**fresh.state).read(path).assert_consumed()
    assert _numbers(fresh, range(9, 25)) == wanted[9:]


def test_a_stream_over_array_record_can_be_restored(tmp_path):
    import tensorflow_datasets as tfds

    tfds.builder("tiny_pictures", data_dir=tmp_path).download_and_prepare(
        file_format="array_record"
    )
    test_a_restored_stream_continues_as_the_uninterrupted_one(tmp_path, tmp_path)


def test_resident_encoding_is_applied_once_to_all(data_dir):
    split = load("kjv_verses", data_dir, ("text", "label")).splits["test"]
    calls = []

    def encode(batch):
        calls.append(len(batch["text"]))
        return {"length": tf.strings.length(batch["text"]), "label": batch["label"]}

    batches = Examples(split, encode).batches(split.size, seed=5)
    assert isinstance(batches, ResidentBatches)
    assert sum(calls) == split.size + 1  # and one example to estimate the memory
    batch = batches(0)
    pairs = zip(batch["length"].numpy(), batch["label"].numpy(), strict=True)
    arrays = split.arrays()
    wanted = zip(map(len, arrays["text"]), arrays["label"], strict=True)
    assert sorted(pairs) == sorted(wanted)
    split.memory_limit = split.nbytes()
    assert isinstance(Examples(split, encode).batches(8, seed=5), StreamedBatches)
