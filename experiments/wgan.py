"""Wasserstein GAN with gradient penalty (Gulrajani et al. 2017) that draws images.

    python launch.py --experiment=wgan

On mnist_10k: 84% of the samples get more than 0.9 confidence from a classifier of real digits (98%
of the real test digits do), at precision 0.67 and recall 0.72 where real digits reach 0.85 and
0.86; 4.8 minutes on 2 cores of an Intel Xeon with AMX.

The critic gets 2 updates for one of the generator, where the paper takes 5, so that the generator
gets more of them in the time. The rate of each optimizer falls to 0 over its own updates.
"""

import dataclasses

import keras

from tfmodels import config
from tfmodels.data.load import load
from tfmodels.models import dcgan, wgan
from tfmodels.tasks.image_generation import image_generation, interpolations, latent_sampler
from tfmodels.training.collapse import adversarial_faults
from tfmodels.training.schedules import linear_decay


@dataclasses.dataclass(frozen=True)
class Config(config.Config):
    """Settings of a WGAN-GP."""

    steps: int = config.field(5000)
    batch_size: int = config.field(64, "examples in a step; a multiple of critic_steps",
                                   minimum=1)
    learning_rate: float = config.field(5e-4, "peak step size of both Adam optimizers", above=0)
    latent_size: int = config.field(16, "numbers in a latent vector", minimum=1)
    critic_steps: int = config.field(2, "updates of the critic for one of the generator",
                                     minimum=1)
    penalty_weight: float = config.field(10.0, "weight of the gradient penalty", minimum=0)
    generator_width: int = config.field(48, "channels at half resolution", minimum=1)
    critic_width: int = config.field(32, "channels of the first layer", minimum=1)
    ema: float = config.field(0.999, "decay per step of the averaged generator that is sampled",
                              minimum=0, maximum=0.99999)
    on_collapse: str = config.field(
        "warn", "when samples collapse, the critic is flat or too steep or a gradient vanishes: "
        "log and go on, leave with code 4, or go back to the last checkpoint and draw other noise "
        "(NaN too; three times at most)", choices=("warn", "stop", "rollback"))
    eval_every: int = config.field(1000)
    checkpoint_every: int = config.field(500)


def build(settings):
    """Returns the task."""
    config.check_multiple(settings, "batch_size", "critic_steps")
    data = load(settings.dataset, settings.data_dir, needs=("image",), wants=("label",))
    model = wgan.WGANGP(
        dcgan.generator(data.image_shape, settings.latent_size, settings.generator_width),
        wgan.critic(data.image_shape, settings.critic_width), settings.latent_size,
        settings.critic_steps, settings.penalty_weight, settings.ema, settings.seed)

    def adam(updates):  # the moments of algorithm 1
        return keras.optimizers.Adam(linear_decay(settings.learning_rate, updates),
                                     beta_1=0.0, beta_2=0.9)

    model.compile(generator_optimizer=adam(settings.steps),
                  critic_optimizer=adam(settings.steps * settings.critic_steps))

    def decode(noise):
        return model(noise)

    def show_interpolation(events, step):
        events.image("validation", "latent_interpolation",
                     interpolations(decode, settings.latent_size), step)

    def faults(scalars):
        return adversarial_faults(scalars, len(data.class_names))

    return image_generation(model, latent_sampler(decode, settings.latent_size), data,
                            show={"interpolation": show_interpolation}, faults=faults,
                            on_collapse=settings.on_collapse, batch_size=settings.batch_size,
                            seed=settings.seed, memory_limit=settings.memory_limit << 20)
