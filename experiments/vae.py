"""Variational autoencoder (Kingma & Welling 2014) that draws images and bounds their likelihood.

    python launch.py --experiment=vae

The pixels' grey values are taken as probabilities, so that the bound is comparable with others of
grey digits only. Samples are drawn from the prior and are blurred, as samples of this model are.
--help shows the score, docs/generative-scorecard.md all metrics.

Of any size from 8x8: both networks have two strided convolutions up to 32x32 pixels, and one more
for each doubling of the sides, with twice the channels up to eight times. What they cost:
docs/data.md
"""

import dataclasses

from tfmodels import config


@dataclasses.dataclass(frozen=True)
class Config(config.Images, config.Config):
    """Settings of a variational autoencoder."""

    group = "generate images"

    steps: int = config.field(3000)
    learning_rate: float = config.field(2e-3)
    latent_size: int = config.field(20, "dimension of a latent vector", minimum=1)
    likelihood: str = config.field("bernoulli", "of a pixel in [0, 1]",
                                   choices=("bernoulli", "gaussian"))
    beta: float = config.field(1.0, "weight of the Kullback-Leibler term", minimum=0)
    eval_every: int = config.field(1000)


def build(settings):
    """Returns the task."""
    import keras

    from tfmodels.models import autoencoder
    from tfmodels.models.vae import VAE
    from tfmodels.tasks.image_likelihood import image_likelihood
    from tfmodels.training.schedules import warmup_cosine

    data = settings.load("image", wants=("label",))
    model = VAE(
        autoencoder.encoder(data.image_shape, 2 * settings.latent_size, seed=settings.seed),
        autoencoder.decoder(data.image_shape, settings.latent_size, activation="linear",
                            seed=settings.seed),
        settings.likelihood, settings.beta, settings.seed)
    model.compile(
        optimizer=keras.optimizers.Adam(warmup_cosine(settings.learning_rate, settings.steps)))
    return image_likelihood(model, data, settings.latent_size)
