"""The manifest of a run: what was asked for, with what, on which data. Imports no TensorFlow."""

import datetime
import importlib.metadata
import json
import os
import pathlib
import platform
import shlex
import subprocess

from tfmodels import files
from tfmodels.errors import CheckpointError, DataError, InputError

_PACKAGES = ("tfmodels", "tensorflow", "keras", "tensorflow-datasets", "tensorboard", "numpy")


def describe(settings, given, argv):
    """Returns a manifest: settings with their origin, versions, revision, machine, command.

    Args:
        settings: dict of the experiment's settings.
        given: the names of those that came from flags.
        argv: the command line.
    """
    return {
        "created": datetime.datetime.now().astimezone().isoformat(timespec="seconds"),
        "command": shlex.join(argv),
        "settings": {name: {"value": value, "from": "flag" if name in given else "default"}
                     for name, value in settings.items()},
        "versions": {"python": platform.python_version()} | {
            name: _version(name) for name in _PACKAGES},
        "revision": _revision(),
        "machine": {"system": platform.platform(), "processor": _processor(),
                    "cores": os.cpu_count()},
    }


def describe_data(data):
    """Returns name, version and classes of a data set, and size and fingerprint of each split.

    Where only a part of the training split is used with its labels, the whole is described too.
    """
    splits = dict(data.splits)
    if data.unlabelled is not splits["train"]:
        splits["unlabelled"] = data.unlabelled
    return {
        "name": data.name, "version": data.version, "class_names": list(data.class_names or ()),
        "splits": {name: {"size": split.size, "fingerprint": split.fingerprint()}
                   for name, split in splits.items()}}


def check_same_data(manifest, fresh):
    """Refuses to continue on other data or in another precision.

    What counts are classes and fingerprints: equal examples may come from another preparation.
    """
    before, now = ({**one["data"], "version": None} for one in (manifest, fresh))
    if before != now:
        raise DataError(f"the data set {fresh['data']['name']} has changed since this run was "
                        "started: expected the same classes, sizes and fingerprints as in "
                        "manifest.json", "same data")
    if manifest["precision"] != fresh["precision"]:
        raise InputError(f"the run computes in {manifest['precision']}, and auto means "
                         f"{fresh['precision']} on this machine: expected the same",
                         "another run")


def as_markdown(manifest):
    """Returns a manifest as the Markdown that TensorBoard shows: a table of settings, and the rest.

    Long lines of JSON would be cut off there.
    """
    settings = [f"| {name} | {_cell(entry['value'])} | {entry['from']} |"
                for name, entry in manifest["settings"].items()]
    others = [f"| {name} | {_cell(value)} |" for name, value in _leaves(
        {name: value for name, value in manifest.items() if name != "settings"})]
    return "\n".join(["| setting | value | from |", "|---|---|---|", *settings, "",
                      "| | |", "|---|---|", *others])


def _leaves(nested, path=()):
    """Yields the values of nested dicts, each under the names that lead to it."""
    for name, value in nested.items():
        if isinstance(value, dict):
            yield from _leaves(value, (*path, name))
        else:
            yield " ".join((*path, name)), value


def _cell(value):
    """Returns a value as a cell of a Markdown table, in which it stands as it is."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return "`" + text.replace("`", "'") + "`" if value != "" else ""


def settings_of(manifest):
    """Returns the plain settings of a manifest as a dict.

    Raises:
        CheckpointError: the manifest does not hold them.
    """
    try:
        return {name: entry["value"] for name, entry in manifest["settings"].items()}
    except (KeyError, TypeError, AttributeError):
        raise CheckpointError("manifest.json is damaged: expected the run's settings") from None


def check_whole(manifest, path):
    """Refuses a manifest that lacks what a run needs of it.

    Args:
        path: the run's folder.

    Raises:
        CheckpointError: naming what is missing.
    """
    files.check_holds(manifest, path / "manifest.json", {
        "settings": dict, "data": dict, "precision": str, "command": str, "seconds": (int, float)})


def check_known(manifest, names, added=()):
    """Refuses a run whose experiment had other settings when it was made.

    Args:
        names: the settings that the experiment has now.
        added: those that the run may lack.

    Raises:
        InputError: naming the version of this package that made the run.
    """
    odd = sorted((settings_of(manifest).keys() | set(added)) ^ set(names))
    if odd:
        versions, revision = manifest.get("versions") or {}, manifest.get("revision") or {}
        made_by = (f"tfmodels {versions.get('tfmodels') or 'of an unknown version'}, "
                   f"revision {(revision.get('commit') or 'unknown')[:12]}")
        raise InputError(f"the run was made by {made_by}, with other settings ({', '.join(odd)}) "
                         "than the experiment has now: use that version for it, or train anew")


def check_same(manifest, settings, added, free=("steps", "minutes", "data_dir")):
    """Refuses to continue a run with other settings than it was started with.

    Args:
        settings: dict of those that are asked for.
        added: {setting: its value in a run that lacks it}.
        free: settings that may differ.

    Raises:
        InputError: naming each setting that differs, with both values.
    """
    check_known(manifest, settings, added)
    before = {**added, **settings_of(manifest)}
    if not isinstance(before["steps"], int):
        raise CheckpointError("manifest.json is damaged: expected an integer as the run's steps")
    differing = [f"{name}: the run has {_shown(before.get(name))}, now {_shown(value)}"
                 for name, value in settings.items()
                 if name not in free and before.get(name) != value]
    if settings["steps"] < before["steps"]:
        differing.append(f"steps: the run has {before['steps']}, now fewer: {settings['steps']}")
    if differing:
        raise InputError("this run was started with another configuration; " + "; ".join(differing),
                         "same settings")


def _shown(value):
    """Returns a setting's value as text, an empty one as its quotes."""
    return "''" if value == "" else value


def _version(package):
    """Returns the installed version of a package, or None."""
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def _revision():
    """Returns git's revision of this code and whether its tree is dirty, or None outside git."""
    source = pathlib.Path(__file__).resolve().parents[2]
    if not (source / ".git").exists():
        return None

    def git(*command):
        done = subprocess.run(["git", "-C", str(source), *command], capture_output=True, text=True)
        return done.stdout.strip() if done.returncode == 0 else None

    try:
        return {"commit": git("rev-parse", "HEAD"), "dirty": bool(git("status", "--porcelain"))}
    except FileNotFoundError:
        return None


def _processor():
    """Returns the processor's name."""
    try:
        lines = pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()
