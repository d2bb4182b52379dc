"""Rows of tokens without the padding that all of them have."""

import numpy as np

from tfmodels.tokens.sequences import token_counts, trimmed


def test_columns_of_padding_are_cut_off_but_for_the_first():
    rows = np.array([[5, 0, 0, 0], [7, 2, 0, 0]], np.int32)
    np.testing.assert_array_equal(trimmed(rows), rows[:, :2])
    assert trimmed(np.zeros((3, 4), np.int32)).shape == (3, 1)  # texts without a word have a shape
    assert token_counts({"tokens": rows, "label": np.array([3, 4])}).tolist() == [1, 2]
