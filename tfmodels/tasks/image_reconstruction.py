"""Image reconstruction: squeeze images into short codes and restore them."""

import numpy as np
import tensorflow as tf

from tfmodels.data.parts import in_parts, part_size
from tfmodels.data.sources import Examples
from tfmodels.evaluation import baselines, held_out, pictures
from tfmodels.export.checks import checked
from tfmodels.layers.scaling import from_unit, to_unit
from tfmodels.tasks.portable import Portable
from tfmodels.tasks.task import Task

_BATCH = 500
_THUMBNAIL = 64  # longest side in the Projector; TensorBoard shows no picture of all above 8192


def image_reconstruction(model, encoder, decoder, data, shown=20, projected=500):
    """Makes the task of a compiled autoencoder.

    Args:
        model: functional, compiled; uint8 [B, H, W, C] -> float32 [B, H, W, C] in [0, 1].
        encoder: uint8 [B, H, W, C] -> float32 codes [B, Z].
        decoder: float32 codes [B, Z] -> float32 [B, H, W, C] in [0, 1].
        data: a `Dataset` with image.
        shown: validation images drawn above their reconstructions.
        projected: validation codes shown in the Projector.

    Returns:
        A `Task`; its baseline is PCA with as many components as the code has dimensions.
    """
    train, validation = data.splits["train"], data.splits["validation"]
    code_size = encoder.output_shape[-1]
    at_once = part_size(_BATCH, data.image_shape)
    images_spec = tf.TensorSpec([None, *data.image_shape], tf.uint8, "inputs")
    codes_spec = tf.TensorSpec([None, code_size], tf.float32, "codes")

    def prepare(batch, _):
        return batch["image"], to_unit(batch["image"])

    @tf.function(input_signature=[images_spec], autograph=False)
    def reconstruct(inputs):
        return {"images": from_unit(model(inputs, training=False))}

    @tf.function(input_signature=[images_spec], autograph=False)
    def encode(inputs):
        return {"codes": tf.cast(encoder(inputs, training=False), tf.float32)}

    @tf.function(input_signature=[codes_spec], autograph=False)
    def decode(codes):
        codes = checked(codes, tf.reduce_all(tf.math.is_finite(codes)),
                        "codes: expected finite numbers")
        return {"images": from_unit(decoder(codes, training=False))}

    def evaluate(signatures, split):
        images = held_out.examples(split)["image"]

        def squared_errors(part):
            restored = signatures["serving_default"](inputs=tf.constant(part))["images"].numpy()
            return np.mean((part / 255.0 - restored / 255.0) ** 2, axis=(1, 2, 3))
        return {"mse": float(np.mean(in_parts(squared_errors, images, at_once)))}

    def final(signatures, split):
        return {"metrics": evaluate(signatures, split), "notes": held_out.notes(split)}

    def show_reconstructions(events, step):
        images = validation.head(shown)["image"]
        restored = reconstruct(tf.constant(images))["images"].numpy()
        events.image("validation", "reconstructions", pictures.beside(images, restored), step)

    def show_codes(events, step):
        arrays = validation.head(projected)
        images = arrays["image"]
        labels = arrays.get("label", np.zeros(len(images), int))
        codes = in_parts(lambda part: encode(tf.constant(part))["codes"], images, at_once)
        events.embedding("validation", "codes", codes,
                         [data.class_names[label] if data.class_names else "-"
                          for label in labels], pictures.thumbnails(images, _THUMBNAIL))

    def compare(split):
        return {"pca": lambda: baselines.pca(
            baselines.first_images(train), held_out.examples(split)["image"], code_size,
            train.size)}

    signatures = {"serving_default": reconstruct, "encode": encode, "decode": decode}
    return Task(model=model, data=data, source=Examples(train), prepare=prepare,
                evaluate=evaluate, final=final, baselines=compare,
                signatures=signatures, portable=Portable(signatures),
                show={"reconstructions": show_reconstructions, "codes": show_codes})
