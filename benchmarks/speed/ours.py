"""Our side of a comparison: a page's task, trained by the loop that trains every run."""

import contextlib
import dataclasses
import io
import tempfile

from benchmarks.speed.measure import Side, measured
from tfmodels.launcher import building
from tfmodels.training import loop
from tfmodels.training.best import Best
from tfmodels.training.collapse import Health
from tfmodels.training.events import Events
from tfmodels.training.signals import StopSignals
from tfmodels.training.stepper import Stepper


class Ours(Side):
    """What `launch.py` runs between two validations, its TensorBoard curves included.

    Args:
        name: of the experiment.
        settings: its Config.
        plain: float32 without XLA on the step, whatever the page chooses.
    """

    def __init__(self, name, settings, plain=False):
        if plain:
            settings = dataclasses.replace(settings, precision="float32")
        self.task, precision = building.build_task(name, settings)
        self.model = self.task.model
        if plain:
            self.model.jit_compile = False
        self.settings = precision + (" XLA" if self.model.jit_compile else "")
        self._config = settings
        self._stepper = Stepper(
            self.task, self.task.source.batches(settings.batch_size, settings.seed), settings.seed)
        # A run validates and saves every few hundred steps; a user's `fit` is not asked to either.
        self._trained = dataclasses.replace(self.task, evaluate=lambda *_: {}, show={})
        self._folder = tempfile.TemporaryDirectory()
        self._events = Events(self._folder.name, -1)
        self._step = 0

    def train(self, steps):
        """Trains `steps` steps; returns their `Cost`."""
        end = self._step + steps
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            with measured(steps * self._config.batch_size) as cost:
                loop.train(self._trained, self._stepper, self._events, _Unsaved(), StopSignals(),
                           Health.at(0), Best(""), {}, start=self._step,
                           settings=dataclasses.replace(self._config, steps=end, eval_every=end,
                                                        checkpoint_every=end))
        self._step = end
        return cost

    def close(self):
        """Deletes the event files."""
        self._events.close()
        self._folder.cleanup()


class _Unsaved:
    """Stands where checkpoints would be."""

    def save(self, step, *_):
        """Saves nothing."""
