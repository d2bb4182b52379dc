"""What all modes share: a run held, its settings, its task built. TensorFlow is imported late."""

import contextlib
import dataclasses

from tfmodels import config, files
from tfmodels.data import catalog
from tfmodels.errors import CheckpointError
from tfmodels.launcher import pages, quiet, transfers
from tfmodels.training import manifest as manifests
from tfmodels.training import run as runs
from tfmodels.training.signals import StopSignals


def steps_of(task, path, settings):
    """Returns a freshly built task's `Stepper`, and the `Checkpoints` of a run of it."""
    from tfmodels.training.checkpoints import Checkpoints
    from tfmodels.training.stepper import Stepper
    if task.data.columns is None:  # a batch of a table holds all rows if they are few
        config.check_batch_size(settings, task.data.splits["train"].size)
    batches = task.source.batches(settings.batch_size, settings.seed)
    advance = Stepper(task, batches, settings.seed)  # creates every variable of a checkpoint
    return advance, Checkpoints(path / "checkpoints", task.model, batches.state)


@contextlib.contextmanager
def held(path, create=False):
    """Holds a run's folder, with signals answered, and lets go of it at the end."""
    folder = runs.RunFolder(path, create)
    try:
        with StopSignals(f"the run is as it was, saved step {folder.step}" if path.is_dir()
                         else "no run was begun") as signals:
            yield folder, signals
    finally:
        folder.close()


def build_task(experiment, settings, others=None):
    """Imports TensorFlow and builds the experiment's task.

    Args:
        experiment: its name.
        settings: its Config.
        others: {setting: `OtherRun`}, see `transfers.others`.

    Returns:
        The `Task`, and the precision in force.
    """
    quiet.import_tensorflow()
    from tfmodels.evaluation import kept
    from tfmodels.training import device
    kept.use(catalog.resolve_data_dir(settings.data_dir) / "kept")
    precision = device.set_up(settings.precision, settings.seed)
    own = [name for name in transfers.fields(type(settings)) if name != "init_from"]
    task = pages.load(experiment).build(
        settings, **{name: (others or {}).get(name) for name in own})
    task.model.jit_compile = settings.jit_compile
    transfers.freeze(task, settings.freeze)
    return task, precision


def built_run(experiment, folder, data_dir):
    """Returns the settings of a run that is there, its `Task` and the precision, see above."""
    settings = settings_of_run(experiment, folder, data_dir)
    return settings, *build_task(experiment, settings, others_of(settings, folder))


def others_of(settings, folder):
    """Returns the runs that a run that is there refers to, as `build_task` takes them."""
    return transfers.others(settings, folder.path, folder.path.parent.parent, folder.manifest,
                            starting=False)


def check_same_data(folder, task, precision):
    """Refuses to use a run with other data or in another precision than it was trained with."""
    manifests.check_same_data(folder.manifest, {
        "precision": precision, "data": manifests.describe_data(task.data)})


def settings_of_run(experiment, folder, data_dir):
    """Returns the Config a run was trained with, from its manifest."""
    manifest = folder.manifest
    if manifest is None:
        raise CheckpointError(f"{folder.path} has no manifest.json: it is not a run")
    manifests.check_whole(manifest, folder.path)
    config_class = pages.config_class(experiment)
    added = config.added(config_class)
    manifests.check_known(manifest, [field.name for field in dataclasses.fields(config_class)],
                          added)
    values = added | manifests.settings_of(manifest)
    if data_dir:
        values["data_dir"] = data_dir
    # The precision in force then, wherever this machine would choose another one.
    values["precision"] = manifest.get("precision")
    return config.from_values(config_class, values)


def finished(folder):
    """Returns the final metrics of a run, or refuses one that has none yet."""
    if folder.metrics is None:
        raise CheckpointError(f"{folder.path} is not finished: train it to the end first")
    files.check_holds(folder.metrics, folder.path / "metrics.json", {
        "metrics": dict, "baselines": dict, "step": int, "variables_sha256": str})
    return folder.metrics
