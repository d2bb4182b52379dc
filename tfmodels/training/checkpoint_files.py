"""The files of a run's checkpoints, as they lie on disk. Imports no TensorFlow."""

import pathlib
import re

from tfmodels import files
from tfmodels.errors import CheckpointError


def of_run(folder):
    """Finds the checkpoint that stands for a run, which need not be this one; changes nothing.

    It is the newest whole one, or the best validated one that this names, see `best.Best`.

    Args:
        folder: the run's folder of checkpoints.

    Returns:
        Its step and its digest in hexadecimal.

    Raises:
        CheckpointError: there is none that is whole.
    """
    folder = pathlib.Path(folder)
    for step in reversed(steps(folder)):
        path = folder_of(folder, step)
        if fault(path) is None:
            best = files.read_json(path / "contents.json").get("notes", {}).get("best", {})
            if best.get("step") is not None and not fault(folder_of(folder, best["step"])):
                step = best["step"]
            return step, files.sha256(folder_of(folder, step) / "contents.json")
    raise CheckpointError(f"no usable checkpoint in {folder}: train that run first")


def steps(folder):
    """Returns the steps of the checkpoints in a folder, in order."""
    if not folder.is_dir():
        return []
    found = (re.fullmatch(r"step-(\d{8,})", entry.name) for entry in folder.iterdir())
    return sorted(int(match[1]) for match in found if match)


def folder_of(folder, step):
    """Returns the folder of a checkpoint in that of all."""
    return folder / f"step-{step:08d}"


def fault(path):
    """Returns what is wrong with a checkpoint's files, or None."""
    try:
        contents = files.read_json(path / "contents.json")
    except CheckpointError as error:
        return str(error)
    if not isinstance(contents, dict) or "files" not in contents:
        return "contents.json is missing"
    for name, digest in contents["files"].items():
        file = path / name
        if not file.is_file():
            return f"{name} is missing"
        if files.sha256(file) != digest:
            return f"{name} does not match its sha256"
    return None
