"""Adversarial training that has gone wrong: how it is seen in what is logged, and the answer."""

import dataclasses

from tfmodels.errors import CollapseError

ROLLBACKS = 3  # in one go; a training that still collapses needs other settings

_SATURATED = 0.02  # nats of the discriminator's loss; chance is 2 log 2 = 1.39
_STEEP = 0.9  # mean of (norm of the critic's gradient - 1)²: 1 where it is flat, more where steep
_VANISHED = 1e-6  # global norm of the generator's gradient; usually 0.1 to 10
_UNIFORM = 0.25  # distance between samples, as a fraction of that between real images
_FEW_CLASSES = 0.5  # fraction of the classes


def adversarial_faults(scalars, classes=0):
    """Names what is wrong with a GAN.

    Args:
        scalars: what is logged at a step, of training or of a validation. Looked at are `d_loss`
            and `gradient_penalty` (means over the interval), `gradient_norm/generator`,
            `sample_diversity` and `classes_present`, as far as they are there. A critic has no
            `d_loss` and never saturates; what it says counts for nothing where its gradient is far
            from norm 1 (Gulrajani et al. 2017, proposition 1).
        classes: how many classes the data has, 0 if unknown.

    Returns:
        A list of sentences, empty when all is well.
    """
    found = []

    def check(name, limit, sentence, above=False):
        value = scalars.get(name, limit)
        if value > limit if above else value < limit:
            found.append(f"{sentence} ({name} {value:.3g}, {'above' if above else 'below'} "
                         f"{limit:g})")

    check("d_loss", _SATURATED, "the discriminator is saturated: it tells every sample")
    check("gradient_penalty", _STEEP, "the critic is too flat or too steep to learn from",
          above=True)
    check("gradient_norm/generator", _VANISHED, "the generator's gradient has vanished")
    check("sample_diversity", _UNIFORM, "the samples have collapsed: they are almost alike")
    check("classes_present", _FEW_CLASSES * classes, "the samples have collapsed to few classes")
    return found


@dataclasses.dataclass
class Health:
    """What decides where a rollback leads; it is saved with each checkpoint.

    Attributes:
        healthy: {kind of check: the last step at which it found nothing}.
        rollbacks: how often the run was rolled back.
    """

    healthy: dict
    rollbacks: int = 0

    @classmethod
    def at(cls, step, notes=None):
        """Returns that of a run restored at `step`, by the notes of its checkpoint, if any."""
        fields = {field.name for field in dataclasses.fields(cls)}
        return cls(**({name: value for name, value in notes.items() if name in fields} if notes
                      else {"healthy": dict.fromkeys(("training", "validation"), step)}))

    def target(self, every):
        """Returns the step to go back to: of the last regular checkpoint that every check passed.

        Args:
            every: steps between checkpoints. One that a signal caused counts for nothing, so that
                a run goes back to the same step whether or not it was stopped on the way.
        """
        return min(self.healthy.values()) // every * every

    def pinned(self, step, every):
        """Returns the steps of the checkpoints that a rollback may need, now or after `step`."""
        return {self.target(every), step // every * every}


class Rollback(Exception):
    """Training is to go on from an earlier checkpoint."""


def roll_back(model, checkpoints, health, every, pinned):
    """Brings a model back to the checkpoint before a fault, with other noise from there.

    The checkpoint is written again with the noise's new seed, so that a run killed later goes on
    in the same way.

    Args:
        model: draws its noise by `model.seed_generator`.
        checkpoints: its `Checkpoints`.
        health: the run's `Health`, which is brought up to date.
        every: steps between checkpoints.
        pinned: steps whose checkpoints are kept, however old.

    Returns:
        The step it is at now.
    """
    target = health.target(every)
    # Runs of an earlier version may have none so old.
    step = max((step for step in checkpoints.steps() if step <= target),
               default=min(checkpoints.steps()))
    checkpoints.drop_after(step)
    checkpoints.restore()
    state = model.seed_generator.state
    state.assign(state + [1, 0])
    health.healthy = dict.fromkeys(health.healthy, step)
    health.rollbacks += 1
    checkpoints.save(step, checkpoints.notes | dataclasses.asdict(health), pinned | {step})
    return step


class CollapseGuard:
    """Looks at what is logged and answers a fault.

    Args:
        faults: scalars -> sentences, such as `adversarial_faults`.
        answer: `warn` (log and go on), `stop` or `rollback`.
        events: `Events` to log to.
        health: the run's `Health`, kept up to date.
        grace: steps at the beginning of a training in which nothing is wrong yet.
        warn: prints a line.
    """

    def __init__(self, faults, answer, events, health, grace=0, warn=print):
        self._faults = faults
        self._answer = answer
        self._events = events
        self._health = health
        self._grace = grace
        self._warn = warn
        self._known = {kind: set() for kind in health.healthy}

    def check(self, kind, scalars, step):
        """Answers what is wrong at `step`, if anything is.

        Args:
            kind: of check, `training` or `validation`: each sees other faults.
            scalars: what was logged.

        Raises:
            CollapseError: the answer is `stop`.
            Rollback: the answer is `rollback`.
        """
        found = step > self._grace and self._faults(scalars)
        known = self._known[kind]
        if not found:
            self._health.healthy[kind] = step
            known.clear()
            return
        message = f"step {step:,}: " + "; ".join(found)
        if self._answer == "rollback":
            raise Rollback(message)
        self._events.text("train", "collapse", message, step)
        if self._answer == "stop":
            raise CollapseError(message)
        fresh = [sentence for sentence in found if sentence.partition(" (")[0] not in known]
        known.update(sentence.partition(" (")[0] for sentence in fresh)
        if fresh:
            self._warn(f"warning: step {step:,}: " + "; ".join(fresh))
