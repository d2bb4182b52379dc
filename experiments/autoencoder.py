"""Convolutional autoencoder (Hinton & Salakhutdinov 2006) that squeezes images into 32 numbers.

    python launch.py --experiment=autoencoder

Its mean squared error stands beside that of as many principal components; --help shows the score.

Of any size from 8x8: both halves have two strided convolutions up to 32x32 pixels, and one more for
each doubling of the sides, with twice the channels up to eight times. What they cost: docs/data.md
"""

import dataclasses

from tfmodels import config


@dataclasses.dataclass(frozen=True)
class Config(config.Images, config.Config):
    """Settings of an autoencoder."""

    group = "represent"

    steps: int = config.field(1500)
    learning_rate: float = config.field(2e-3)
    code_size: int = config.field(32, "dimension of a code", minimum=1)


def build(settings):
    """Returns the task."""
    import keras

    from tfmodels.models import autoencoder
    from tfmodels.tasks.image_reconstruction import image_reconstruction
    from tfmodels.training.schedules import warmup_cosine

    data = settings.load("image", wants=("label",))
    encoder = autoencoder.encoder(data.image_shape, settings.code_size, seed=settings.seed)
    decoder = autoencoder.decoder(data.image_shape, settings.code_size, seed=settings.seed)
    model = keras.Model(encoder.input, decoder(encoder.output), name="autoencoder")
    model.compile(
        optimizer=keras.optimizers.Adam(warmup_cosine(settings.learning_rate, settings.steps)),
        loss="mse")
    return image_reconstruction(model, encoder, decoder, data)
