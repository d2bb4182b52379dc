"""Denoising diffusion (Ho et al. 2020) that draws images like those of a data set, by class.

    python launch.py --experiment=diffusion

A small U-Net learns to tell noise from image at any fraction of noise; an average of it takes 25
steps from pure noise to an image. A little guidance makes samples clearer, more of it makes them
alike: 0.2 had the lowest Fréchet distance on the validation split, of 0, 0.2 and 0.5. --help shows
the score, docs/generative-scorecard.md all metrics.
"""

import dataclasses
import itertools

import keras
import numpy as np
import tensorflow as tf

from tfmodels import config
from tfmodels.data.load import load
from tfmodels.evaluation import pictures
from tfmodels.models.diffusion import Diffusion
from tfmodels.models.unet import unet
from tfmodels.tasks.image_generation import image_generation, sampler, to_pixels
from tfmodels.training.schedules import warmup_cosine

_STRIP = 10  # columns of the picture of a sampling


@dataclasses.dataclass(frozen=True)
class Config(config.Config):
    """Settings of a diffusion model."""

    group = "generate images"

    steps: int = config.field(4500)
    batch_size: int = config.field(64)
    learning_rate: float = config.field(2e-3)
    width: int = config.field(32, "channels at half resolution", minimum=1)
    depth: int = config.field(1, "residual blocks on each way at each resolution", minimum=1)
    conditional: bool = config.field(True, "learn the classes too, where the data set has labels")
    label_dropout: float = config.field(0.1, "fraction of the labels hidden in training", minimum=0,
                                        maximum=0.9)
    guidance: float = config.field(0.2, "how far samples lean towards their class; without "
                                   "classes it does nothing", minimum=0)
    sampling_steps: int = config.field(25, "passes of the network to draw an image", minimum=1)
    ema: float = config.field(0.999, "decay per step of the averaged network that is sampled",
                              minimum=0, maximum=0.99999)
    weight_decay: float = config.field(0.01, "weight decay of AdamW per step, "
                                       "times the learning rate", minimum=0)
    eval_every: int = config.field(1500)
    checkpoint_every: int = config.field(500)


def build(settings):
    """Returns the task."""
    data = load(settings.dataset, settings.data_dir, needs=("image",), wants=("label",))
    classes = len(data.class_names) if settings.conditional else 0
    model = Diffusion(unet(data.image_shape, classes, settings.width, settings.depth), classes,
                      settings.label_dropout, settings.ema, settings.seed)
    model.compile(
        optimizer=keras.optimizers.AdamW(warmup_cosine(settings.learning_rate, settings.steps),
                                         weight_decay=settings.weight_decay),
        jit_compile=False)  # XLA makes convolutions about six times slower on a CPU
    times = np.linspace(1, 0, settings.sampling_steps + 1, dtype=np.float32)

    def noise_of(count, seed):
        return tf.ensure_shape(tf.random.stateless_normal(
            tf.stack([count, *data.image_shape]), seed), [None, *data.image_shape])

    def draw(count, seed, labels=None):
        return model.draw(noise_of(count, seed), labels, settings.guidance, times)

    def show_denoising(events, step):
        events.image("validation", "denoising", denoising(model, noise_of(10, [0, 0]), times,
                                                          settings.guidance), step)

    return image_generation(model, sampler(draw, classes), data, conditional=bool(classes),
                            show={"denoising": show_denoising},
                            batch_size=settings.batch_size, seed=settings.seed,
                            memory_limit=settings.memory_limit << 20)


def denoising(model, noise, times, guidance):
    """Returns a picture whose rows lead from noise to an image, [rows H, columns W, C]."""
    labels = tf.range(len(noise)) % max(1, model.classes)
    stops = np.unique(np.linspace(0, len(times) - 1, _STRIP).round().astype(int))
    columns = [noise]
    for first, last in itertools.pairwise(stops):
        columns.append(model.draw(columns[-1], labels, guidance, times[first:last + 1]))
    images = to_pixels(tf.reshape(tf.stack(columns, 1), [-1, *noise.shape[1:]]))
    return pictures.grid(images.numpy(), columns=len(columns))
