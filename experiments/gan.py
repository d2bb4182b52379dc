"""Deep convolutional GAN (Radford et al. 2016) that draws images like those of a data set.

    python launch.py --experiment=gan

Both networks learn from one generator pass with the non-saturating loss; small batches and both
rates falling to 0 gave the best samples for the time. The average of the generator is sampled.
Categories that the networks agree on without labels (InfoGAN, Chen et al. 2016) keep the generator
from drawing what lies between two digits; more of them draw more clearly but less variedly. --help
shows the scores, docs/generative-scorecard.md all metrics.
"""

import dataclasses

import keras

from tfmodels import config
from tfmodels.data.load import load
from tfmodels.models import dcgan, dense_gan, gan
from tfmodels.tasks.image_generation import image_generation, interpolations, latent_sampler
from tfmodels.training.collapse import adversarial_faults
from tfmodels.training.schedules import linear_decay


@dataclasses.dataclass(frozen=True)
class Config(config.Config):
    """Settings of a GAN."""

    group = "generate images"

    steps: int = config.field(7200)
    batch_size: int = config.field(32)
    learning_rate: float = config.field(1e-3, "peak step size of the generator's Adam", above=0)
    discriminator_learning_rate: float = config.field(
        5e-4, "peak step size of the discriminator's Adam", above=0)
    architecture: str = config.field("dcgan", "convolutional or fully connected networks",
                                     choices=("dcgan", "dense"))
    loss: str = config.field("non_saturating", "what the networks play for",
                             choices=("non_saturating", "least_squares", "hinge"))
    conditional: bool = config.field(False, "learn from the labels to draw a given class")
    categories: int = config.field(
        10, "kinds of images that the networks agree on without labels (1: none); the classes "
        "with --conditional", minimum=1)
    latent_size: int = config.field(16, "dimension of a latent vector beside the category",
                                    minimum=1)
    generator_width: int = config.field(48, "channels of dcgan at half resolution", minimum=1)
    discriminator_width: int = config.field(32, "channels of dcgan's first layer", minimum=1)
    ema: float = config.field(0.999, "decay per step of the averaged generator that is sampled",
                              minimum=0, maximum=0.99999)
    max_shift: int = config.field(1, "pixels by which the discriminator's images are shifted at "
                                  "random", minimum=0)
    on_collapse: str = config.field(
        "warn", "when samples collapse, the discriminator saturates or a gradient vanishes: log "
        "and go on, leave with code 4, or go back to the last checkpoint and draw other noise "
        "(NaN too; three times at most)", choices=("warn", "stop", "rollback"))
    eval_every: int = config.field(1200)
    checkpoint_every: int = config.field(600)


def build(settings):
    """Returns the task."""
    needs = ("image", "label") if settings.conditional else ("image",)
    data = load(settings.dataset, settings.data_dir, needs=needs, wants=("label",))
    categories = len(data.class_names) if settings.conditional else settings.categories
    noise_size = categories + settings.latent_size
    model = gan.GAN(*networks(settings, data.image_shape, noise_size, categories), settings.loss,
                    settings.conditional, settings.ema, settings.max_shift, settings.seed)
    model.compile(
        generator_optimizer=keras.optimizers.Adam(
            linear_decay(settings.learning_rate, settings.steps), beta_1=0.5),
        discriminator_optimizer=keras.optimizers.Adam(
            linear_decay(settings.discriminator_learning_rate, settings.steps), beta_1=0.5))

    def decode(noise, labels=None):
        if labels is not None:
            noise = gan.with_category(noise, labels, categories)
        return model(noise)

    def show_interpolation(events, step):
        events.image("validation", "latent_interpolation",
                     interpolations(decode, noise_size), step)

    def faults(scalars):
        return adversarial_faults(scalars, len(data.class_names))

    sample = latent_sampler(decode, noise_size, categories if settings.conditional else 0)
    return image_generation(model, sample, data, conditional=settings.conditional,
                            show={"interpolation": show_interpolation}, faults=faults,
                            on_collapse=settings.on_collapse,
                            batch_size=settings.batch_size, seed=settings.seed,
                            memory_limit=settings.memory_limit << 20)


def networks(settings, image_shape, noise_size, categories):
    """Returns the generator and the discriminator."""
    if settings.architecture == "dense":
        return (dense_gan.generator(image_shape, noise_size, categories=categories),
                dense_gan.discriminator(image_shape, categories=categories, seed=settings.seed))
    return (dcgan.generator(image_shape, noise_size, settings.generator_width, categories),
            dcgan.discriminator(image_shape, settings.discriminator_width, categories))
