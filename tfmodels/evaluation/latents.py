"""Walks through the latent space of an autoencoder, as latent vectors to decode and draw."""

import numpy as np
import scipy.stats

COLUMNS = 15  # steps of a walk
_ROWS = 10


def most_used(mean, log_variance):
    """Returns the latent dimensions ordered by how much the encoder says in them, most first.

    Args:
        mean, log_variance: float [N, Z] of a posterior; its divergence from N(0, 1), averaged over
            the images, is what is said.
    """
    divergence = mean**2 + np.exp(log_variance) - log_variance - 1
    return np.argsort(-divergence.mean(0), kind="stable")


def traversals(code, order):
    """Returns codes that move one dimension from -3 to 3, a row for each of the first of `order`.

    Args:
        code: float [Z], where all walks pass through in the other dimensions.
        order: dimensions.

    Returns:
        float32 [rows * COLUMNS, Z].
    """
    codes = np.repeat(code[None], len(order[:_ROWS]) * COLUMNS, 0).astype(np.float32)
    walk = np.linspace(-3, 3, COLUMNS)
    for row, dimension in enumerate(order[:_ROWS]):
        codes[row * COLUMNS:(row + 1) * COLUMNS, dimension] = walk
    return codes


def manifold(size, order):
    """Returns codes on a square grid over the first two dimensions of `order`, 0 elsewhere.

    The grid lines are quantiles of the normal prior (Kingma and Welling 2014, figure 4), so that
    every cell is equally probable.

    Returns:
        float32 [COLUMNS ** 2, size]; one row of COLUMNS when there is one dimension only.
    """
    quantiles = scipy.stats.norm.ppf((np.arange(COLUMNS) + 0.5) / COLUMNS)
    points = np.stack(np.meshgrid(*[quantiles] * min(2, size)), -1).reshape(-1, min(2, size))
    codes = np.zeros((len(points), size), np.float32)
    codes[:, order[:2]] = points
    return codes
