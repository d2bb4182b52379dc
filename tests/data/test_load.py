import hashlib
import io
import os
import random
import re
import shutil
import subprocess
import sys
import time

import numpy as np
import pytest
import requests
import tensorflow_datasets as tfds
from tensorflow_datasets.core.download import downloader

from tfmodels.data import prepare as prepare_module
from tfmodels.data.load import UnsuitableDataset, load
from tfmodels.errors import DataError, InputError
from tfmodels.launcher import advice


def test_validation_is_the_tail_of_train_in_prepared_order(data_dir):
    dataset = load("mnist_10k", data_dir)
    assert {key: split.size for key, split in dataset.splits.items()} == {
        **{"train": 7_200, "validation": 800, "test": 2_000}
    }
    whole = load("mnist_10k", data_dir, validation=0).splits["train"].arrays()
    for key in ("image", "label"):
        parts = [dataset.splits[split].arrays()[key] for split in ("train", "validation")]
        np.testing.assert_array_equal(np.concatenate(parts), whole[key])
    test = {image.tobytes() for image in dataset.splits["test"].arrays()["image"]}
    assert not test & {image.tobytes() for image in whole["image"]}


def test_features_are_found_by_kind_and_a_missing_test_split_is_carved_from_train(data_dir):
    dataset = load("tiny_pictures", data_dir)
    assert (dataset.version, dataset.class_names) == ("2.1.0", ("cat", "dog"))
    assert dataset.image_shape == (4, 6, 3)
    assert [dataset.splits[s].size for s in ("train", "validation", "test")] == [32, 4, 4]
    seen = []
    for split in dataset.splits.values():
        arrays = split.arrays()
        np.testing.assert_array_equal(arrays["image"][:, 0, 0, 0] % 2, arrays["label"])
        seen.extend(arrays["image"][:, 3, 5, 2])
    assert sorted(seen) == list(range(40))


def test_stream_and_size_agree_with_the_arrays(data_dir):
    for name, needs in (("mnist_10k", ("image", "label")), ("kjv_verses", ("text", "label"))):
        split = load(name, data_dir, needs).splits["validation"]
        chunks = list(split.stream().batch(100).as_numpy_iterator())
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


def test_a_damaged_dataset_info_is_a_data_error(copied):
    folder = copied("tiny_pictures")
    next((folder / "tiny_pictures").glob("*/features.json")).write_text("{")
    with pytest.raises(DataError, match="not a readable data set"):
        load("tiny_pictures", folder)


@pytest.mark.parametrize(
    ("name", "needs", "says"),
    [
        ("kjv_verses", ("image", "label"), "no image.*fit: mnist_10k"),
        ("mnist_10k", ("text", "label"), "no text.*fit: kjv_verses"),
        ("imagenet2012", ("image", "label"), "one fixed shape.*fit: mnist_10k"),
    ],
)
def test_an_unsuitable_set_is_refused_before_it_is_prepared(tmp_path, name, needs, says):
    with pytest.raises(UnsuitableDataset) as caught:
        load(name, tmp_path, needs)
    message = str(caught.value)
    assert isinstance(caught.value, ValueError)
    assert caught.value.exit_code == 1
    assert " ".join(needs[:1]) in message
    assert len(message.splitlines()) <= 5
    assert re.search(says, message.replace("\n", " "))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("name", "says"),
    [("mnits", "mean mnist?"), ("mnist:9.9.9", "only: 3.0.1"), ("glue/colla", "mean cola?")],
)
def test_an_unknown_set_version_or_config_is_refused(tmp_path, name, says):
    with pytest.raises(InputError, match=re.escape(says)) as caught:
        load(name, tmp_path)
    assert len(str(caught.value).splitlines()) <= 5


def test_without_a_network_it_fails_fast_and_says_what_to_do(tmp_path, monkeypatch):
    attempts = []

    def send(self, request, **kwargs):
        attempts.append((self.max_retries.total, kwargs["timeout"]))
        raise requests.exceptions.ConnectionError("Name or service not known", request=request)

    monkeypatch.setattr(requests.adapters.HTTPAdapter, "send", send)
    start = time.monotonic()
    with pytest.raises(DataError) as caught:
        load("cifar10", tmp_path)
    assert time.monotonic() - start < 30
    assert caught.value.exit_code == 3
    message = advice.message(caught.value)
    for part in (
        *("https://www.cs.toronto.edu", "cifar-10-binary.tar.gz", "--data_dir"),
        *(str(tmp_path / "downloads" / "manual"), "mnist_10k", "kjv_verses"),
    ):
        assert part in message
    assert len(message.splitlines()) <= 5
    assert attempts == [(0, (10, 60))]
    assert downloader.MAX_RETRIES == 0
    assert not list(tmp_path.glob("incomplete.*"))


def test_a_download_with_a_wrong_checksum_is_refused_and_a_retry_works(tmp_path, monkeypatch):
    right, served = b"0123456789", [b"01234x6789", b"0123456789"]
    url = "https://example.invalid/ten.txt"

    class TinyDownload(tfds.core.GeneratorBasedBuilder):
        """A set made of one downloaded file."""

        VERSION = tfds.core.Version("1.0.0")

        url_infos = {url: tfds.core.download.checksums.UrlInfo(
            size=10, checksum=hashlib.sha256(right).hexdigest(), filename="ten.txt")}

        def _info(self):
            return tfds.core.DatasetInfo(builder=self, features=tfds.features.FeaturesDict(
                {"image": tfds.features.Image(shape=(1, 1, 1))}))

        def _split_generators(self, dl_manager):
            return {"train": self._generate_examples(dl_manager.download(url))}

        def _generate_examples(self, path):
            for i, value in enumerate(path.read_bytes()):
                yield i, {"image": np.full((1, 1, 1), value, np.uint8)}

    def send(self, request, **_):
        response = requests.Response()
        response.status_code, response.url = 200, request.url
        response.raw, response.request = io.BytesIO(served.pop(0)), request
        return response

    monkeypatch.setattr(requests.adapters.HTTPAdapter, "send", send)
    with pytest.raises(DataError, match="tiny_download.*checksum"):
        load("tiny_download", tmp_path, ("image",))
    assert not (tmp_path / "tiny_download").exists()
    assert not list(tmp_path.glob("incomplete.*"))
    splits = load("tiny_download", tmp_path, ("image",)).splits
    assert sum(split.size for split in splits.values()) == len(right)


def test_preparing_does_not_change_what_weights_are_drawn(tmp_path):
    random.seed(1)
    load("tiny_pictures", tmp_path)
    drawn = random.random()
    random.seed(1)
    assert drawn == random.random()


def test_a_dead_preparation_is_swept_and_a_live_foreign_one_left(tmp_path):
    ours = tmp_path / "incomplete.tiny_pictures"
    foreign = tmp_path / "tiny_pictures" / "incomplete.ABC123_2.1.0"
    dead = tmp_path / "mnist_10k" / "incomplete.ABC123_1.0.0"
    for folder in (ours / "tiny_pictures" / "incomplete.X_2.1.0", foreign, dead):
        folder.mkdir(parents=True)
    load("tiny_pictures", tmp_path)
    load("mnist_10k", tmp_path)
    assert not ours.exists()
    assert not dead.exists()
    assert foreign.exists()


def test_two_processes_preparing_at_once_both_succeed_and_print_nothing(tmp_path, capfd):
    code = (
        "import sys; from tfmodels.data.load import load; print('ready', flush=True); input();"
        "dataset = load('mnist_10k', sys.argv[1]); print(dataset.splits['test'].fingerprint())"
    )
    pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    with subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], text=True, **pipes) as other:
        assert other.stdout.readline() == "ready\n"
        other.stdin.write("\n")
        other.stdin.flush()
        fingerprint = load("mnist_10k", tmp_path).splits["test"].fingerprint()
        out, err = other.communicate(timeout=60)
    assert out == fingerprint + "\n"
    for text in (err, *capfd.readouterr()):
        assert "preparing" not in text.lower()
        assert "WARNING:absl" not in text
    left = [".mnist_10k.lock", "downloads", "mnist_10k"]
    assert sorted(path.name for path in tmp_path.iterdir()) == left


def test_a_prepared_set_is_only_read(copied, monkeypatch):
    folder = copied("mnist_10k")
    for path in (*folder.rglob("*"), folder):
        path.chmod(0o555 if path.is_dir() else 0o444)  # root writes all the same, hence:
    monkeypatch.setattr(prepare_module, "_lock", None)
    before = sorted((path, path.stat().st_mtime_ns) for path in folder.rglob("*"))
    assert load("mnist_10k", folder).splits["test"].arrays()["image"].shape[0] == 2_000
    assert sorted((path, path.stat().st_mtime_ns) for path in folder.rglob("*")) == before
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755)
    shutil.rmtree(folder)


def test_an_unwritable_folder_is_a_data_error(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError, match="cannot write to") as refused:
        load("mnist_10k", tmp_path / "file" / "data")
    assert "--data_dir" in advice.message(refused.value)


def test_head_is_the_beginning_of_the_arrays(data_dir):
    split = load("mnist_10k", data_dir).splits["train"]
    first = split.head(7)
    np.testing.assert_array_equal(first["image"], split.arrays()["image"][:7])
    np.testing.assert_array_equal(split.head(7)["label"], first["label"])


@pytest.mark.parametrize("features", [
    tfds.features.Translation(["en", "fr"]),
    tfds.features.FeaturesDict({"fr": tfds.features.Text(), "note": tfds.features.Text(),
                                "en": tfds.features.Text()})])
def test_a_pair_is_both_texts_of_the_supervised_keys(tmp_path, features):
    class TinyTranslation(tfds.core.GeneratorBasedBuilder):
        name = f"tiny_translation_{len(features)}"
        VERSION = tfds.core.Version("1.0.0")

        def _info(self):
            return tfds.core.DatasetInfo(
                builder=self, features=features, supervised_keys=("en", "fr"))

        def _split_generators(self, dl_manager):
            return {"train": self._generate_examples()}

        def _generate_examples(self):
            for i in range(20):
                texts = {"en": f"cat {i}", "fr": f"chaton né {i}", "note": "none"}
                yield i, {key: texts[key] for key in features}

    TinyTranslation(data_dir=str(tmp_path)).download_and_prepare()
    split = load(TinyTranslation.name, tmp_path, ("source", "target")).splits["train"]
    arrays = split.arrays()
    for source, target in zip(arrays["source"], arrays["target"], strict=True):
        assert source.decode().replace("cat", "chaton né") == target.decode()
    assert split.nbytes() >= sum(map(len, [*arrays["source"], *arrays["target"]]))
    only = load(TinyTranslation.name, tmp_path, ("source",)).splits["train"]
    assert only.fingerprint() != split.fingerprint()


class TinyFew(tfds.core.GeneratorBasedBuilder):
    """Pictures of one pixel: so many in each split."""

    VERSION = tfds.core.Version("1.0.0")
    sizes, channels, label = {}, 1, tfds.features.ClassLabel(num_classes=2)

    def _info(self):
        return tfds.core.DatasetInfo(builder=self, features=tfds.features.FeaturesDict({
            "image": tfds.features.Image(shape=(1, 1, self.channels)), "label": self.label}))

    def _split_generators(self, dl_manager):
        return {split: self._generate_examples(size) for split, size in self.sizes.items()}

    def _generate_examples(self, size):
        for i in range(size):
            yield i, {"image": np.zeros((1, 1, self.channels), np.uint8), "label": -1}


@pytest.mark.parametrize(("sizes", "says"), [
    ({"train": 1}, "hold some out as test: its 'train' split has 1; expected at least 6"),
    ({"train": 5}, "as test.*has 5; expected at least 6, or a 'test' split of its own"),
    ({"train": 5, "test": 9}, "as validation.*has 5; expected at least 6, or a 'validation'"),
])
def test_a_split_that_would_be_empty_is_refused(tmp_path, monkeypatch, sizes, says):
    monkeypatch.setattr(TinyFew, "sizes", sizes)
    TinyFew(data_dir=str(tmp_path)).download_and_prepare()
    with pytest.raises(UnsuitableDataset, match=says):
        load("tiny_few", tmp_path)


def test_class_names_that_cannot_be_read_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(TinyFew, "sizes", {"train": 6})
    monkeypatch.setattr(TinyFew, "label", tfds.features.ClassLabel(names=["a", "", "b"]))
    TinyFew(data_dir=str(tmp_path)).download_and_prepare()
    with pytest.raises(UnsuitableDataset, match="3 classes, but 2 class names"):
        load("tiny_few", tmp_path)


def test_the_fewest_examples_that_fill_all_splits(tmp_path, monkeypatch):
    monkeypatch.setattr(TinyFew, "sizes", {"train": 6})
    TinyFew(data_dir=str(tmp_path)).download_and_prepare()
    splits = load("tiny_few", tmp_path).splits
    assert {name: split.size for name, split in splits.items()} == {
        "train": 4, "validation": 1, "test": 1}
    assert set(load("tiny_few", tmp_path, validation=0).splits) == {"train", "test"}


@pytest.mark.parametrize(("changed", "says"), [
    ({"channels": 2}, "with 1, 3 or 4 channels"),
    ({"label": tfds.features.ClassLabel()}, "has no label")])
def test_pictures_and_labels_that_no_network_takes_are_refused(
        tmp_path, monkeypatch, changed, says):
    for name, value in changed.items():
        monkeypatch.setattr(TinyFew, name, value)
    with pytest.raises(UnsuitableDataset, match=says):
        load("tiny_few", tmp_path)


def test_a_set_without_pairs_is_refused(data_dir):
    with pytest.raises(UnsuitableDataset, match="has no source"):
        load("mnist_10k", data_dir, ("source", "target"))
    with pytest.raises(UnsuitableDataset, match="has no target"):
        load("kjv_verses", data_dir, ("source", "target"))


def test_texts_come_one_by_one_whether_they_are_held_or_not(data_dir):
    split = load("kjv_verses", data_dir, ("text",)).splits["test"]
    streamed = list(split.texts())
    np.testing.assert_array_equal(streamed, split.arrays()["text"])
    np.testing.assert_array_equal(list(split.texts()), streamed)
