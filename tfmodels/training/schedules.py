"""Learning rate schedules by the total number of steps."""

import keras


def warmup_cosine(peak, steps, warmup=0.1):
    """Rises linearly to `peak`, then falls to 0 along half a cosine (Loshchilov & Hutter 2017).

    Args:
        peak: the highest learning rate.
        steps: training steps in all.
        warmup: fraction of the steps in which it rises.

    Returns:
        A Keras schedule of the optimizer's iteration.
    """
    rising = max(1, int(steps * warmup))
    return keras.optimizers.schedules.CosineDecay(
        initial_learning_rate=0.0, warmup_target=peak, warmup_steps=rising,
        decay_steps=max(1, steps - rising))


def linear_decay(peak, steps):
    """Falls from `peak` to 0 in a straight line over `steps`; returns a Keras schedule."""
    return keras.optimizers.schedules.PolynomialDecay(peak, steps, end_learning_rate=0.0)
