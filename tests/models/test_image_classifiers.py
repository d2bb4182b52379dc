"""The image classifiers `dense` and `cnn`: shapes, sizes and the product of the weights."""

import numpy as np
import pytest
import tensorflow as tf

from tfmodels.models.cnn import cnn
from tfmodels.models.dense import dense

SHAPES = [(28, 28, 1), (32, 32, 3)]


def _images(shape, count=3):
    return np.random.default_rng(0).integers(0, 256, (count, *shape)).astype(np.uint8)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("make", [dense, cnn])
def test_classifiers_take_raw_images_of_any_size_and_give_logits(make, shape):
    model = make(shape, 7)
    logits = model(_images(shape))
    assert logits.shape == (3, 7)
    assert logits.dtype == tf.float32
    again = make(shape, 7)
    for first, second in zip(model.get_weights(), again.get_weights(), strict=True):
        if first.dtype == np.float32:
            np.testing.assert_array_equal(first, second)


@pytest.mark.parametrize("shape", [(1, 1, 4), (2, 3, 1), (5, 7, 3)])
def test_classifiers_take_any_size(shape):
    for make in (dense, cnn):
        assert make(shape, 2)(_images(shape)).shape == (3, 2)


def test_cnn_has_at_most_100_000_parameters():
    assert cnn((28, 28, 1), 10).count_params() <= 100_000


def test_dense_is_the_product_of_its_weights():
    model = dense((4, 4, 1), 3, widths=(5,), dropout=0.5)
    images = _images((4, 4, 1))
    w1, b1, w2, b2 = [w for w in model.get_weights() if w.dtype == np.float32]
    hidden = np.maximum(images.reshape(3, 16) / 255.0 @ w1 + b1, 0)
    np.testing.assert_allclose(model(images), hidden @ w2 + b2, atol=1e-5)
