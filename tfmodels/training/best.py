"""The best validated state of a run: which one is exported, and when training need not go on."""

import dataclasses
import math

from tfmodels.errors import SettingError, nearest
from tfmodels.evaluation.directions import lower_is_better


@dataclasses.dataclass
class Best:
    """Where the validation split was answered best so far; saved with each checkpoint.

    Attributes:
        metric: plain name of the score that decides; empty: none does, and the last state counts.
        patience: validations without a better score after which training ends; 0 for never.
        step: of the best validation; None before the first.
        value: the score there.
        waited: validations since then.
    """

    metric: str
    patience: int = 0
    step: int | None = None
    value: float | None = None
    waited: int = 0

    @classmethod
    def at(cls, metric, patience, checkpoints):
        """Returns that of a run by its `Checkpoints`, which were restored, or start."""
        known = checkpoints.notes.get("best", {})
        there = known.get("step") in checkpoints.steps()
        return cls(metric, patience, **known) if there else cls(metric, patience)

    def notes(self):
        """Returns what is saved with a checkpoint, nothing where no score decides."""
        return {"best": {"step": self.step, "value": self.value,
                         "waited": self.waited}} if self.metric else {}

    def see(self, step, scores):
        """Takes note of a validation; one that failed counts as not better.

        Returns:
            Whether it is the best so far.
        """
        if not self.metric:
            return False
        value = scores.get(self.metric, math.nan)
        ahead = math.inf if self.value is None else self.value - value
        better = not math.isnan(value) and (
            self.value is None or (ahead if lower_is_better(self.metric) else -ahead) > 0)
        if better:
            self.step, self.value, self.waited = step, value, 0
        else:
            self.waited += 1
        return better

    @property
    def over(self):
        """Whether patience is at its end."""
        return 0 < self.patience <= self.waited

    @property
    def pinned(self):
        """The steps whose checkpoints are kept."""
        return set() if self.step is None else {self.step}

    def restore(self, checkpoints, warn=print):
        """Brings the model of some `Checkpoints` back to the best state, if there is one.

        Returns:
            Its step, None where no score decides.
        """
        if self.step is None:
            return None
        found = checkpoints.restore(warn, last=self.step)
        if found != self.step:
            warn(f"warning: the best state, of step {self.step:,}, is lost; taking step {found:,}")
            self.step, self.value = found, None
        return found

    def check(self, scores):
        """Refuses a score that no validation has.

        Args:
            scores: of a validation, {name: value}.
        """
        if self.metric and self.metric not in scores:
            raise SettingError("keep_best", self.metric, "expected a score of the validation "
                               f"split: {', '.join(scores)}{nearest(self.metric, scores)}")
