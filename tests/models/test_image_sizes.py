"""Which sizes of images the models take."""

import pytest

from tfmodels.errors import InputError
from tfmodels.models import autoencoder, dcgan


def test_models_say_which_sizes_they_take():
    for build in (autoencoder.encoder, autoencoder.decoder, dcgan.generator):
        with pytest.raises(InputError, match="37x41 pixels.*multiples of 4.*nearest is 36x40"):
            build((37, 41, 1), 16)
    with pytest.raises(InputError, match="at least 4; the nearest is 4x8"):
        autoencoder.encoder((2, 7, 3), 8)
    with pytest.raises(InputError, match="at least 8; the nearest is 8x12"):
        dcgan.generator((4, 12, 3))
