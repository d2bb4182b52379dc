"""Deep convolutional GAN (Radford et al. 2016) that draws images like those of a data set.

    python launch.py --experiment=gan
"""

import dataclasses

import keras

from experiments import config
from tfmodels import gan
from tfmodels.data.load import load
from tfmodels.tasks.image_generation import image_generation


@dataclasses.dataclass(frozen=True)
class Config(config.Config):
    """Settings of a DCGAN."""

    steps: int = config.field(3000)
    batch_size: int = config.field(64)
    learning_rate: float = config.field(2e-4)
    latent_size: int = config.field(64, "numbers in a latent vector", minimum=1)
    width: int = config.field(64, "channels of the widest image-sized layer", minimum=4)
    eval_every: int = config.field(500)


def build(settings):
    """Returns the task."""
    data = load(settings.dataset, settings.data_dir, needs=("image",))
    model = gan.GAN(
        gan.generator(data.image_shape, settings.latent_size, settings.width),
        gan.discriminator(data.image_shape, settings.width),
        settings.latent_size, seed=settings.seed)
    model.compile(
        generator_optimizer=keras.optimizers.Adam(settings.learning_rate, beta_1=0.5),
        discriminator_optimizer=keras.optimizers.Adam(settings.learning_rate, beta_1=0.5))
    return image_generation(model, model.averaged_generator, data, settings.latent_size,
                            batch_size=settings.batch_size, seed=settings.seed,
                            memory_limit=settings.memory_limit << 20)
