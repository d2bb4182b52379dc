"""Pixels, uint8 in [0, 255], as the numbers that networks compute with, and back.

Every model takes uint8 and scales it itself, so that training, an export and a user give it the
same.
"""

import tensorflow as tf


def to_unit(images):
    """Returns uint8 images as float32 in [0, 1]."""
    return tf.cast(images, tf.float32) / 255


def to_signed(images):
    """Returns uint8 images as float32 in [-1, 1]."""
    return tf.cast(images, tf.float32) / 127.5 - 1.0


def from_unit(images):
    """Returns float images in [0, 1] as uint8."""
    return tf.cast(tf.round(tf.clip_by_value(tf.cast(images, tf.float32), 0, 1) * 255), tf.uint8)


def from_signed(images):
    """Returns float images in [-1, 1] as uint8."""
    return tf.cast(tf.round(tf.clip_by_value(tf.cast(images, tf.float32), -1, 1) * 127.5 + 127.5),
                   tf.uint8)
