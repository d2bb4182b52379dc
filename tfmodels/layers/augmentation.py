"""Random affine augmentation of images as a pure function of (images, seed)."""

import math

import tensorflow as tf


def augmented(batch, seed):
    """Returns the augmented images of a batch {"image", "label"} and their labels, for training.

    They are shifted by up to 2 pixels, and by up to a sixteenth of the longer side above 32.
    """
    sides = tf.cast(tf.shape(batch["image"])[1:3], tf.float32)
    shift = tf.maximum(2.0, tf.reduce_max(sides) / 16)
    return augment(batch["image"], seed, shift), batch["label"]


def augment(images, seed, shift=2.0, rotation=10.0, zoom=0.1):
    """Shifts, rotates and zooms each image at random; the same seed gives the same images.

    Being stateless, it keeps a batch a pure function of its seed, such as (seed, step). There are
    no flips, so digits and letters keep their meaning. Uncovered borders become 0 and pixels are
    interpolated bilinearly.

    Args:
        images: uint8 [B, H, W, C] in [0, 255].
        seed: integer [2].
        shift: largest shift along each axis, in pixels.
        rotation: largest rotation either way, in degrees.
        zoom: largest relative change of size, as a fraction: 0.1 means a factor in [0.9, 1.1].

    Returns:
        uint8 [B, H, W, C] in [0, 255].
    """
    shape = tf.shape(images)
    height, width = tf.cast(shape[1], tf.float32), tf.cast(shape[2], tf.float32)
    draws = tf.random.stateless_uniform([4, shape[0]], seed, -1.0, 1.0)  # [4, B] in [-1, 1)
    angle = draws[0] * (rotation * math.pi / 180.0)
    scale = 1.0 / (1.0 + draws[1] * zoom)
    # The op maps an output pixel (x, y) to the input pixel (a x + b y + c, d x + e y + f).
    a, b = scale * tf.cos(angle), -scale * tf.sin(angle)
    d, e = scale * tf.sin(angle), scale * tf.cos(angle)
    middle_x, middle_y = (width - 1.0) / 2.0, (height - 1.0) / 2.0
    c = middle_x - a * middle_x - b * middle_y + draws[2] * shift
    f = middle_y - d * middle_x - e * middle_y + draws[3] * shift
    zeros = tf.zeros_like(a)
    moved = tf.raw_ops.ImageProjectiveTransformV3(
        images=tf.cast(images, tf.float32),
        transforms=tf.stack([a, b, c, d, e, f, zeros, zeros], axis=1),
        output_shape=shape[1:3],
        fill_value=0.0,
        interpolation="BILINEAR",
        fill_mode="CONSTANT",
    )
    return tf.cast(tf.round(moved), tf.uint8)
