"""Exponential moving averages of a network's weights."""

import keras
import tensorflow as tf


def averaged_copy(network):
    """Returns a copy of a network that starts from its weights and is not trained itself."""
    copy = keras.models.clone_model(network)
    copy.set_weights(network.get_weights())
    copy.trainable = False
    return copy


def update_average(averaged, network, decay, step):
    """Moves every variable of `averaged`, moving statistics too, towards that of `network`.

    averaged += (1 - decay) (current - averaged). A shorter memory at the start forgets the initial
    weights, as in tf.train.ExponentialMovingAverage.

    Args:
        averaged: made by `averaged_copy`.
        network: the trained network.
        decay: in [0, 1) per step; 0 copies the network.
        step: steps done.
    """
    step = tf.cast(step, "float32")
    decay = tf.minimum(decay, (1 + step) / (10 + step))
    for average, current in zip(averaged.variables, network.variables, strict=True):
        average.assign_add((1 - decay) * (current - average))
