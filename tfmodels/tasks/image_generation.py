"""Image generation: draw images like those of a data set."""

import tensorflow as tf

from tfmodels.data.batches import training_batches
from tfmodels.evaluation import baselines, generation, pictures
from tfmodels.tasks.task import Task

_VALIDATED = 2000  # images drawn for a validation, or the split's size when that is smaller
_SCORED = 5000  # images drawn for the scorecard, or two and a half times the split's size
_BATCH = 500


def image_generation(model, generator, data, latent_size, *, batch_size, seed, memory_limit):
    """Makes the task of an image generator.

    Args:
        model: compiled; its train_step takes float32 images [B, H, W, C] in [-1, 1].
        generator: float32 latent vectors [B, Z] -> float32 images [B, H, W, C] in [-1, 1].
        data: a `Dataset` with image.
        latent_size: Z.
        batch_size: examples in a training step.
        seed: of the order of examples.
        memory_limit: bytes of decoded training data to keep in memory.

    Returns:
        A `Task`; its baselines are real training images (the floor) and a Gaussian of pixels.
    """
    train = data.splits["train"]

    def prepare(batch, _):
        return tf.cast(batch["image"], tf.float32) / 127.5 - 1.0

    def draw(signatures, count):
        return tf.concat([
            signatures["sample"](count=tf.constant(min(_BATCH, count - first)),
                                 seed=tf.constant(first))["images"]
            for first in range(0, count, _BATCH)], 0).numpy()

    def evaluate(signatures, split):
        real = split.arrays()["image"]
        return generation.scores(draw(signatures, min(_VALIDATED, len(real))), real,
                                 data.class_names)

    def final(signatures, split):
        real, known = split.arrays()["image"], train.head(baselines.TRAINED_ON)["image"]
        return generation.scorecard(draw(signatures, min(_SCORED, len(real) * 5 // 2)), real,
                                    known, data.class_names)

    def compare(split):
        real, known = split.arrays()["image"], train.head(baselines.TRAINED_ON)["image"]
        return generation.baseline_metrics(min(_SCORED, len(real) * 5 // 2), real, known,
                                           data.class_names)

    def show(events, step):
        samples = signatures["sample"](count=tf.constant(64), seed=tf.constant(0))["images"]
        events.image("validation", "samples", pictures.grid(samples.numpy()), step)
        rows = [_between(tf.random.stateless_normal([2, latent_size], [row, 1]), 10)
                for row in range(8)]
        path = decode(tf.concat(rows, 0))
        events.image("validation", "latent_interpolation",
                     pictures.grid(path.numpy(), columns=10), step)

    def decode(latents):
        return to_pixels(generator(latents, training=False))

    signatures = {"sample": sampler(decode, latent_size)}
    return Task(model=model, data=data, prepare=prepare, signatures=signatures, evaluate=evaluate,
                final=final, baselines=compare, show=show,
                batches=training_batches(train, batch_size, seed, memory_limit=memory_limit))


def sampler(decode, latent_size):
    """Returns the tf.function that draws images.

    Args:
        decode: float32 latent vectors [B, Z] -> uint8 images [B, H, W, C].
        latent_size: Z.

    Returns:
        count int32 [], seed int32 [] -> {images: uint8 [count, H, W, C]}; equal seeds give equal
        images.
    """
    scalar = tf.TensorSpec([], tf.int32)

    @tf.function(input_signature=[scalar, scalar], autograph=False)
    def sample(count, seed):
        latents = tf.random.stateless_normal(tf.stack([count, latent_size]), tf.stack([seed, 0]))
        return {"images": decode(tf.ensure_shape(latents, [None, latent_size]))}
    return sample


def to_pixels(images):
    """Returns float images in [-1, 1] as uint8 in [0, 255]."""
    return tf.cast(tf.round(tf.clip_by_value(tf.cast(images, tf.float32), -1, 1) * 127.5 + 127.5),
                   tf.uint8)


def _between(ends, count):
    """Returns `count` points on the arc between two latent vectors, [2, Z] -> [count, Z].

    Spherical interpolation (White 2016): on a straight line the norm would shrink in the middle,
    where a Gaussian has hardly any mass.
    """
    norms = tf.norm(ends, axis=1, keepdims=True)
    first, last = tf.unstack(ends / norms)
    angle = tf.acos(tf.clip_by_value(tf.reduce_sum(first * last), -0.9999, 0.9999))
    share = tf.linspace(0.0, 1.0, count)[:, None]
    direction = (tf.sin((1 - share) * angle) * first + tf.sin(share * angle) * last) / tf.sin(angle)
    return direction * ((1 - share) * norms[0] + share * norms[1])
