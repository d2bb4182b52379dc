"""The geometry of augmentation against NumPy's moves and SciPy's affine transformation."""

import numpy as np
import pytest
import scipy.ndimage
import tensorflow as tf

from tfmodels.layers.augmentation import augment, augmented

SEED = tf.constant([1, 2], tf.int64)


def _images(*shape):
    return np.random.default_rng(0).integers(0, 256, shape).astype(np.uint8)


@pytest.fixture
def drawn(monkeypatch):
    """Augments by given draws in [-1, 1]: of angle, zoom and the shifts in x and y, [4, B]."""
    def call(images, draws, **largest):
        def uniform(shape, seed, low, high):
            assert tuple(shape) == (4, len(images))
            assert (low, high) == (-1, 1)
            np.testing.assert_array_equal(seed, SEED)
            return tf.constant(np.broadcast_to(np.reshape(draws, (4, -1)), shape), tf.float32)
        monkeypatch.setattr(tf.random, "stateless_uniform", uniform)
        return augment(images, SEED, **largest).numpy()
    return call


@pytest.mark.parametrize(("right", "down"), [(2, 0), (0, 3), (-1, 2)])
def test_a_shift_moves_whole_pixels_and_uncovers_0(right, down, drawn):
    images = _images(2, 7, 9, 3)
    expected = np.zeros_like(images)
    for y in range(7):
        for x in range(9):
            if 0 <= y - down < 7 and 0 <= x - right < 9:
                expected[:, y, x] = images[:, y - down, x - right]
    # The draws say where a pixel is taken from, so the image moves the other way.
    found = drawn(images, [0, 0, -right / 4, -down / 4], shift=4.0, rotation=0.0, zoom=0.0)
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize(("draw", "quarters"), [(1, 1), (-1, -1), (0.5, 0.5)])
def test_a_turn_is_about_the_middle(draw, quarters, drawn):
    images = _images(2, 8, 8, 1)
    found = drawn(images, [draw, 0, 0, 0], shift=0.0, rotation=90.0, zoom=0.0).astype(int)
    expected = (np.rot90(images, quarters, axes=(1, 2)) if quarters % 1 == 0 else
                scipy.ndimage.rotate(images.astype(float), 90 * quarters, axes=(2, 1),
                                     reshape=False, order=1, mode="grid-constant"))
    assert np.abs(found - expected).max() <= 1  # a sum that is rounded


def test_a_zoom_by_2_leaves_the_middle_and_doubles_distances_from_it(drawn):
    images = _images(2, 9, 9, 1)
    larger = drawn(images, [0, 1, 0, 0], shift=0.0, rotation=0.0, zoom=1.0)
    np.testing.assert_array_equal(larger[:, ::2, ::2], images[:, 2:7, 2:7])
    between = (images[:, 2:6, 4].astype(int) + images[:, 3:7, 4]) / 2
    assert np.abs(larger[:, 1::2, 4] - between).max() <= 1
    smaller = drawn(images, [0, -0.5, 0, 0], shift=0.0, rotation=0.0, zoom=1.0)
    np.testing.assert_array_equal(smaller[:, 2:7, 2:7], images[:, ::2, ::2])
    assert not smaller[:, [0, 1, 7, 8]].any()  # uncovered


def test_all_at_once_it_is_the_affine_transformation_of_scipy(drawn):
    height, width = 12, 10
    images = _images(6, height, width, 2)
    draws = np.random.default_rng(1).uniform(-1, 1, (4, 6))
    found = drawn(images, draws, shift=2.0, rotation=30.0, zoom=0.4).astype(int)
    middle = np.array([height - 1, width - 1]) / 2
    for image, image_found, (turn, zoom, x, y) in zip(images, found, draws.T, strict=True):
        angle, factor = np.deg2rad(30 * turn), 1 + 0.4 * zoom
        matrix = np.array([[np.cos(angle), np.sin(angle)],
                           [-np.sin(angle), np.cos(angle)]]) / factor  # of rows and columns
        offset = middle - matrix @ middle + [2 * y, 2 * x]
        for channel in range(2):
            expected = scipy.ndimage.affine_transform(
                image[..., channel].astype(float), matrix, offset, order=1, mode="grid-constant")
            assert np.abs(image_found[..., channel] - expected).max() <= 1


def test_it_is_a_pure_function_of_the_seed():
    images = _images(3, 28, 28, 1)
    first = augment(images, SEED)
    np.testing.assert_array_equal(first, augment(images, SEED))
    assert (first != augment(images, SEED + 1).numpy()).numpy().any()
    assert first.dtype == tf.uint8


@pytest.mark.parametrize(("sides", "shift"), [((28, 20), 2), ((9, 32), 2), ((64, 33), 4)])
def test_larger_images_are_shifted_further(sides, shift):
    images = _images(2, *sides, 1)
    batch = {"image": tf.constant(images), "label": tf.constant([0, 1])}
    found, labels = augmented(batch, SEED)
    np.testing.assert_array_equal(found, augment(images, SEED, shift=float(shift)))
    assert labels is batch["label"]


def test_of_nothing_it_is_the_image():
    images = _images(3, 8, 8, 1)
    still = augment(images, SEED, shift=0.0, rotation=0.0, zoom=0.0)
    np.testing.assert_array_equal(still, images)
