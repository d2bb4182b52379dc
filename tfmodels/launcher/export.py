"""--mode=export: a run's newest checkpoint as the next version of its export, in some format."""

import dataclasses
import importlib.util

from tfmodels.errors import CheckpointError, InputError
from tfmodels.launcher import building
from tfmodels.progress import activity
from tfmodels.training.best import Best

_RUNTIMES = {"litert": ("ai_edge_litert",), "onnx": ("tf2onnx", "onnxruntime")}


def export(experiment, path, data_dir, form):
    """Exports a run's newest checkpoint; returns 0.

    Args:
        form: `saved_model` for the next version; `litert` or `onnx` for an artefact beside the
            newest version, or the next one where that is of other weights.
    """
    for package in _RUNTIMES.get(form, ()):
        if importlib.util.find_spec(package) is None:
            raise InputError(f"flag --format={form}: {package} is not installed; expected: "
                             f"pip install '.[{form}]'")
    with building.held(path) as (folder, _):
        settings, task, precision = building.built_run(experiment, folder, data_dir)
        # Vocabularies, classes and means come from the data: others would not fit the weights.
        building.check_same_data(folder, task, precision)
        from tfmodels.export import saved_model
        step = _restored(task, path, settings)
        if form == "saved_model" or not _is_newest(folder, task):
            version = saved_model.export(task.signatures, path / "export", task.tables)
            print(f"step {step:,} exported to {version}", flush=True)
        else:
            version = path / "export" / str(folder.manifest["export"]["version"])
        if form != "saved_model":
            if precision != "float32":  # which other runtimes compute in
                settings = dataclasses.replace(settings, precision="float32")
                task, _ = building.build_task(experiment, settings, building.others_of(
                    settings, folder))
                _restored(task, path, settings)
            _convert(task, version, form)
    return 0


def _restored(task, path, settings):
    """Brings a task to the state of its run that is exported; returns the step."""
    _, checkpoints = building.steps_of(task, path, settings)
    step = checkpoints.restore()
    best = Best.at(settings.keep_best, settings.patience, checkpoints)
    step = best.restore(checkpoints) or step
    if step == 0:
        raise CheckpointError(f"no checkpoint in {path}: train the run first")
    return step


def _is_newest(folder, task):
    """Tells whether the newest version of a run's export has the weights that its task has."""
    from tfmodels.export.versions import versions
    from tfmodels.training.checkpoints import digest
    known, there = folder.manifest.get("export", {}), versions(folder.path / "export")
    return bool(there) and known == {"version": there[-1], "variables_sha256": digest(task.model)}


def _convert(task, version, form):
    """Writes an artefact beside a version, and says how it compares with the live model."""
    from tfmodels.export import converted
    with activity.of(f"converting, then scoring in {form}"):
        report = converted.write(task, version, form)
    for name, value in report["score"].items():
        print(f"test_{name} {value:.4g}  (live {report['live_score'][name]:.4g})")
    for name, times in report["latency"].items():
        print(f"{name}: {times['median_ms']:.2f} ms")
    print(f"exported to {version / form}: {sum(report['bytes'].values()) / 1e6:.2f} MB; largest "
          f"difference {max(report['largest_difference'].values()):.2g}, see "
          f"{version / 'report.json'}")
