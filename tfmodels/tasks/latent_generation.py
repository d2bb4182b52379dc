"""Image generation from latent vectors of normal noise, by networks trained against another."""

import tensorflow as tf

from tfmodels.evaluation import pictures
from tfmodels.layers.scaling import from_signed
from tfmodels.tasks.image_generation import image_generation, labels_of, sampler
from tfmodels.tasks.portable import Portable, function
from tfmodels.training.collapse import adversarial_faults


def latent_generation(model, data, latent_size, *, classes=0, on_collapse="warn"):
    """Makes the task of a compiled adversarial generator.

    Args:
        model: float32 latent vectors [B, Z] -> float images [B, H, W, C] in [-1, 1]; with classes
            it takes `labels` int32 [B] too. Its train_step takes what that of
            `image_generation` does.
        data: a `Dataset` with image, with classes label too.
        latent_size: Z.
        classes: number of classes that can be asked for, 0 for an unconditional generator.
        on_collapse: as of `Task`.

    Returns:
        A `Task` as of `image_generation`; interpolations are drawn too.
    """
    def show_interpolation(events, step):
        events.image("validation", "latent_interpolation", interpolations(model, latent_size), step)

    def faults(scalars):
        return adversarial_faults(scalars, len(data.class_names))

    return image_generation(
        model, latent_sampler(model, latent_size, classes), data, conditional=bool(classes),
        portable=latent_portable(model, latent_size, classes),
        show={"interpolation": show_interpolation}, faults=faults, on_collapse=on_collapse)


def latent_sampler(decode, latent_size, classes=0):
    """Returns the `sampler` of a generator that maps normal noise to images.

    Args:
        decode: float32 latent vectors [B, Z] -> float images [B, H, W, C] in [-1, 1]; with
            classes (latent vectors, labels int32 [B]).
        latent_size: Z.
        classes: number of classes, 0 for an unconditional generator.
    """
    def draw(count, seed, *labels):
        noise = tf.random.stateless_normal(tf.stack([count, latent_size]), seed)
        return decode(tf.ensure_shape(noise, [None, latent_size]), *labels)
    return sampler(draw, classes)


def latent_portable(decode, latent_size, classes=0):
    """Returns the `Portable` of such a generator: `generate` takes the noise instead of a seed."""
    def generate(noise, **labels):
        return {"images": from_signed(decode(noise, **labels))}

    def served(found):
        def sample(count, seed, labels=()):
            noise = tf.random.stateless_normal(tf.stack([count, latent_size]), tf.stack([seed, 0]))
            asked = {"labels": labels_of(count, seed, labels, classes)} if classes else {}
            return found["generate"](noise=noise, **asked)
        return {"sample": sample}
    labels = {"labels": ([None], tf.int32)} if classes else {}
    return Portable({"generate": function(
        generate, noise=([None, latent_size], tf.float32), **labels)}, served)


def interpolations(decode, latent_size, rows=8, columns=10):
    """Returns a picture whose rows walk from one random latent vector to another.

    Args:
        decode: float32 latent vectors [B, Z] -> float images [B, H, W, C] in [-1, 1].
        latent_size: Z.
    """
    paths = [_between(tf.random.stateless_normal([2, latent_size], [row, 1]), columns)
             for row in range(rows)]
    return pictures.grid(from_signed(decode(tf.concat(paths, 0))).numpy(), columns=columns)


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
