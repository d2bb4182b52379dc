"""What both sides of a comparison share: the clock and the score. Imports no TensorFlow."""

import contextlib
import dataclasses
import math
import time

_QUALITY = ("loss", "mse", "frechet_distance")  # of a task's scores, the one that is compared


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
        """Returns (name, value) of the validation score that says how well it has learnt."""
        scores = self.task.evaluate(self.task.signatures, self.task.data.splits["validation"])
        name = next(name for name in _QUALITY if name in scores)
        return name, float(scores[name])

    def close(self):
        """Lets go of what it holds."""
