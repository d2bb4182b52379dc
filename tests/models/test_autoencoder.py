"""The autoencoder's halves."""

import numpy as np
import pytest

from tfmodels.models import autoencoder

SHAPES = [(28, 28, 1), (32, 32, 3)]


def _images(shape, count=3):
    return np.random.default_rng(0).integers(0, 256, (count, *shape)).astype(np.uint8)


@pytest.mark.parametrize("shape", SHAPES)
def test_autoencoder_goes_through_the_code(shape):
    encoder, decoder = autoencoder.encoder(shape, 32), autoencoder.decoder(shape, 32)
    codes = encoder(_images(shape))
    restored = decoder(codes)
    assert codes.shape == (3, 32)
    assert restored.shape == (3, *shape)
    assert 0 <= np.min(restored) <= np.max(restored) <= 1
