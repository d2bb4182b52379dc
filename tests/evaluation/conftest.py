"""Real digits, straight from the package's file."""

import types

import numpy as np
import pytest


@pytest.fixture(scope="session")
def digits():
    """`train`, `test` uint8 [N, 28, 28, 1], `train_labels`, `test_labels` and `names`."""
    from tfmodels.data.mnist_10k import SOURCE
    with np.load(SOURCE) as file:
        return types.SimpleNamespace(
            train=file["x_train"][..., None], test=file["x_test"][..., None],
            train_labels=file["y_train"], test_labels=file["y_test"],
            names=tuple(map(str, range(10))))
