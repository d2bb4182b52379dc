"""What data sets are loaded: splits, features by kind, and what is refused."""

import re

import numpy as np
import pytest
import tensorflow_datasets as tfds

from tfmodels.data.load import UnsuitableDataset, load
from tfmodels.data.own.reading import Reading
from tfmodels.errors import DataError, InputError


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


class TinyOdd(tfds.core.GeneratorBasedBuilder):
    """Images of two sizes, labels that are plain numbers and texts, splits of other names."""

    VERSION = tfds.core.Version("1.0.0")

    def _info(self):
        return tfds.core.DatasetInfo(builder=self, features=tfds.features.FeaturesDict({
            "image": tfds.features.Image(shape=(None, None, 3)), "label": np.int64,
            "category": tfds.features.Text()}))

    def _split_generators(self, dl_manager):
        return {"training": self._generate_examples(0, 40), "held_out": self._generate_examples(
            100, 110), "testing": self._generate_examples(200, 209)}

    def _generate_examples(self, first, last):
        for i in range(first, last):
            yield i, {"image": np.full((6 + i % 2, 5, 3), i, np.uint8), "label": (i % 3) * 5,
                      "category": "ab"[i % 2]}


def test_a_set_of_another_shape_is_brought_into_the_usual_one(tmp_path):
    TinyOdd(data_dir=str(tmp_path)).download_and_prepare()
    with pytest.raises(UnsuitableDataset, match="not uint8 of one fixed shape") as caught:
        load("tiny_odd", tmp_path)
    assert caught.value.remedy == "image size"
    dataset = load("tiny_odd", tmp_path, reading=Reading(image_size="4x7"))
    assert (dataset.image_shape, dataset.class_names) == ((4, 7, 3), ("0", "5", "10"))
    assert dataset.splits["test"].size == 9
    assert dataset.splits["train"].size + dataset.splits["validation"].size == 40
    for image, label in zip(*dataset.splits["train"].arrays().values(), strict=True):
        assert (image == image[0, 0, 0]).all()
        assert image[0, 0, 0] % 3 == label
    other = load("tiny_odd", tmp_path, reading=Reading(
        image_size="4", label_column="category", split="train=training,test=held_out"))
    assert other.class_names == ("a", "b")
    assert other.splits["test"].size == 10
    with pytest.raises(InputError, match="split=train=trainin: .*did you mean training"):
        load("tiny_odd", tmp_path, reading=Reading(image_size="4", split="train=trainin"))


def test_splits_of_other_names_are_recognized(tmp_path):
    TinyOdd(data_dir=str(tmp_path)).download_and_prepare()
    dataset = load("tiny_odd", tmp_path, ("text",))
    assert {name: split.size for name, split in dataset.splits.items()} == {
        "train": 36, "validation": 4, "test": 9}


def test_images_of_a_known_set_are_brought_to_a_size(tmp_path, data_dir):
    dataset = load("tiny_digits", data_dir, reading=Reading(image_size="12", channels="3"))
    assert dataset.image_shape == (12, 12, 3)
    assert dataset.splits["test"].size == 100
    assert dataset.class_names == tuple(map(str, range(10)))
