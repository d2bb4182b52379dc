"""Which way a score is better."""

_LOWER = frozenset([
    "rmse", "mae", "mse", "perplexity", "bits_per_char", "kl", "frechet_distance",
    "kernel_distance", "near_copy_share", "gradient_penalty"])


def lower_is_better(name):
    """Tells whether less of a score is better, as of losses, errors and distances.

    Args:
        name: plain, such as `accuracy`.
    """
    return name in _LOWER or name.endswith("loss")
