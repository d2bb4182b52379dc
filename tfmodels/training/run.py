"""The folder of a run: its lock, its manifest and its metrics. Imports no TensorFlow.

    manifest.json  train/  validation/  test/  checkpoints/  samples/  metrics.json  export/
"""

import datetime
import fcntl
import importlib.metadata
import json
import os
import pathlib
import platform
import shlex
import shutil
import subprocess

from tfmodels.errors import BusyError, CheckpointError, InputError, StorageError

_PACKAGES = ("tfmodels", "tensorflow", "keras", "tensorflow-datasets", "tensorboard", "numpy")


class RunFolder:
    """A run's folder, held by this process alone until it is closed.

    The lock is the operating system's (flock), so it dies with its holder.

    Args:
        path: folder of the run.
        create: make it if missing; otherwise a missing folder is an error.

    Raises:
        InputError: the folder, or one in it, is a symbolic link, which could lead anywhere.
        StorageError: the folder cannot be made or written.
        BusyError: another process holds it; its pid is named.
        CheckpointError: it is missing and `create` is False.
    """

    def __init__(self, path, create=False):
        self.path = pathlib.Path(path)
        if not create and not self.path.is_dir():
            raise CheckpointError(f"no run at {self.path}: expected a folder that training made")
        _refuse_links(self.path)
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            self._lock = open(self.path / "lock", "a+", encoding="utf-8")  # noqa: SIM115
        except OSError as error:
            raise StorageError(f"cannot write {error.filename}: {error.strerror}; choose a "
                               "writable folder with --logdir") from None
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._lock.seek(0)
            holder = self._lock.read() or "unknown"
            self._lock.close()
            raise BusyError(f"{self.path} is in use by process {holder}; wait for it, or choose "
                            "another --run") from None
        self._lock.truncate(0)
        self._lock.write(str(os.getpid()))
        self._lock.flush()

    def close(self):
        """Lets go of the folder; removes it if nothing but the lock came to be in it."""
        if [entry.name for entry in self.path.iterdir()] == ["lock"]:
            shutil.rmtree(self.path)
        self._lock.close()

    def clear(self):
        """Deletes all that the run holds, except the lock."""
        for entry in self.path.iterdir():
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry)
            elif entry.name != "lock":
                entry.unlink()

    @property
    def manifest(self):
        """The manifest as a dict, or None before the first start."""
        return read_json(self.path / "manifest.json")

    @property
    def metrics(self):
        """The final metrics as a dict, or None while the run is unfinished."""
        return read_json(self.path / "metrics.json")

    def write_manifest(self, manifest):
        """Writes manifest.json at once or not at all."""
        write_json(self.path / "manifest.json", manifest)

    def write_metrics(self, metrics):
        """Writes metrics.json at once or not at all."""
        write_json(self.path / "metrics.json", metrics)


def _refuse_links(path):
    """Refuses a run whose files would lie elsewhere than under its log folder."""
    inside = path.iterdir() if path.is_dir() else ()
    for entry in (path.parent, path, *inside):
        if entry.is_symlink():
            raise InputError(f"{entry} is a symbolic link: expected a folder of its own")


def read_json(path):
    """Returns the content of a JSON file, or None if there is no such file.

    Raises:
        CheckpointError: the file is not JSON.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except ValueError:
        raise CheckpointError(f"{path} is damaged: expected JSON") from None


def write_json(path, content):
    """Writes a JSON file under a temporary name and renames it when complete."""
    temporary = path.with_name(f".{path.name}.tmp")
    with open(temporary, "w", encoding="utf-8") as file:
        json.dump(content, file, indent=2, ensure_ascii=False)
        file.write("\n")
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, path)


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


def as_markdown(manifest):
    """Returns a manifest as the Markdown that TensorBoard shows."""
    return "```json\n" + json.dumps(manifest, indent=2, ensure_ascii=False) + "\n```"


def settings_of(manifest):
    """Returns the plain settings of a manifest as a dict.

    Raises:
        CheckpointError: the manifest does not hold them.
    """
    try:
        return {name: entry["value"] for name, entry in manifest["settings"].items()}
    except (KeyError, TypeError, AttributeError):
        raise CheckpointError("manifest.json is damaged: expected the run's settings") from None


def check_same(manifest, settings, free=("steps", "data_dir")):
    """Refuses to continue a run with other settings than it was started with.

    Args:
        free: settings that may differ.

    Raises:
        InputError: naming each setting that differs, with both values.
    """
    before = settings_of(manifest)
    differing = [f"--{name}: the run has {before.get(name)}, now {value}"
                 for name, value in settings.items()
                 if name not in free and before.get(name) != value]
    if settings["steps"] < before["steps"]:
        differing.append(f"--steps: the run has {before['steps']}, now fewer: {settings['steps']}")
    if differing:
        raise InputError("this run was started with another configuration; " + "; ".join(differing)
                         + ". Repeat the first command, choose another --run, or --overwrite")


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
