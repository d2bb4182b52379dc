"""One vector for a text of many."""

from keras import ops


def mean_of_tokens(x, tokens):
    """Returns the mean vector of each text, padding left out, and 0 where there is nothing else.

    Args:
        x: float [B, T, D].
        tokens: int32 [B, T], 0 for padding.

    Returns:
        float [B, D].
    """
    real = ops.cast(ops.not_equal(tokens, 0), x.dtype)[..., None]  # [B, T, 1]
    return ops.sum(x * real, axis=1) / ops.maximum(ops.sum(real, axis=1), 1)
