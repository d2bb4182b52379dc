"""--mode=export: a run's newest checkpoint as the next version of its export."""

from tfmodels.errors import CheckpointError
from tfmodels.launcher import building
from tfmodels.training.best import Best


def export(experiment, path, data_dir):
    """Exports a run's newest checkpoint as the next version; returns 0."""
    with building.held(path) as (folder, _):
        settings, task, precision = building.built_run(experiment, folder, data_dir)
        # Vocabularies, classes and means come from the data: others would not fit the weights.
        building.check_same_data(folder, task, precision)
        from tfmodels.export import saved_model
        _, checkpoints = building.steps_of(task, path, settings)
        step = checkpoints.restore()
        best = Best.at(settings.keep_best, settings.patience, checkpoints)
        step = best.restore(checkpoints) or step
        if step == 0:
            raise CheckpointError(f"no checkpoint in {path}: train the run first")
        version = saved_model.export(task.signatures, path / "export", task.tables)
        print(f"step {step:,} exported to {version}")
    return 0
