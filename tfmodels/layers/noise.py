"""Stateless random seeds from a SeedGenerator, whose state a checkpoint holds."""

import tensorflow as tf


def next_seeds(generator, count):
    """Returns the next `count` stateless seeds, int32 [2] each, different on every replica.

    Args:
        generator: `keras.random.SeedGenerator`; its state advances by one.
        count: how many.
    """
    # Every replica sees the same state; without its number all of them would draw the same noise.
    replica = tf.distribute.get_replica_context().replica_id_in_sync_group
    seed = tf.random.experimental.stateless_fold_in(
        tf.cast(generator.next(), tf.int32), replica)
    return tf.unstack(tf.random.experimental.stateless_split(seed, count))
