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
    ({"images": np.full((30, 5, 7), 300.0)}, "neither fractions from 0 to 1"),
    ({"images": np.full((30, 5, 7), "a")}, "type <U1"),
    ({"images": np.array([{}] * 30, object).reshape(30, 1, 1)}, "type object|cannot be read"),
    ({"images": np.zeros((30, 5, 7), np.uint8), "labels": np.zeros(29)}, "expected as many")])
def test_bad_arrays_are_refused(tmp_path, arrays, message):
    np.savez(tmp_path / "a.npz", **arrays)
    with pytest.raises(UserError, match=message):
        opened(tmp_path / "a.npz", "image")
