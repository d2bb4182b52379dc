"""Splits by content, and data sets that are prepared once for each content."""

import hashlib
import random
import tempfile

import numpy as np
import pytest
from data.own.making import opened, write_csv, write_image

from tfmodels.data.load import load
from tfmodels.data.own import preparation, prepared_copies
from tfmodels.errors import UserError


def by_split(dataset):
    return {name: {hashlib.sha256(image).digest() for image in split.arrays()["image"]}
            for name, split in dataset.splits.items()}


def test_equal_images_never_fall_on_two_sides_and_a_new_one_moves_no_other(tmp_path):
    for i in range(150):
        write_image(tmp_path / "flat" / f"{i}.png", i)
    for i in range(15):  # a tenth twice, in another kind of file
        write_image(tmp_path / "flat" / f"again {i}.bmp", i)
    before = by_split(opened(tmp_path / "flat", "image"))
    assert sum(map(len, before.values())) == len(set.union(*before.values())) == 150
    write_image(tmp_path / "flat" / "new.png", 222)
    after = by_split(opened(tmp_path / "flat", "image"))
    assert all(before[name] <= after[name] for name in before)
    assert sum(map(len, after.values())) == 151


def test_shares_are_kept_within_chance(tmp_path):
    path = write_csv(tmp_path / "a.csv", [(f"text {i}", i % 2) for i in range(2000)])
    splits = opened(path, "text", "label", split="0.5,0.2,0.3").splits
    for name, share in (("train", 0.5), ("validation", 0.2), ("test", 0.3)):
        assert abs(splits[name].size - 2000 * share) < 4 * np.sqrt(2000 * share * (1 - share))


def test_of_few_examples_every_split_has_one(tmp_path):
    for count in (3, 4, 7, 12):
        path = write_csv(tmp_path / f"{count}.csv", [(f"text {i}", i % 2) for i in range(count)])
        sizes = {name: split.size for name, split in opened(path, "text", "label").splits.items()}
        assert min(sizes.values()) >= 1
        assert sum(sizes.values()) == count


def test_files_are_read_again_only_when_their_content_has_changed(photos, capsys, monkeypatch):
    first = opened(photos, "image", "label")
    monkeypatch.setattr(preparation, "_make", None)
    again = opened(photos, "image", "label")
    assert again.version == first.version
    for path in photos.rglob("*.png"):  # as a copy would: other times
        path.touch()
    assert opened(photos, "image", "label").version == first.version
    monkeypatch.undo()
    write_image(photos / "cat" / "0.png", 255)
    assert opened(photos, "image", "label").version != first.version


def test_files_that_are_gone_are_read_from_the_copy_made_last(photos, capsys):
    first = opened(photos, "image", "label")
    photos.rename(photos.parent / "moved")
    capsys.readouterr()
    again = opened(photos, "image", "label")
    assert "photos is not there any more: its copy in" in capsys.readouterr().out
    assert again.version == first.version
    assert again.splits["train"].fingerprint() == first.splits["train"].fingerprint()
    with pytest.raises(UserError, match="photos does not exist"):  # of none that answers
        opened(photos, "image", "label", image_size="16")


def test_a_preparation_that_dies_leaves_nothing(photos, monkeypatch):

    def full(*_):
        raise OSError(28, "No space left on device")
    monkeypatch.setattr(prepared_copies, "write", full)
    with pytest.raises(UserError, match="no room"):
        opened(photos, "image")
    assert not list((photos.parent / "prepared").glob("own/*"))
    monkeypatch.undo()
    assert opened(photos, "image").image_shape == (8, 9, 3)


def test_nothing_is_left_among_temporary_files(photos, tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    opened(photos, "image")
    load("diabetes_table", tmp_path / "sets", ("numbers",))
    assert not list((tmp_path / "temporary").iterdir())


def test_keras_seeds_are_the_same_whether_data_is_prepared_or_not(photos):
    random.seed(3)
    expected = random.random()
    random.seed(3)
    opened(photos, "image")
    assert random.random() == expected
