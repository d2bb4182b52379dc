"""The mode train: from settings to a run that is exported and scored.

All is built and checked before anything is written: what is refused leaves no trace, and a run
that is overwritten is there until the new one stands.
"""

import dataclasses
import tempfile
import time

from tfmodels import config
from tfmodels.errors import CheckpointError, CollapseError, NotFiniteError
from tfmodels.launcher import building, finishing, inspect, minutes, transfers
from tfmodels.progress import activity
from tfmodels.training import manifest as manifests
from tfmodels.training.best import Best


def train(experiment, path, settings, given, overwrite, argv, logdir=None):
    """Trains a run, or continues it; then exports it and scores the export on the test split.

    Args:
        experiment: its name.
        path: the run's folder.
        settings: the experiment's Config.
        given: names of the settings that came from flags.
        overwrite: start afresh, in the place of the run that is there.
        argv: the command line, for the manifest.
        logdir: folder that other runs are looked for in, by default that of `path`.

    Returns:
        Exit code 0.
    """
    with building.held(path, create=True) as (folder, signals):
        began = time.monotonic()
        before = None if overwrite else folder.manifest
        if settings.minutes and before:  # they were measured when the run was begun
            settings = dataclasses.replace(settings, steps=manifests.settings_of(before)["steps"])
        if _finished(folder, before, settings, overwrite):
            return 0
        others = transfers.others(settings, path, logdir or path.parent.parent, before,
                                  starting=overwrite or not folder.step)
        if settings.minutes and not before:
            print(f"{experiment}: {settings.minutes:g} min on {settings.dataset}; looking how "
                  "many steps fit into them", flush=True)
            settings = minutes.settled(experiment, settings, others, began)
        print(f"{experiment}: {settings.steps:,} steps on {settings.dataset} in {path}; watch "
              f"with: tensorboard --logdir {path.parent.parent}{_sampling(settings)}", flush=True)
        began = time.monotonic()
        with activity.of("building"):
            task, precision = building.build_task(experiment, settings, others)
            manifest = _manifest(before, manifests.describe(
                dataclasses.asdict(settings), given, argv) | {
                    "precision": precision, "data": manifests.describe_data(task.data)})
            manifest["holds"] = inspect.show(task.data)
            manifest.setdefault("runs", {}).update(
                (name, other.described()) for name, other in others.items())
            advance, checkpoints = building.steps_of(task, path, settings)
        step = 0 if overwrite else checkpoints.restore()
        if step:
            print(f"continuing at step {step:,}", flush=True)
        elif settings.keep_best:
            with activity.of("validating once, to know the scores"):
                Best(settings.keep_best).check(task.evaluate(
                    task.signatures, task.data.splits["validation"]))
        if not step and "init_from" in others:
            manifest["runs"]["init_from"]["layers"] = transfers.apply(task, others["init_from"])
        if overwrite and path.is_dir():
            _rehearse(task, advance)
        with signals.deferred():
            folder.begin(manifest, overwrite)
            signals.message = (f"saved step {step}" if step else
                               "no step was saved yet; the same command starts the run again")
        signals.check()
        if task.vocabulary:
            folder.write_vocabulary(task.vocabulary)
        best, reached = _fit(task, folder, settings, signals, manifest, began, advance, checkpoints,
                             step)
        best.restore(checkpoints)
        with activity.of("final scores"):
            finishing.finish(task, folder, experiment, settings, manifest, best, reached)
    return 0


def _finished(folder, manifest, settings, overwrite):
    """Refuses other settings than the run's; tells whether nothing is left to do, and says so."""
    if manifest is None:
        if folder.step and not overwrite:
            raise CheckpointError(f"{folder.path} has checkpoints and no manifest.json, which "
                                  "says of which settings they are: put it back, choose another "
                                  "--run, or --overwrite")
        return False
    manifests.check_whole(manifest, folder.path)
    manifests.check_same(manifest, dataclasses.asdict(settings), config.added(type(settings)))
    if folder.metrics is None:
        return False
    finished = building.finished(folder)
    if settings.steps != finished.get("steps", finished["step"]):
        return False
    print(f"{folder.path} is finished at step {finished['step']:,}: nothing to do. Give more "
          "--steps to extend it, or --overwrite to start afresh")
    return True


def _sampling(settings):
    """Returns the flags by which TensorBoard shows all pictures and texts of a run.

    By itself it keeps ten of a tag, by chance, and may drop the first (tensorboard#1575).
    """
    validations = -(-settings.steps // settings.eval_every)
    most = max(100, validations)
    return f" --samples_per_plugin=images={most},text={most}" if validations > 10 else ""


def _manifest(before, fresh):
    """Returns the manifest of a run: as it was `before`, None if it is new, with longer training.

    Raises:
        DataError, InputError: the data or the precision are not those of the run.
    """
    if not before:
        return fresh | {"seconds": 0}
    manifests.check_same_data(before, fresh)
    steps = manifests.settings_of(before)["steps"]
    extended = manifests.settings_of(fresh)["steps"] > steps
    return before | {"settings": fresh["settings"]} | (
        {"extended_from": [*before.get("extended_from", []), steps]} if extended else {})


def _rehearse(task, advance):
    """Runs a step and takes it back: if it cannot be had, for lack of memory, that is known."""
    from tfmodels.training.checkpoints import Checkpoints
    with tempfile.TemporaryDirectory() as scratch, task.data.splits["train"].faults():
        start = Checkpoints(scratch, task.model, advance.state)
        start.save(0)
        advance(0, 1)
        start.restore()


def _fit(task, folder, settings, signals, manifest, began, advance, checkpoints, start):
    """Trains from step `start`, which the task is at; returns the `Best` and the last step."""
    from tfmodels.training import collapse, loop
    from tfmodels.training.events import Events
    before, message = manifest["seconds"], None
    errors = manifest.setdefault("errors", {})  # of the last validation
    health = collapse.Health.at(start, checkpoints.notes)
    best = Best.at(settings.keep_best, settings.patience, checkpoints)
    if start == 0 and task.on_collapse == "rollback":
        checkpoints.save(0, dataclasses.asdict(health))
    while True:
        events = Events(folder.path, start or -1)
        if start == 0:
            events.text("train", "manifest", manifests.as_markdown(manifest), 0)
            inspect.log(events, task.data, manifest["holds"])
            if "init_from" in manifest["runs"]:
                events.text("train", "transfer",
                            transfers.as_markdown(manifest["runs"]["init_from"]), 0)
            events.graphs(task.model, next(iter(task.signatures.values())))
        if message:
            events.text("train", "collapse", message, start)
        try:
            with task.data.splits["train"].faults():  # of a split that is streamed
                reached = loop.train(
                    task, advance, events, checkpoints, signals, health, best, errors,
                    start=start, settings=settings)
            return best, reached
        except (collapse.Rollback, NotFiniteError) as fault:
            if task.on_collapse != "rollback":
                raise
            if health.rollbacks == collapse.ROLLBACKS:
                raise CollapseError(f"{fault}; after {collapse.ROLLBACKS} rollbacks",
                                    "gentler") from None
            start = collapse.roll_back(task.model, checkpoints, health, settings.checkpoint_every,
                                       best.pinned)
            best = Best.at(settings.keep_best, settings.patience, checkpoints)
            message = f"{fault}; back to step {start:,}, with other noise"
            print(f"warning: {message}", flush=True)
        finally:
            events.close()
            manifest["seconds"] = round(before + time.monotonic() - began, 1)
            folder.write_manifest(manifest)
