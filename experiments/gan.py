"""Deep convolutional GAN (Radford et al. 2016) that draws images like those of a data set.

    python launch.py --experiment=gan

Both networks learn from one generator pass, and its moving average is sampled. Categories that they
agree on without labels (InfoGAN, Chen et al. 2016) keep it from drawing what lies between digits.

Of any size from 8x8: dcgan draws from a quarter of the sides up to 32x32 pixels, and gets a stage
for each doubling of them beyond, with twice the channels up to eight times. dense sees and draws
images above 64x64 at half, above 128x128 at a quarter of the sides. What they cost: docs/data.md
"""

import dataclasses

from tfmodels import config


@dataclasses.dataclass(frozen=True)
class Config(config.Adversarial):
    """Settings of a GAN."""

    steps: int = config.field(7200)
    batch_size: int = config.field(32)
    learning_rate: float = config.field(1e-3, "peak step size of the generator's Adam", above=0)
    discriminator_learning_rate: float = config.field(5e-4, "that of the discriminator's", above=0)
    architecture: str = config.field("dcgan", "kind of networks", choices=("dcgan", "dense"))
    loss: str = config.field("non_saturating", "what the networks play for",
                             choices=("non_saturating", "least_squares", "hinge"))
    conditional: bool = config.field(False, "learn from the labels to draw a given class")
    categories: int = config.field(
        10, "kinds of images that the networks agree on without labels (1: none); the classes "
        "with --conditional", minimum=1)
    discriminator_width: int = config.field(32, "channels of dcgan's first layer", minimum=1)
    max_shift: int = config.field(1, "most pixels by which images are shifted", minimum=0)
    eval_every: int = config.field(1200)
    checkpoint_every: int = config.field(600)


def build(settings):
    """Returns the task."""
    import keras

    from tfmodels.models import dcgan, dense_gan, gan
    from tfmodels.tasks.latent_generation import latent_generation
    from tfmodels.training.schedules import linear_decay

    labels = ("label",) if settings.conditional else ()
    data = settings.load("image", *labels, wants=("label",))
    kinds = len(data.class_names) if settings.conditional else settings.categories
    noise_size = kinds + settings.latent_size
    if settings.architecture == "dense":
        generator = dense_gan.generator(data.image_shape, noise_size, categories=kinds)
        discriminator = dense_gan.discriminator(data.image_shape, categories=kinds,
                                                seed=settings.seed)
    else:
        generator = dcgan.generator(data.image_shape, noise_size, settings.generator_width, kinds)
        discriminator = dcgan.discriminator(data.image_shape, settings.discriminator_width, kinds)
    model = gan.GAN(generator, discriminator, settings.loss, settings.conditional, settings.ema,
                    settings.max_shift, settings.seed)
    rates = settings.learning_rate, settings.discriminator_learning_rate
    model.compile(*(keras.optimizers.Adam(linear_decay(rate, settings.steps), beta_1=0.5)
                    for rate in rates))
    return latent_generation(model, data, noise_size, classes=kinds if settings.conditional else 0,
                             on_collapse=settings.on_collapse)
