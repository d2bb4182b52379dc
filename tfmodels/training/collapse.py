"""Adversarial training that has gone wrong: how it is seen in what is logged, and the answer."""

from tfmodels.errors import CollapseError

ROLLBACKS = 3  # in one go; a training that still collapses needs other settings

_SATURATED = 0.02  # nats of the discriminator's loss; chance is 2 log 2 = 1.39
_VANISHED = 1e-6  # global norm of the generator's gradient; usually 0.1 to 10
_UNIFORM = 0.25  # distance between samples, as a share of that between real images
_FEW_CLASSES = 0.5  # share of the classes


def adversarial_faults(scalars, classes=0):
    """Names what is wrong with a GAN.

    Args:
        scalars: what is logged at a step, of training or of a validation. Looked at are `d_loss`
            (mean over the interval), `gradient_norm/generator`, `sample_diversity` and
            `classes_present`, as far as they are there.
        classes: how many classes the data has, 0 if unknown.

    Returns:
        A list of sentences, empty when all is well.
    """
    found = []

    def check(name, limit, sentence):
        if name in scalars and scalars[name] < limit:
            found.append(f"{sentence} ({name} {scalars[name]:.3g}, below {limit:g})")

    check("d_loss", _SATURATED, "the discriminator is saturated: it tells every sample")
    check("gradient_norm/generator", _VANISHED, "the generator's gradient has vanished")
    check("sample_diversity", _UNIFORM, "the samples have collapsed: they are almost alike")
    check("classes_present", _FEW_CLASSES * classes, "the samples have collapsed to few classes")
    return found


class Rollback(Exception):
    """Training is to go on from an earlier checkpoint.

    Attributes:
        healthy: the last step at which nothing was wrong.
    """

    def __init__(self, message, healthy):
        super().__init__(message)
        self.healthy = healthy


def roll_back(model, checkpoints, fault):
    """Brings a model back to the newest checkpoint before a fault, with other noise from there.

    The checkpoint is written again with the noise's new seed, so that a run killed later goes on
    in the same way.

    Args:
        model: draws its noise by `model.seed_generator`.
        checkpoints: its `Checkpoints`.
        fault: `Rollback`, or a NotFiniteError, which no checkpoint was written of.

    Returns:
        The step it is at now.
    """
    if isinstance(fault, Rollback):
        checkpoints.drop_after(fault.healthy)
    step = checkpoints.restore()
    state = model.seed_generator.state
    state.assign(state + [1, 0])
    checkpoints.save(step)
    return step


class CollapseGuard:
    """Looks at what is logged and answers a fault.

    Args:
        faults: scalars -> sentences, such as `adversarial_faults`.
        answer: `warn` (log and go on), `stop` or `rollback`.
        events: `Events` to log to.
        step: steps done when training starts.
        grace: steps at the beginning of a training in which nothing is wrong yet.
        warn: prints a line.
    """

    def __init__(self, faults, answer, events, step, grace=0, warn=print):
        self._faults = faults
        self._answer = answer
        self._events = events
        self._healthy = step
        self._grace = grace
        self._warn = warn
        self._known = set()

    def check(self, scalars, step):
        """Answers what is wrong at `step`, if anything is.

        Raises:
            CollapseError: the answer is `stop`.
            Rollback: the answer is `rollback`.
        """
        found = step > self._grace and self._faults(scalars)
        if not found:
            self._healthy = step
            self._known.clear()
            return
        message = f"step {step:,}: " + "; ".join(found)
        if self._answer == "rollback":
            raise Rollback(message, self._healthy)
        self._events.text("train", "collapse", message, step)
        if self._answer == "stop":
            raise CollapseError(f"{message}. Try another --seed or smaller learning rates, or "
                                "--on_collapse=rollback")
        fresh = [sentence for sentence in found if sentence.partition(" (")[0] not in self._known]
        self._known.update(sentence.partition(" (")[0] for sentence in fresh)
        if fresh:
            self._warn(f"warning: step {step:,}: " + "; ".join(fresh))
