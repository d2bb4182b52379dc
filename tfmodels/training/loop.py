"""The one loop that trains every model, stops at any step and continues bit for bit.

A compiled function runs several steps (see `Stepper`) and returns to Python only to log, validate,
save or stop. Every step depends on the checkpointed state and on (seed, step) alone, so how the
steps are grouped changes nothing.
"""

import contextlib
import dataclasses
import functools
import math
import time

import tensorflow as tf

from tfmodels.errors import NotFiniteError, attempt
from tfmodels.progress import activity
from tfmodels.progress.steps import Progress
from tfmodels.training.checkpoints import optimizers, state
from tfmodels.training.collapse import CollapseGuard

_SECONDS_PER_CALL = 0.3  # a compiled call is about this long, so that a signal is soon answered


def train(task, advance, events, checkpoints, signals, health, best, errors, *, start, settings):
    """Trains from step `start` to `settings.steps`, logging, validating and saving on the way.

    Args:
        task: the `Task` to train; its state is that of step `start`.
        advance: its `Stepper`.
        events: `Events` to log to.
        checkpoints: `Checkpoints` to save to.
        signals: `StopSignals` in force.
        health: the run's `Health`, kept up to date and saved with each checkpoint.
        best: the run's `Best`, likewise; it may end training before `steps`.
        errors: dict; why the last validation's scores or pictures failed, if any did.
        settings: the run's Config; of it count `steps`, `log_every`, `eval_every` and
            `checkpoint_every`, and `batch_size` for the rate.

    Returns:
        The step that training ended at, whose state is saved.

    Raises:
        NotFiniteError: a logged loss or metric is NaN or infinite; nothing is saved of it.
        CollapseError, Rollback: the task's faults and its answer to them, see `CollapseGuard`.
        Stopped: SIGINT or SIGTERM came; the state was saved first.
    """
    steps, log_every, eval_every, checkpoint_every = (
        settings.steps, settings.log_every, settings.eval_every, settings.checkpoint_every)
    progress = Progress(start, steps)
    guard = CollapseGuard(task.faults, task.on_collapse, events, health, steps // 10,
                          progress.write)
    step, per_call = start, 1
    seconds, since = 0.0, start  # time spent in steps alone, and the first step of that time
    while step < steps and not best.over:
        end = min([steps, step + per_call] + [
            (step // every + 1) * every for every in (log_every, eval_every, checkpoint_every)])
        began = time.perf_counter()
        compiling = activity.of("first step") if step == start else contextlib.nullcontext()
        with signals.deferred():
            with compiling:
                advance(step, end)
            elapsed = time.perf_counter() - began
            if step > start:
                seconds += elapsed
                per_call = max(1, round((end - step) / max(elapsed, 1e-6) * _SECONDS_PER_CALL))
            else:
                since = end  # the first call allocates and compiles: it says nothing of the rate
            step = end
            logged = saved = is_best = False
            if step % log_every == 0 or step == steps:
                scalars = _training_scalars(task.model, advance.gradient_norms)
                _check_finite(scalars, step)
                if seconds:
                    scalars["examples_per_second"] = (step - since) * settings.batch_size / seconds
                events.scalars("train", scalars, step)
                guard.check("training", scalars, step)
                task.model.reset_metrics()
                seconds, since, logged = 0.0, step, True
            if step % eval_every == 0 or step == steps:
                with activity.of(f"step {step:,}"):
                    scores = validate(task, events, step, progress.write, errors)
                if scores:  # else nothing was looked at
                    guard.check("validation", scores, step)
                is_best = best.see(step, scores)
            if (step % checkpoint_every == 0 or step == steps or signals.received or is_best
                    or best.over):
                _check_finite(_metrics(task.model) if not logged else {}, step)
                _check_finite({"norm of all variables": _norm(state(task.model).values())}, step)
                events.flush()
                pinned = (health.pinned(step, checkpoint_every) if task.on_collapse == "rollback"
                          else set())
                checkpoints.save(step, dataclasses.asdict(health) | best.notes(),
                                 pinned | best.pinned)
                signals.message = f"saved step {step}"
                saved = True
        progress.update(step, scalars if logged else None)
        if saved and signals.received:
            progress.close()
            signals.check()
    progress.close()
    return step


def validate(task, events, step, write, errors):
    """Scores the validation split through the signatures, and logs scores and pictures.

    Args:
        write: prints a line.
        errors: is emptied, and filled with why one of them failed.

    Returns:
        The scores.
    """
    errors.clear()
    validation = task.data.splits["validation"]
    scores = attempt("validation", lambda: task.evaluate(task.signatures, validation),
                     errors) or {}
    _check_finite({f"validation {name}": value for name, value in scores.items()}, step)
    events.scalars("validation", scores, step)
    for name, show in task.show.items():
        attempt(f"picture {name}", functools.partial(show, events, step), errors)
    if errors:
        events.text("train", "errors", "\n".join(
            f"- {name}: {why}" for name, why in errors.items()), step)
    write(f"step {step:,}: validation "
          + ", ".join(f"{name} {value:.4g}" for name, value in scores.items()))
    return scores


def _training_scalars(model, gradient_norms):
    """Returns what the training curves show at this step."""
    scalars = _metrics(model)
    several = len(gradient_norms) > 1
    for name, optimizer in optimizers(model).items():
        suffix = "/" + name.removesuffix("_optimizer") if several else ""
        scalars[f"learning_rate{suffix}"] = float(optimizer.learning_rate)
        scalars[f"gradient_norm{suffix}"] = float(tf.convert_to_tensor(gradient_norms[name]))
    scalars["weight_norm"] = _norm(variable.value for variable in model.trainable_variables)
    return scalars


def _norm(variables):
    """Returns the global L2 norm of the floating-point ones of some variables."""
    return float(tf.linalg.global_norm([v for v in variables if v.dtype.is_floating]))


def _metrics(model):
    """Returns the model's metrics since they were last reset, as floats."""
    return {name: float(value) for name, value in model.get_metrics_result().items()}


def _check_finite(scalars, step):
    """Refuses to go on from a loss or metric that is NaN or infinite."""
    for name, value in scalars.items():
        if not math.isfinite(value):
            raise NotFiniteError(
                f"{name} is {value} at step {step}: training diverged; the last checkpoint is "
                "from before that")
