"""How many steps fit into the minutes that are given: measured before a run is begun.

All that a run does is done once on a scratch folder: some steps, a checkpoint, a validation, the
final scores and the export, of a network that has learnt nothing. What that takes tells how many
steps fit in the time that is left; the run is then one of so many steps like any other.
"""

import dataclasses
import math
import pathlib
import tempfile
import time

from tfmodels.errors import SettingError
from tfmodels.launcher import building, final_scores
from tfmodels.progress import activity

_LEAST, _MOST = 2.0, 60.0  # seconds of measured steps
_SHARE = 0.03  # of the time, which they take between these
_MOST_STEPS = 10**9  # as of --steps


@dataclasses.dataclass(frozen=True)
class Costs:
    """Seconds that the parts of a run take on this machine.

    Attributes:
        start: what is done once before the first step, and with it.
        step, validation, checkpoint: one of them.
        finish: export and final scores.
    """

    start: float
    step: float
    validation: float
    checkpoint: float
    finish: float

    def steps_in(self, seconds, eval_every, checkpoint_every):
        """Returns how many steps fit into a time, less than 1 if none does."""
        left = seconds - self.start - self.finish - self.validation - self.checkpoint
        return math.floor(left / (self.step + self.validation / eval_every
                                  + self.checkpoint / checkpoint_every))


def settled(experiment, settings, others, began):
    """Returns settings with as many steps as fit into their minutes, and says what was measured.

    Args:
        experiment: its name.
        settings: its Config, with minutes.
        others: {setting: `OtherRun`}, see `transfers.others`.
        began: when the command was started, by `time.monotonic`.

    Raises:
        SettingError: not one step fits.
    """
    with activity.of("measuring"):
        costs = _measured(experiment, settings, others)
    passed = time.monotonic() - began
    steps = costs.steps_in(60 * settings.minutes - passed, settings.eval_every,
                           settings.checkpoint_every)
    if steps < 1:
        least = (passed + costs.start + costs.finish + costs.validation + costs.step) / 60
        raise SettingError("minutes", f"{settings.minutes:g}", "expected more than "
                           f"{least:.1f}, which starting, scoring and exporting take here")
    steps = min(steps, _MOST_STEPS)
    print(f"{steps:,} steps fit into {settings.minutes:g} min here, of which measuring took "
          f"{passed:.0f} s; a step takes {costs.step:.2g} s, a validation {costs.validation:.2g} s,"
          f" scores and export {costs.finish:.2g} s", flush=True)
    return dataclasses.replace(settings, steps=steps)


def _measured(experiment, settings, others):
    """Returns the `Costs` of a run."""
    building.build_task(experiment, settings, others)  # imports, and reads the data
    from tfmodels.export import saved_model
    from tfmodels.training import loop
    from tfmodels.training.events import Events
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch)
        timed = _Timed()
        task, _ = building.build_task(experiment, settings, others)
        advance, checkpoints = building.steps_of(task, folder, settings)
        split, test = task.data.splits["train"], task.data.splits["test"]
        with split.faults():
            advance(0, 1)
            start = timed()
            done, least = 1, min(max(_LEAST, _SHARE * 60 * settings.minutes), _MOST)
            while timed.passed() < least:
                advance(done, 2 * done)
                done *= 2
            step = timed() / (done - 1)
        checkpoints.save(done)
        checkpoint = timed()
        events = Events(folder, -1)
        for _ in range(2):  # the first of them compiles
            timed()
            loop.validate(task, events, done, lambda _: None, {})
            start += timed.last
        validation = timed.last
        events.close()
        final_scores.baselines(task.baselines(test), {})  # kept for the end
        timed()
        final_scores.test_entries(task, task.signatures, {})
        saved_model.export(task.signatures, folder / "export", task.tables)
        return Costs(start - validation, step, validation, checkpoint, timed())


class _Timed:
    """A watch: each call returns the seconds since the one before, and keeps them as `last`."""

    def __init__(self):
        self._since = time.monotonic()

    def passed(self):
        return time.monotonic() - self._since

    def __call__(self):
        now = time.monotonic()
        self.last, self._since = now - self._since, now
        return self.last
