"""The modes: what is done with a run. TensorFlow is imported when one needs it."""

import contextlib
import dataclasses
import time

from experiments import config, pages, quiet, scores, transfers
from tfmodels.errors import CheckpointError, CollapseError, NotFiniteError
from tfmodels.training import manifest as manifests
from tfmodels.training import run as runs
from tfmodels.training.signals import StopSignals

# Settings that decide where and when things are written, but no score.
_NO_HYPERPARAMETERS = ("data_dir", "eval_every", "checkpoint_every", "log_every", "memory_limit")


def train(experiment, path, settings, given, overwrite, argv, logdir=None):
    """Trains a run, or continues it; then exports it and scores the export on the test split.

    Args:
        experiment: its name.
        path: the run's folder.
        settings: the experiment's Config.
        given: names of the settings that came from flags.
        overwrite: delete what the run holds first.
        argv: the command line, for the manifest.
        logdir: folder that the run of `init_from` is looked for in, by default that of `path`.

    Returns:
        Exit code 0.
    """
    with held(path, create=True) as (folder, signals):
        source = None
        if overwrite or not folder.step:  # a run that has a checkpoint continues from that
            source = transfers.source(settings.init_from, path, logdir or path.parent.parent)
        if overwrite:
            folder.clear()
        values = dataclasses.asdict(settings)
        manifest = folder.manifest
        if manifest:
            manifests.check_same(manifest, values)
            if folder.metrics and values["steps"] == folder.metrics["step"]:
                print(f"{path} is finished at step {values['steps']:,}: nothing to do. Give more "
                      "--steps to extend it, or --overwrite to start afresh")
                return 0
        print(f"{experiment}: {settings.steps:,} steps on {settings.dataset} in {path}; watch "
              f"with: tensorboard --logdir {path.parent.parent}", flush=True)
        began = time.monotonic()
        task, precision = build_task(experiment, settings)
        fresh = manifests.describe(values, given, argv) | {
            "precision": precision, "data": manifests.describe_data(task.data)}
        if manifest:
            manifests.check_same_data(manifest, fresh)
            before = manifests.settings_of(manifest)["steps"]
            if settings.steps > before:
                manifest["extended_from"] = [*manifest.get("extended_from", []), before]
            manifest["settings"] = fresh["settings"]
        else:
            manifest = fresh | {"seconds": 0}
        folder.write_manifest(manifest)
        if task.vocabulary:
            folder.write_vocabulary(task.vocabulary)
        _fit(task, folder, settings, signals, manifest, began, source)
        _finish(task, folder, experiment, settings, manifest)
    return 0


def evaluate(experiment, path, data_dir):
    """Computes the final metrics of a run's export again and writes them; returns 0."""
    with held(path) as (folder, _):
        settings = settings_of_run(experiment, folder, data_dir)
        metrics = finished(folder)
        from tfmodels.export import saved_model
        task, precision = build_task(experiment, settings)
        manifests.check_same_data(folder.manifest, {
            "precision": precision, "data": manifests.describe_data(task.data)})
        signatures = saved_model.load(path / "export")
        metrics |= scores.test_entries(task, signatures, {})
        folder.write_metrics(metrics)
        scores.show(metrics)
    return 0


def export(experiment, path, data_dir):
    """Exports a run's newest checkpoint as the next version; returns 0."""
    with held(path) as (folder, _):
        settings = settings_of_run(experiment, folder, data_dir)
        task, _ = build_task(experiment, settings)
        from tfmodels.export import saved_model
        *_, step = restore(task, path, settings.seed)
        if step == 0:
            raise CheckpointError(f"no checkpoint in {path}: train the run first")
        version = saved_model.export(task.signatures, path / "export", task.tables)
        print(f"step {step:,} exported to {version}")
    return 0


def restore(task, path, seed):
    """Brings a freshly built task to the newest checkpoint of a run.

    Returns:
        The task's `Stepper`, its `Checkpoints` and the step; 0 where there is no checkpoint yet.
    """
    from tfmodels.training.checkpoints import Checkpoints
    from tfmodels.training.loop import Stepper
    advance = Stepper(task, seed)  # creates every variable that a checkpoint holds
    checkpoints = Checkpoints(path / "checkpoints", task.model, task.batches.state)
    return advance, checkpoints, checkpoints.restore()


@contextlib.contextmanager
def held(path, create=False):
    """Holds a run's folder, with signals answered, and lets go of it at the end."""
    folder = runs.RunFolder(path, create)
    try:
        with StopSignals(f"the run is as it was, saved step {folder.step}") as signals:
            yield folder, signals
    finally:
        folder.close()


def build_task(experiment, settings):
    """Imports TensorFlow and builds the experiment's task; returns it and the precision."""
    quiet.import_tensorflow()
    from tfmodels.training import device
    precision = device.set_up(settings.precision, settings.seed)
    task = pages.load(experiment).build(settings)
    transfers.freeze(task, settings.freeze)
    return task, precision


def settings_of_run(experiment, folder, data_dir):
    """Returns the Config a run was trained with, from its manifest."""
    manifest = folder.manifest
    if manifest is None:
        raise CheckpointError(f"{folder.path} has no manifest.json: it is not a run")
    values = manifests.settings_of(manifest)
    if data_dir:
        values["data_dir"] = data_dir
    # The precision in force then, wherever this machine would choose another one.
    values["precision"] = manifest.get("precision")
    return config.from_values(pages.config_class(experiment), values)


def finished(folder):
    """Returns the final metrics of a run, or refuses one that has none yet."""
    if folder.metrics is None:
        raise CheckpointError(f"{folder.path} is not finished: train it to the end first")
    return folder.metrics


def _fit(task, folder, settings, signals, manifest, began, source):
    """Trains from the newest checkpoint, or the run `source` if not None, to the last step."""
    from tfmodels.training import collapse, loop
    from tfmodels.training.events import Events
    advance, checkpoints, start = restore(task, folder.path, settings.seed)
    if start:
        print(f"continuing at step {start:,}", flush=True)
    elif source:
        manifest["transfer"] = transfers.apply(task, source, manifest.get("transfer"))
        folder.write_manifest(manifest)
    signals.message = f"saved step {start}"
    before, message, rollbacks = manifest["seconds"], None, 0
    errors = manifest.setdefault("errors", {})  # of the last validation
    if start == 0 and task.on_collapse == "rollback":
        checkpoints.save(0)
    while True:
        events = Events(folder.path, start or -1)
        if start == 0:
            events.text("train", "manifest", manifests.as_markdown(manifest), 0)
            if source:
                events.text("train", "transfer", transfers.as_markdown(manifest["transfer"]), 0)
            events.graphs(task.model, next(iter(task.signatures.values())))
        if message:
            events.text("train", "collapse", message, start)
        try:
            with task.data.splits["train"].faults():  # of a split that is streamed
                loop.train(task, advance, events, checkpoints, signals, errors,
                           start=start, steps=settings.steps, batch_size=settings.batch_size,
                           log_every=settings.log_every, eval_every=settings.eval_every,
                           checkpoint_every=settings.checkpoint_every)
            return
        except (collapse.Rollback, NotFiniteError) as fault:
            if task.on_collapse != "rollback":
                raise
            rollbacks += 1
            if rollbacks > collapse.ROLLBACKS:
                raise CollapseError(f"{fault}; after {collapse.ROLLBACKS} rollbacks. Try smaller "
                                    "learning rates") from None
            start = collapse.roll_back(task.model, checkpoints, fault)
            message = f"{fault}; back to step {start:,}, with other noise"
            print(f"warning: {message}", flush=True)
        finally:
            events.close()
            manifest["seconds"] = round(before + time.monotonic() - began, 1)
            folder.write_manifest(manifest)


def _finish(task, folder, experiment, settings, manifest):
    """Exports, scores the export on the test split beside the baselines, and writes it all."""
    from tfmodels.export import saved_model
    from tfmodels.training.checkpoints import digest
    from tfmodels.training.events import Events, truncate
    version = saved_model.export(task.signatures, folder.path / "export", task.tables)
    signatures = saved_model.load(folder.path / "export")
    metrics = {
        "experiment": experiment,
        "dataset": settings.dataset,
        "step": settings.steps,
        "seconds": manifest["seconds"],
        "parameters": task.model.count_params(),
        "variables_sha256": digest(task.model),
        **scores.test_entries(task, signatures, manifest["errors"]),
    }
    metrics |= scores.baselines(task.baselines(task.data.splits["test"]), metrics["errors"])
    truncate(folder.path / "test", -1)  # what a killed or a shorter training wrote there
    events = Events(folder.path, settings.steps)
    events.scalars("test", metrics["metrics"], settings.steps)
    for name, found in metrics["baselines"].items():
        events.scalars("test", {f"{metric}/{name}": value for metric, value in found.items()},
                       settings.steps)
    events.hyperparameters({name: value for name, value in manifests.settings_of(manifest).items()
                            if name not in _NO_HYPERPARAMETERS})
    events.close()
    folder.write_metrics(metrics)
    scores.show(metrics)
    print(f"exported to {version}")
