"""What comes after training: the export, its scores on the test split, and metrics.json."""

import functools

from tfmodels.errors import attempt
from tfmodels.launcher import final_scores
from tfmodels.progress import activity
from tfmodels.training import manifest as manifests

# Settings that decide where and when things are written, but no score.
_NO_HYPERPARAMETERS = ("data_dir", "eval_every", "checkpoint_every", "log_every", "memory_limit")


def finish(task, folder, experiment, settings, manifest, best, reached):
    """Exports, scores the export on the test split beside the baselines, and writes it all.

    Args:
        best: the run's `Best`, whose state the task is at.
        reached: the step that training ended at.
    """
    from tfmodels.export import saved_model
    from tfmodels.training.checkpoints import digest
    from tfmodels.training.event_files import truncate
    from tfmodels.training.events import Events
    variables = digest(task.model)
    version = _exported(task, folder, manifest, variables)
    signatures = saved_model.load(folder.path / "export")
    metrics = {
        "experiment": experiment,
        "dataset": settings.dataset,
        "step": reached,
        "steps": settings.steps,
        **best.notes(),
        "seconds": manifest["seconds"],
        "parameters": task.model.count_params(),
        "variables_sha256": variables,
        **final_scores.test_entries(task, signatures, manifest["errors"]),
    }
    metrics |= final_scores.baselines(task.baselines(task.data.splits["test"]), metrics["errors"])
    truncate(folder.path / "test", -1)  # what a killed or a shorter training wrote there
    events = Events(folder.path, reached)
    events.scalars("test", metrics["metrics"] | metrics.get("copies", {}), reached)
    events.text("test", "test_scores", final_scores.as_markdown(metrics), reached)
    attempt("animation", functools.partial(events.animation, "test", "samples", reached),
            metrics["errors"])
    events.hyperparameters({name: value for name, value in manifests.settings_of(manifest).items()
                            if name not in _NO_HYPERPARAMETERS})
    events.close()
    folder.write_metrics(metrics)
    final_scores.show(metrics)
    print(f"exported to {version}")


def _exported(task, folder, manifest, variables):
    """Exports the final weights, once: killed after that, a training that goes on finds them.

    Args:
        manifest: told which version it is going to be, before it is there.
        variables: their sha256.

    Returns:
        The path of the version.
    """
    from tfmodels.export import saved_model, versions
    path, there = folder.path / "export", versions.versions(folder.path / "export")
    before = manifest.get("export", {})
    if there and before == {"version": there[-1], "variables_sha256": variables}:
        return path / str(there[-1])
    manifest["export"] = {"version": max(there, default=0) + 1, "variables_sha256": variables}
    folder.write_manifest(manifest)
    with activity.of("exporting"):
        return saved_model.export(task.signatures, path, task.tables)
