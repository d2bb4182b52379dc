"""The modes: what is done with a run. TensorFlow is imported when one needs it."""

import contextlib
import dataclasses
import pathlib
import time

from experiments import config, pages, quiet
from tfmodels.errors import CheckpointError, CollapseError, InputError, NotFiniteError, nearest
from tfmodels.training import manifest as manifests
from tfmodels.training import run as runs
from tfmodels.training.signals import StopSignals

# Settings that decide where and when things are written, but no score.
_NO_HYPERPARAMETERS = ("data_dir", "eval_every", "checkpoint_every", "log_every", "memory_limit")


def train(experiment, path, settings, given, overwrite, argv):
    """Trains a run, or continues it; then exports it and scores the export on the test split.

    Args:
        experiment: its name.
        path: the run's folder.
        settings: the experiment's Config.
        given: names of the settings that came from flags.
        overwrite: delete what the run holds first.
        argv: the command line, for the manifest.

    Returns:
        Exit code 0.
    """
    with held(path, create=True) as (folder, signals):
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
        _fit(task, folder, settings, signals, manifest, began)
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
        metrics |= _test_entries(task, signatures)
        folder.write_metrics(metrics)
        print_scores(metrics)
    return 0


def sample(path, count, seed, labels, out):
    """Draws samples from a run's export and writes them as a picture; returns 0.

    Args:
        path: the run's folder.
        count: how many.
        seed: decides them.
        labels: names of the classes to draw, separated by commas; empty for any.
        out: file of the picture, or empty.
    """
    if out and not pathlib.Path(out).expanduser().parent.is_dir():
        raise InputError(f"flag --out={out}: expected a file in a folder that exists")
    with held(path) as (folder, _):
        quiet.import_tensorflow()
        import tensorflow as tf

        from tfmodels.evaluation import pictures
        from tfmodels.export import saved_model
        from tfmodels.training.events import save_png
        signatures = saved_model.load(path / "export")
        if "sample" not in signatures:
            raise InputError(f"{path} has no samples to draw: expected a run of a generative "
                             "experiment, such as gan")
        draw, classes = signatures["sample"], {}
        if "labels" in draw.inputs:
            names = folder.manifest["data"]["class_names"]
            classes["labels"] = tf.constant(_indices(labels, names), tf.int32)
        elif labels:
            raise InputError(f"flag --labels={labels}: {path} was not trained to draw a given "
                             "class; train one with --conditional")
        images = draw(count=tf.constant(count), seed=tf.constant(seed), **classes)["images"]
        target = pathlib.Path(out).expanduser() if out else path / f"samples/drawn-{seed}.png"
        save_png(target, pictures.grid(images.numpy()))
        print(f"{count} samples in {target}")
    return 0


def _indices(labels, names):
    """Returns the numbers of classes named in a text, separated by commas."""
    wanted = [label.strip() for label in labels.split(",")] if labels else []
    for label in wanted:
        if label not in names:
            raise InputError(f"flag --labels: no class {label!r}: expected some of "
                             f"{', '.join(names)}{nearest(label, names)}")
    return [names.index(label) for label in wanted]


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
    return pages.load(experiment).build(settings), precision


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


def _fit(task, folder, settings, signals, manifest, began):
    """Trains from the newest checkpoint to the last step."""
    from tfmodels.training import collapse, loop
    from tfmodels.training.events import Events
    advance, checkpoints, start = restore(task, folder.path, settings.seed)
    if start:
        print(f"continuing at step {start:,}", flush=True)
    signals.message = f"saved step {start}"
    before, message, rollbacks = manifest["seconds"], None, 0
    if start == 0 and task.on_collapse == "rollback":
        checkpoints.save(0)
    while True:
        events = Events(folder.path, start or -1)
        if start == 0:
            events.text("train", "manifest", manifests.as_markdown(manifest), 0)
            events.graphs(task.model, next(iter(task.signatures.values())))
        if message:
            events.text("train", "collapse", message, start)
        try:
            with task.data.splits["train"].faults():  # of a split that is streamed
                loop.train(task, advance, events, checkpoints, signals, start=start,
                           steps=settings.steps, batch_size=settings.batch_size,
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
    metrics = {
        "experiment": experiment,
        "dataset": settings.dataset,
        "step": settings.steps,
        "seconds": manifest["seconds"],
        "parameters": task.model.count_params(),
        "variables_sha256": digest(task.model),
        **_test_entries(task, saved_model.load(folder.path / "export")),
        "baselines": {name: as_test(scores) for name, scores in
                      task.baselines(task.data.splits["test"]).items()},
    }
    truncate(folder.path / "test", -1)  # what a killed or a shorter training wrote there
    events = Events(folder.path, settings.steps)
    events.scalars("test", metrics["metrics"], settings.steps)
    for name, scores in metrics["baselines"].items():
        events.scalars("test", {f"{metric}/{name}": value for metric, value in scores.items()},
                       settings.steps)
    events.hyperparameters({name: value for name, value in manifests.settings_of(manifest).items()
                            if name not in _NO_HYPERPARAMETERS})
    events.close()
    folder.write_metrics(metrics)
    print_scores(metrics)
    print(f"exported to {version}")


def _test_entries(task, signatures):
    """Returns what metrics.json says of an export on the test split: metrics as `test_…`."""
    split = task.data.splits["test"]
    return as_test_entries(task.final(signatures, split) if task.final
                           else {"metrics": task.evaluate(signatures, split)})


def as_test_entries(found):
    """Names the metrics, and their intervals if any, as those of the test split."""
    named = {"metrics": as_test(found["metrics"])}
    if "intervals" in found:
        named["intervals"] = {f"test_{name}": ends for name, ends in found["intervals"].items()}
    return found | named


def as_test(scores):
    """Names plain scores as those of the test split."""
    return {f"test_{name}": float(value) for name, value in scores.items()}


def print_scores(metrics):
    """Prints the final metrics, each with its interval and the baselines beside it."""
    intervals = metrics.get("intervals", {})
    for name, value in metrics["metrics"].items():
        interval = " [{:.4g}, {:.4g}]".format(*intervals[name]) if name in intervals else ""
        beside = [f"{baseline} {scores[name]:.4g}"
                  for baseline, scores in metrics["baselines"].items() if name in scores]
        print(f"{name} {value:.4g}{interval}" + (f"  ({', '.join(beside)})" if beside else ""))
