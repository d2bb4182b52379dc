"""--mode=export: a run's newest checkpoint as the next version of its export."""

from tfmodels.errors import CheckpointError
from tfmodels.launcher import building


def export(experiment, path, data_dir):
    """Exports a run's newest checkpoint as the next version; returns 0."""
    with building.held(path) as (folder, _):
        settings = building.settings_of_run(experiment, folder, data_dir)
        task, _ = building.build_task(experiment, settings)
        from tfmodels.export import saved_model
        _, checkpoints = building.steps_of(task, path, settings.seed)
        step = checkpoints.restore()
        if step == 0:
            raise CheckpointError(f"no checkpoint in {path}: train the run first")
        version = saved_model.export(task.signatures, path / "export", task.tables)
        print(f"step {step:,} exported to {version}")
    return 0
