"""Denoising diffusion (Ho et al. 2020) that draws images like those of a data set, by class.

    python launch.py --experiment=diffusion

A small U-Net learns to tell noise from image at any fraction of noise; an average of it takes 25
steps from pure noise to an image. A little guidance makes samples clearer, more of it makes them
alike: 0.2 had the lowest Fréchet distance on the validation split, of 0, 0.2 and 0.5. --help shows
the score, docs/generative-scorecard.md all metrics.

Of any size from 8x8: the U-Net has two resolutions up to 32x32 pixels, and one more for each
doubling of the sides, with twice the channels up to eight times; the lowest alone has attention.
Drawing large images takes long, see docs/data.md; fewer --sampling_steps take less.
"""

import dataclasses

from tfmodels import config


@dataclasses.dataclass(frozen=True)
class Config(config.Averaged, config.WeightDecay, config.Images, config.Config):
    """Settings of a diffusion model."""

    group = "generate images"

    steps: int = config.field(4500)
    batch_size: int = config.field(64)
    learning_rate: float = config.field(2e-3)
    width: int = config.field(32, "channels at half resolution; double at each lower "
                              "one, up to 8 times", minimum=1)
    depth: int = config.field(1, "residual blocks on each way at each resolution", minimum=1)
    conditional: bool = config.field(True, "learn the classes too, where the data set has labels")
    label_dropout: float = config.field(0.1, "fraction of the labels hidden in training",
                                        minimum=0, maximum=0.9)
    guidance: float = config.field(0.2, "how far samples lean towards their class; without "
                                   "classes it does nothing", minimum=0)
    sampling_steps: int = config.field(25, "passes of the network to draw an image", minimum=1)
    eval_every: int = config.field(1500)
    checkpoint_every: int = config.field(500)


def build(settings):
    """Returns the task."""
    import keras

    from tfmodels.models.diffusion import Diffusion
    from tfmodels.models.unet import unet
    from tfmodels.tasks.denoising_generation import denoising_generation
    from tfmodels.training.schedules import warmup_cosine

    data = settings.load("image", wants=("label",))
    classes = len(data.class_names) if settings.conditional else 0
    model = Diffusion(unet(data.image_shape, classes, settings.width, settings.depth), classes,
                      settings.label_dropout, settings.ema, settings.seed)
    model.compile(
        optimizer=keras.optimizers.AdamW(warmup_cosine(settings.learning_rate, settings.steps),
                                         weight_decay=settings.weight_decay))
    return denoising_generation(model, data, settings.sampling_steps, settings.guidance)
