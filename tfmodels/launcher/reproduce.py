"""Trains a run again from its manifest and compares what comes out."""

import dataclasses
import pathlib
import shlex
import tempfile

from tfmodels import files
from tfmodels.errors import InputError
from tfmodels.launcher import building
from tfmodels.launcher.train import train
from tfmodels.training import manifest as manifests


def reproduce(experiment, path, data_dir):
    """Trains again in a scratch folder and compares every final metric and variable.

    Returns:
        Exit code 0 if all are equal, else 1, with what differs printed.
    """
    with building.held(path) as (folder, _):
        settings = building.settings_of_run(experiment, folder, data_dir)
        original, manifest = building.finished(folder), folder.manifest
        if manifest.get("extended_from"):
            raise InputError(f"{path} was extended from {manifest['extended_from'][-1]} to "
                             f"{settings.steps} steps, which changed its learning rates on the "
                             "way: expected a run that was trained in one piece")
        with tempfile.TemporaryDirectory() as scratch:
            again = pathlib.Path(scratch) / experiment / path.name
            again.mkdir(parents=True)
            argv = shlex.split(manifest["command"])
            # With the manifest in place, training refuses other data as it does for a resume.
            described = manifests.describe(dataclasses.asdict(settings), (), argv)
            files.write_json(again / "manifest.json", manifest | {
                "seconds": 0, "settings": described["settings"]})
            train(experiment, again, settings, (), False, argv, path.parent.parent)
            repeated = files.read_json(again / "metrics.json")
    different = _differences(original["metrics"], repeated["metrics"])
    if original["variables_sha256"] != repeated["variables_sha256"]:
        different.append("the final variables differ")
    if not different:
        print(f"reproduced: every metric and variable of {path} is equal")
        return 0
    environment = [line for part in ("versions", "machine")
                   for line in _differences(manifest[part], described[part])]
    print("\n  ".join(["not reproduced:", *different]))
    print("\n  ".join(["the environments differ in:",
                       *(environment or ["nothing that the manifest records"])]))
    return 1


def _differences(before, now):
    """Returns a line for each entry of a dict that has changed; of numbers, by how much."""
    lines = []
    for name, value in before.items():
        other = now.get(name)
        if other != value:
            numbers = isinstance(value, float) and isinstance(other, float)
            by = f" (by {other - value:+.3g})" if numbers else ""
            lines.append(f"{name}: was {value}, now {other}{by}")
    return lines
