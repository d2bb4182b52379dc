"""Folders of images, with one folder per class or flat."""

import os
import pathlib
import shutil

import pytest
from data.own.making import everything, opened, write_image

from tfmodels.errors import DataError, InputError


def test_a_folder_per_class(photos):
    dataset = opened(photos, "image", "label")
    assert dataset.class_names == ("cat", "dog")
    assert dataset.image_shape == (8, 9, 3)
    for split in dataset.splits.values():
        for image, label in zip(*split.arrays().values(), strict=True):
            assert image[0, 0, 0] % 2 == label


def test_many_folders_of_few_images_are_classes(tmp_path):
    for i in range(120):
        write_image(tmp_path / "set" / f"bird {i % 80:02}" / f"{i}.png", i)
    assert len(opened(tmp_path / "set", "image", "label").class_names) == 80


def test_given_splits_are_kept_and_a_missing_one_comes_from_train(photos, tmp_path):
    for i in range(10):
        write_image(tmp_path / "set" / "test" / "dog" / f"{i}.png", 200 + i)
    shutil.copytree(photos, tmp_path / "set" / "train")
    dataset = opened(tmp_path / "set", "image", "label")
    assert sorted(image[0, 0, 0] for image in dataset.splits["test"].arrays()["image"]) == list(
        range(200, 210))
    assert dataset.splits["train"].size + dataset.splits["validation"].size == 40


def test_a_flat_folder_has_images_and_no_labels(tmp_path):
    for i in range(20):
        write_image(tmp_path / "flat" / f"{i}.png", i, mode="L")
    (tmp_path / "flat" / "notes.pdf").write_bytes(b"%PDF")
    (tmp_path / "flat" / ".hidden.png").write_bytes(b"?")
    assert opened(tmp_path / "flat", "image", wants=("label",)).image_shape == (8, 9, 1)
    with pytest.raises(InputError, match="no folder per class"):
        opened(tmp_path / "flat", "image", "label")
    with pytest.raises(InputError, match="holds images, no text"):
        opened(tmp_path / "flat", "text")


def test_sizes_that_differ_are_told(photos):
    write_image(photos / "cat" / "large.png", 99, size=(80, 60))
    with pytest.raises(InputError, match=r"image_size.*8x9 to 60x80 pixels.*most often 8x9 \(40\)"):
        opened(photos, "image", "label")
    assert opened(photos, "image", image_size="12x20").image_shape == (12, 20, 3)


def test_grey_among_colour_becomes_colour(photos):
    write_image(photos / "cat" / "grey.png", 250, mode="L")
    dataset = opened(photos, "image")
    assert dataset.image_shape == (8, 9, 3)
    assert any((image == 250).all() for image in everything(dataset, "image"))
    assert opened(photos, "image", channels="1").image_shape == (8, 9, 1)


def test_16_bit_grey_is_said_to_be_scaled(tmp_path, capsys):
    for i in range(20):
        write_image(tmp_path / "flat" / f"{i}.png", 3000 * i, mode="I;16")
    assert sorted(image[0, 0, 0] for image in everything(opened(tmp_path / "flat", "image"), "image"
                                                         )) == [3000 * i // 257 for i in range(20)]
    assert "scaled from 0-65,535 to 0-255" in capsys.readouterr().out


def test_a_few_that_cannot_be_read_are_left_out_and_named(tmp_path, capsys):
    for i in range(200):
        write_image(tmp_path / "flat" / f"{i}.png", i)
    (tmp_path / "flat" / "broken.png").write_bytes(b"no image")
    assert len(everything(opened(tmp_path / "flat", "image"), "image")) == 200
    assert "left out 1 that cannot be read: broken.png (it is no image" in capsys.readouterr().out
    with pytest.raises(DataError, match="broken.png cannot be read"):
        opened(tmp_path / "flat", "image", strict=True)
    for i in range(9):
        (tmp_path / "flat" / f"broken {i}.png").write_bytes(b"no image")
    with pytest.raises(DataError, match=r"10 of 210 examples cannot be read: .*at most 1%"):
        opened(tmp_path / "flat", "image")


def test_a_pipe_and_links_are_no_trap(photos, tmp_path):
    os.mkfifo(photos / "cat" / "pipe.png")
    (photos / "dog" / "around").symlink_to(photos)
    (photos / "dog" / "nowhere.png").symlink_to(tmp_path / "nowhere")
    assert len(everything(opened(photos, "image"), "image")) == 40


def test_names_that_are_no_text(tmp_path, capsys):
    folder = os.fsencode(tmp_path / "flat")
    for i in range(200):
        path = os.fsdecode(folder + b"/gr\xfc\xdfe " + bytes(str(i % 2), "ascii"))
        write_image(pathlib.Path(path) / f"{i}.png", i)
    (pathlib.Path(path) / os.fsdecode(b"\xff.png")).write_bytes(b"no image")
    dataset = opened(tmp_path / "flat", "image", "label")
    assert dataset.class_names == ("gr??e 0", "gr??e 1")
    assert "left out 1 that cannot be read: gr??e 1/?.png" in capsys.readouterr().out


def test_an_empty_folder_and_a_missing_one(tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="is an empty folder"):
        opened(tmp_path / "empty", "image")
    with pytest.raises(InputError, match="does not exist.*did you mean empty"):
        opened(tmp_path / "emty", "image")
