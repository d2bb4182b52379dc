"""What a split gives: arrays, streams, texts, fingerprints, and damaged files by name."""

import hashlib
import os

import numpy as np
import pytest
import tensorflow as tf
import tensorflow_datasets as tfds

from tfmodels.data.features import KINDS, Kind
from tfmodels.data.load import load
from tfmodels.data.sources import Examples
from tfmodels.errors import DataError, InputError


def test_stream_and_size_agree_with_the_arrays(data_dir):
    for name, needs in (("mnist_10k", ("image", "label")), ("kjv_verses", ("text", "label"))):
        split = load(name, data_dir, needs).splits["validation"]
        chunks = list(split.batched(100).as_numpy_iterator())
        assert sum(len(chunk["label"]) for chunk in chunks) == split.size
        for key, values in split.arrays().items():
            np.testing.assert_array_equal(np.concatenate([c[key] for c in chunks]), values)
    texts = load("kjv_verses", data_dir, ("text",)).splits["train"]
    held = sum(map(len, texts.arrays()["text"]))
    assert held <= texts.nbytes() < 3 * held
    images = load("mnist_10k", data_dir).splits["test"]
    assert images.nbytes() == sum(array.nbytes for array in images.arrays().values())


def test_fingerprint_is_of_the_decoded_examples_in_order(data_dir):
    split = load("mnist_10k", data_dir).splits["test"]
    wanted = hashlib.sha256(b"2000")
    for key, array in sorted(split.arrays().items()):
        wanted.update(key.encode() + hashlib.sha256(array.tobytes()).digest())
    assert split.fingerprint() == wanted.hexdigest()
    assert load("mnist_10k", data_dir).splits["validation"].fingerprint() != wanted.hexdigest()
    texts = load("kjv_verses", data_dir, ("text",)).splits["test"].fingerprint()
    streamed = load("mnist_10k", data_dir, memory_limit=0).splits["test"]
    assert streamed.fingerprint() == wanted.hexdigest()
    streamed = load("kjv_verses", data_dir, ("text",), memory_limit=0).splits["test"]
    assert streamed.fingerprint() == texts


def test_array_record_sets_read_like_tfrecord_sets(data_dir, tmp_path):
    builder = tfds.builder("tiny_pictures", data_dir=tmp_path)
    builder.download_and_prepare(file_format="array_record")
    split, other = (load("tiny_pictures", d).splits["validation"] for d in (tmp_path, data_dir))
    assert split.fingerprint() == other.fingerprint()
    file = next((tmp_path / "tiny_pictures").glob("*/*.array_record*"))
    os.truncate(file, file.stat().st_size // 2)
    with pytest.raises(DataError, match=file.name):
        load("tiny_pictures", tmp_path).splits["train"].arrays()


def _truncate_at_record(file, keep):
    """Keeps the first records: uint64 length, 4 bytes CRC, the data, 4 bytes CRC each."""
    content, end = file.read_bytes(), 0
    for _ in range(keep):
        end += int.from_bytes(content[end : end + 8], "little") + 16
    file.write_bytes(content[:end])


@pytest.mark.parametrize("damage", ["cut at a record", "cut in a record", "flipped", "missing"])
def test_a_damaged_file_is_named(copied, damage):
    folder = copied("tiny_pictures")
    file = next((folder / "tiny_pictures").glob("*/*train.tfrecord*"))
    if damage == "cut at a record":
        _truncate_at_record(file, 39)
    elif damage == "cut in a record":
        os.truncate(file, file.stat().st_size - 5)
    elif damage == "flipped":
        content = bytearray(file.read_bytes())
        content[-40] ^= 1
        file.write_bytes(content)
    else:
        file.unlink()
    with pytest.raises(DataError, match=file.name):
        load("tiny_pictures", folder).splits["test"].arrays()


def test_head_is_the_beginning_of_the_arrays(data_dir):
    split = load("mnist_10k", data_dir).splits["train"]
    first = split.head(7)
    np.testing.assert_array_equal(first["image"], split.arrays()["image"][:7])
    np.testing.assert_array_equal(split.head(7)["label"], first["label"])


def test_texts_come_one_by_one_whether_they_are_held_or_not(data_dir):
    split = load("kjv_verses", data_dir, ("text",)).splits["test"]
    streamed = list(split.texts())
    np.testing.assert_array_equal(streamed, split.arrays()["text"])
    np.testing.assert_array_equal(list(split.texts()), streamed)


class TinySounds(tfds.core.GeneratorBasedBuilder):
    """Eight sounds of 1 to 8 samples."""

    VERSION = tfds.core.Version("1.0.0")

    def _info(self):
        return tfds.core.DatasetInfo(builder=self, features=tfds.features.FeaturesDict({
            "audio": tfds.features.Audio(), "label": tfds.features.ClassLabel(num_classes=2)}))

    def _split_generators(self, _):
        return {name: self._generate_examples() for name in ("train", "validation", "test")}

    def _generate_examples(self):
        for number in range(8):
            yield number, {"audio": np.arange(number + 1) * 100, "label": number % 2}


def test_examples_that_differ_in_size_are_held_streamed_and_compared(tmp_path, monkeypatch):
    monkeypatch.setitem(KINDS, "audio", Kind(tfds.features.Audio, "int16", ragged=True))
    TinySounds(data_dir=str(tmp_path)).download_and_prepare()
    held, streamed = (load("tiny_sounds", tmp_path, ("audio", "label"), memory_limit=limit
                           ).splits["train"] for limit in (1 << 20, 0))
    sounds = held.arrays()["audio"]
    assert sorted(map(len, sounds)) == list(range(1, 9))
    for sound in sounds:
        assert sound.dtype == np.int16
        np.testing.assert_array_equal(sound, np.arange(len(sound)) * 100)
    assert held.fingerprint() == streamed.fingerprint()

    def encode(batch):
        return {"sum": tf.reduce_sum(tf.cast(batch["audio"], tf.int32), 1),
                "size": batch["audio"].row_lengths()}
    for split in (held, streamed):
        batch = Examples(split, encode).batches(8, 0)(tf.constant(0, tf.int64))
        sizes = batch["size"].numpy()
        assert sorted(sizes) == list(range(1, 9))
        np.testing.assert_array_equal(batch["sum"], 100 * (sizes - 1) * sizes // 2)
    with pytest.raises(InputError, match="unknown kind of feature 'imge'.*did you mean image"):
        load("tiny_sounds", tmp_path, ("imge",))
