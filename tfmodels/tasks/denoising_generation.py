"""Image generation by a diffusion model: from noise to an image in some steps."""

import itertools

import numpy as np
import tensorflow as tf

from tfmodels.evaluation import pictures
from tfmodels.layers.scaling import from_signed
from tfmodels.tasks.image_generation import image_generation, labels_of, sampler
from tfmodels.tasks.portable import Portable, function

_STRIP = 10  # columns of the picture of a sampling


def denoising_generation(model, data, steps, guidance):
    """Makes the task of a compiled `Diffusion`.

    Args:
        model: it learns the classes of the data set if its `classes` are not 0.
        data: a `Dataset` with image, with classes label too.
        steps: passes of the network to draw an image.
        guidance: how far samples lean towards their class, 0 or more.

    Returns:
        A `Task` as of `image_generation`; the way from noise to image is drawn too.
    """
    times = np.linspace(1, 0, steps + 1, dtype=np.float32)

    def noise_of(count, seed):
        return tf.ensure_shape(tf.random.stateless_normal(
            tf.stack([count, *data.image_shape]), seed), [None, *data.image_shape])

    def draw(count, seed, labels=None):
        return model.draw(noise_of(count, seed), labels, guidance, times)

    def generate(noise, labels=None):
        return {"images": from_signed(model.draw(noise, labels, guidance, times))}

    def served(found):
        def sample(count, seed, labels=()):
            asked = ({"labels": labels_of(count, seed, labels, model.classes)} if model.classes
                     else {})
            return found["generate"](noise=noise_of(count, tf.stack([seed, 0])), **asked)
        return {"sample": sample}

    classes = {"labels": ([None], tf.int32)} if model.classes else {}

    def show_denoising(events, step):
        events.image("validation", "denoising", denoising(model, noise_of(10, [0, 0]), times,
                                                          guidance), step)

    return image_generation(model, sampler(draw, model.classes), data,
                            conditional=bool(model.classes),
                            portable=Portable({"generate": function(
                                generate, noise=([None, *data.image_shape], tf.float32),
                                **classes)}, served),
                            show={"denoising": show_denoising},
                            passes=steps * (2 if guidance and model.classes else 1))


def denoising(model, noise, times, guidance):
    """Returns a picture whose rows lead from noise to an image, [rows H, columns W, C]."""
    labels = tf.range(len(noise)) % max(1, model.classes)
    stops = np.unique(np.linspace(0, len(times) - 1, _STRIP).round().astype(int))
    columns = [noise]
    for first, last in itertools.pairwise(stops):
        columns.append(model.draw(columns[-1], labels, guidance, times[first:last + 1]))
    images = from_signed(tf.reshape(tf.stack(columns, 1), [-1, *noise.shape[1:]]))
    return pictures.grid(images.numpy(), columns=len(columns))
