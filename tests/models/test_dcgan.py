"""The networks of DCGAN and of dense GANs."""

import numpy as np
import pytest

from tfmodels.models import dcgan, dense_gan, gan

SHAPES = [(28, 28, 1), (32, 32, 3)]


@pytest.mark.parametrize("shape", SHAPES)
def test_gan_networks_fit_images_of_both_kinds(shape):
    images = dcgan.generator(shape, 5, 4, 3)(np.zeros((2, 5), np.float32))
    assert images.shape == (2, *shape)
    assert [out.shape for out in dcgan.discriminator(shape, 4, 3)(images)] == [(2, 1), (2, 3)]


def test_gan_generator_sees_of_the_first_numbers_only_the_place_of_the_largest():
    draw = dcgan.generator((8, 8, 1), 5, 4, 3)
    noise = np.array([[0.1, 0.9, -2, 1, 1], [-9, 0.3, 0.2, 1, 1], [0.9, 0.1, -2, 1, 1]], np.float32)
    np.testing.assert_array_equal(gan.categories_of(noise, 3), [1, 1, 0])
    first, same, other = draw(noise).numpy()
    np.testing.assert_array_equal(first, same)
    assert np.abs(first - other).max() > 1e-4


@pytest.mark.parametrize("shape", SHAPES)
def test_dense_gan_networks_fit_images_of_both_kinds(shape):
    images = dense_gan.generator(shape, 5, (8, 9), 3)(np.zeros((2, 5), np.float32))
    assert images.shape == (2, *shape)
    assert [out.shape for out in dense_gan.discriminator(shape, (8, 9), 3)(images)] == [
        (2, 1), (2, 3)]
