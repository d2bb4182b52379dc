"""Wasserstein GAN with gradient penalty (Gulrajani et al. 2017) that draws images.

    python launch.py --experiment=wgan

The critic gets 2 updates for one of the generator, where the paper takes 5, so that the generator
gets more of them in the time. The rate of each optimizer falls to 0 over its own updates. --help
shows the score, docs/generative-scorecard.md all metrics.

Of any size from 8x8: both networks have a stage more for each doubling of the sides beyond 32x32
pixels, with twice the channels up to eight times. What they cost: docs/data.md
"""

import dataclasses

from tfmodels import config


@dataclasses.dataclass(frozen=True)
class Config(config.Adversarial):
    """Settings of a WGAN-GP."""

    steps: int = config.field(5000)
    batch_size: int = config.field(64, "examples in a step; a multiple of critic_steps",
                                   minimum=1)
    learning_rate: float = config.field(5e-4, "peak step size of both Adam optimizers", above=0)
    critic_steps: int = config.field(2, "updates of the critic for one of the generator",
                                     minimum=1)
    penalty_weight: float = config.field(10.0, "weight of the gradient penalty", minimum=0)
    critic_width: int = config.field(32, "channels of the critic's first layer", minimum=1)
    eval_every: int = config.field(1000)
    checkpoint_every: int = config.field(500)


def build(settings):
    """Returns the task."""
    import keras

    from tfmodels.models import dcgan, wgan
    from tfmodels.tasks.latent_generation import latent_generation
    from tfmodels.training.schedules import linear_decay

    config.check_multiple(settings, "batch_size", "critic_steps")
    data = settings.load("image", wants=("label",))
    model = wgan.WGANGP(
        dcgan.generator(data.image_shape, settings.latent_size, settings.generator_width),
        wgan.critic(data.image_shape, settings.critic_width), settings.latent_size,
        settings.critic_steps, settings.penalty_weight, settings.ema, settings.seed)

    def adam(updates):  # the moments of algorithm 1
        return keras.optimizers.Adam(linear_decay(settings.learning_rate, updates),
                                     beta_1=0.0, beta_2=0.9)

    model.compile(generator_optimizer=adam(settings.steps),
                  critic_optimizer=adam(settings.steps * settings.critic_steps))
    return latent_generation(model, data, settings.latent_size, on_collapse=settings.on_collapse)
