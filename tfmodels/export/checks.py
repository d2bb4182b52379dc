"""What an export refuses: checks that are part of its graph, so they hold without this package."""

import tensorflow as tf


def checked(value, condition, expected, got=None):
    """Returns `value`, of which nothing is computed unless a condition holds.

    Args:
        value: a tensor.
        condition: bool []; where it is False an InvalidArgumentError says what was expected.
        expected: text that begins with the input's name and a colon.
        got: tensor to name beside it, `value` if None.
    """
    refuse = tf.debugging.Assert(condition, [f"{expected}, got", value if got is None else got],
                                 summarize=8)
    with tf.control_dependencies([refuse]):
        return tf.identity(value)
