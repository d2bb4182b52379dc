"""Images and labels in files of NumPy."""

import numpy as np
import pytest
from data.own.making import everything, opened

from tfmodels.errors import UserError


@pytest.mark.parametrize(("arrays", "shape"), [
    ({"images": np.zeros((30, 5, 7), np.uint8)}, (5, 7, 1)),
    ({"images": np.zeros((30, 5, 7, 4), np.uint8)}, (5, 7, 4)),
    ({"x": np.zeros((30, 5, 7, 3), np.float64)}, (5, 7, 3)),
    ({"pixels": np.zeros((30, 5, 7), bool)}, (5, 7, 1)),
    ({"x_train": np.zeros((30, 5, 7), np.uint8), "y_train": np.arange(30) % 2,
      "x_test": np.zeros((9, 5, 7), np.uint8), "y_test": np.arange(9) % 2}, (5, 7, 1))])
def test_arrays_of_every_kind(tmp_path, arrays, shape):
    for _name, array in arrays.items():
        if array.ndim > 2 and array.dtype != bool:
            array[:] = (np.arange(len(array)) / (255 if array.dtype == float else 1)).reshape(
                -1, *[1] * (array.ndim - 1))
        elif array.dtype == bool:
            array.reshape(30, -1)[np.arange(30), np.arange(30)] = True
    np.savez(tmp_path / "a.npz", **arrays)
    dataset = opened(tmp_path / "a.npz", "image", wants=("label",))
    assert dataset.image_shape == shape
    assert len(everything(dataset, "image")) == sum(
        len(array) for array in arrays.values() if array.ndim > 2)
    if "x_test" in arrays:
        assert dataset.splits["test"].size == 9
        assert dataset.class_names == ("0", "1")


@pytest.mark.parametrize(("arrays", "message"), [
    ({"a": np.zeros((4, 4))}, "expected images"),
    ({"images": np.zeros((30, 5, 7, 2), np.uint8)}, "1, 3 or 4 channels"),
    ({"images": np.full((30, 5, 7), 300.5)}, r"float64 from 300\.5 to 300\.5: expected fractions"),
    ({"images": np.full((30, 5, 7), -1)}, "int64 from -1 to -1: expected fractions"),
    ({"images": np.full((30, 5, 7), np.nan)}, "a pixel is NaN"),
    ({"images": np.zeros((30, 5, 7), np.uint8), "labels": np.ones((30, 3))}, "one-hot rows"),
    ({"x_train": np.zeros((30, 5, 7)), "y_train": np.zeros(30), "x_test": np.zeros((9, 5, 7))},
     "no labels of x_test"),
    ({"images": np.full((30, 5, 7), "a")}, "type <U1"),
    ({"images": np.array([{}] * 30, object).reshape(30, 1, 1)}, "type object|cannot be read"),
    ({"images": np.zeros((30, 5, 7), np.uint8), "labels": np.zeros(29)}, "expected as many")])
def test_bad_arrays_are_refused(tmp_path, arrays, message):
    np.savez(tmp_path / "a.npz", **arrays)
    with pytest.raises(UserError, match=message):
        opened(tmp_path / "a.npz", "image", *(["label"] if len(arrays) > 1 else []))


def _different(count):
    images = np.zeros((count, 5, 7), np.uint8)
    images.reshape(count, -1)[:, 0] = np.arange(count)
    return images


@pytest.mark.parametrize(("images", "expected"), [
    (_different(30).astype(np.float64), 29), (_different(30).astype(np.int64), 29),
    (_different(30).astype(">u2") * 257, 29), (_different(30) / 29, 255)])
def test_the_range_of_an_array_says_what_its_numbers_mean(tmp_path, images, expected, capsys):
    np.savez(tmp_path / "a.npz", images=images)
    found = everything(opened(tmp_path / "a.npz", "image"), "image")
    assert max(image.max() for image in found) == expected
    assert ("16 bits are scaled" in capsys.readouterr().out) == (images.dtype.itemsize == 2)


@pytest.mark.parametrize(("labels", "names"), [
    (np.arange(30)[:, None] % 3, ("0", "1", "2")), (np.eye(3)[np.arange(30) % 3], ("0", "1", "2")),
    (np.array([b"cat", b"dog"])[np.arange(30) % 2], ("cat", "dog")),
    (np.array(["cat", "dog"])[np.arange(30) % 2], ("cat", "dog"))])
def test_labels_of_every_kind(tmp_path, labels, names):
    np.savez(tmp_path / "a.npz", x_test=_different(30), y_test=labels)
    dataset = opened(tmp_path / "a.npz", "image", "label")
    assert dataset.class_names == names
    for split in dataset.splits.values():
        arrays = split.arrays()
        np.testing.assert_array_equal(arrays["image"][:, 0, 0, 0] % len(names), arrays["label"])
