"""Image generation by a latent variable model, which bounds the likelihood of images too."""

import dataclasses

import numpy as np
import tensorflow as tf

from tfmodels.data.parts import in_parts, part_size, parts
from tfmodels.evaluation import baselines, effort, held_out, latents, pictures
from tfmodels.export.checks import checked
from tfmodels.layers.scaling import from_signed
from tfmodels.tasks.image_generation import image_generation
from tfmodels.tasks.latent_generation import latent_portable, latent_sampler

_DRAWN = 50  # latent vectors per image of the importance-weighted bound
_BATCH = 250


def image_likelihood(model, data, latent_size):
    """Makes the task of a compiled `VAE`.

    Args:
        model: its train_step takes uint8 images [B, H, W, C].
        data: a `Dataset` with image.
        latent_size: Z.

    Returns:
        A `Task`. Beside `sample` it exports `serving_default` (reconstructions), `encode`,
        `decode` and `bounds`; its scores are those of samples and, in nats per image, `elbo` with
        its two parts `log_likelihood` and `kl`, and `importance_bound`. The baseline of `elbo` is
        a distribution of independent pixels.
    """
    train, validation = data.splits["train"], data.splits["validation"]
    at_once = part_size(_BATCH, data.image_shape)
    images_spec = tf.TensorSpec([None, *data.image_shape], tf.uint8, "inputs")
    codes_spec = tf.TensorSpec([None, latent_size], tf.float32, "codes")

    def draw(codes):
        return model(codes) * 2 - 1

    @tf.function(input_signature=[images_spec], autograph=False)
    def reconstruct(inputs):
        return {"images": from_signed(draw(model.encode(inputs)[0]))}

    @tf.function(input_signature=[images_spec], autograph=False)
    def encode(inputs):
        return dict(zip(("codes", "log_variance"), model.encode(inputs), strict=True))

    @tf.function(input_signature=[codes_spec], autograph=False)
    def decode(codes):
        codes = checked(codes, tf.reduce_all(tf.math.is_finite(codes)),
                        "codes: expected finite numbers")
        return {"images": from_signed(draw(codes))}

    @tf.function(input_signature=[images_spec, tf.TensorSpec([], tf.int32, "seed")],
                 autograph=False)
    def bounds(inputs, seed):
        return model.bounds(inputs, tf.stack([seed, 0]), _DRAWN)

    def bounded(split):
        images = held_out.examples(split)["image"]
        return images[:effort.affordable(len(images), data.image_shape, 1 + _DRAWN,
                                         effort.BOUNDED)]

    def notes(split):
        return held_out.notes(split) + effort.note(
            len(bounded(split)), held_out.scored(split), data.image_shape, 1 + _DRAWN,
            "test images have their likelihood bounded")

    def evaluate(signatures, split):
        if "bounds" not in signatures:  # where no random numbers can be drawn
            return {}
        images = bounded(split)
        found = [signatures["bounds"](inputs=tf.constant(some), seed=tf.constant(first))
                 for first, some in parts(at_once, images)]
        means = {name: float(np.concatenate([part[name] for part in found]).mean())
                 for name in found[0]}
        return {"elbo": means["log_likelihood"] - means["kl"], **means}

    def compare(split):
        return {"independent_pixels": lambda: baselines.independent_pixels(
            baselines.first_images(train), bounded(split), model.likelihood,
            train.size)}

    def show_reconstructions(events, step):
        images = validation.head(20)["image"]
        restored = reconstruct(images)["images"].numpy()
        events.image("validation", "reconstructions", pictures.beside(images, restored), step)

    def show_latents(events, step):
        mean, log_variance = (value.numpy() for value in model.encode(
            validation.head(at_once)["image"]))
        order = latents.most_used(mean, log_variance)
        for tag, codes in (("latent_traversals", latents.traversals(mean[0], order)),
                           ("latent_manifold", latents.manifold(latent_size, order))):
            drawn = in_parts(lambda part: decode(part)["images"], codes, at_once)
            events.image("validation", tag, pictures.grid(drawn, latents.COLUMNS), step)

    generator = latent_portable(draw, latent_size)
    signatures = {"serving_default": reconstruct, "encode": encode, "decode": decode}
    portable = dataclasses.replace(generator, signatures=signatures | generator.signatures)
    return image_generation(
        model, latent_sampler(draw, latent_size), data, evaluate=evaluate, compare=compare,
        notes=notes, portable=portable, signatures=signatures | {"bounds": bounds},
        show={"reconstructions": show_reconstructions, "latents": show_latents})
