"""What both sides of a comparison share: the clock and the score. Imports no TensorFlow."""

import contextlib
import dataclasses
import math
import time

import numpy as np

# Of a task's scores, the first of these is compared; what is better when higher is negated.
_QUALITY = {"loss": 1, "mse": 1, "elbo": -1, "frechet_distance": 1}


@dataclasses.dataclass
class Cost:
    """What some training cost: seconds of all cores together, seconds on the clock, examples."""

    examples: int
    cpu: float = 0.0
    wall: float = 0.0


@contextlib.contextmanager
def measured(examples):
    """Yields a `Cost` that holds the time spent in the block when it ends."""
    cost = Cost(examples)
    wall, cpu = time.perf_counter(), time.process_time()
    yield cost
    cost.cpu, cost.wall = time.process_time() - cpu, time.perf_counter() - wall


class Epochs:
    """An endless series of shuffled epochs, of which some rows at a time are trained on.

    Args:
        size: examples of an epoch.
        seed: of the order.
    """

    def __init__(self, size, seed):
        self._size = size
        self._random = np.random.default_rng(seed)
        self._rows = np.zeros(0, int)

    def rows(self, count):
        """Returns the next `count` rows."""
        while len(self._rows) < count:
            self._rows = np.concatenate([self._rows, self._random.permutation(self._size)])
        rows, self._rows = np.split(self._rows, [count])
        return rows


class Side:
    """One way of training a network.

    Attributes:
        model: what is trained.
        task: the page's task, which scores it.
        settings: what it computes in, for the reader.
    """

    model = task = None
    settings = ""

    @property
    def parameters(self):
        """The number of trainable weights."""
        return sum(math.prod(weight.shape) for weight in self.model.trainable_weights)

    def score(self):
        """Returns (name, value) of the validation score, lower is better, of how it has learnt."""
        return quality(
            self.task.evaluate(self.task.signatures, self.task.data.splits["validation"]))

    def close(self):
        """Lets go of what it holds."""


def quality(scores):
    """Returns (name, value) of the compared one of a task's scores, so that lower is better."""
    name = next(name for name in _QUALITY if name in scores)
    sign = _QUALITY[name]
    return ("" if sign > 0 else "negative_") + name, sign * float(scores[name])
