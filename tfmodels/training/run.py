"""The folder of a run: its lock, its manifest and its metrics. Imports no TensorFlow.

    manifest.json  train/  validation/  test/  checkpoints/  samples/  metrics.json  export/
    vocabulary.json, of a model of text
"""

import fcntl
import itertools
import json
import os
import pathlib
import re
import shutil

from tfmodels.errors import BusyError, CheckpointError, InputError, StorageError, nearest
from tfmodels.training import files


class RunFolder:
    """A run's folder, held by this process alone until it is closed.

    The lock is the operating system's (flock), so it dies with its holder.

    Args:
        path: folder of the run.
        create: make it if missing; otherwise a missing folder is an error.

    Raises:
        InputError: the folder, or anything below it, is a symbolic link, which could lead
            anywhere, or no file or folder at all.
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

    @property
    def step(self):
        """The step of the newest checkpoint, 0 before the first."""
        return max(checkpoint_steps(self.path / "checkpoints"), default=0)

    def write_manifest(self, manifest):
        """Writes manifest.json at once or not at all."""
        write_json(self.path / "manifest.json", manifest)

    def write_vocabulary(self, vocabulary):
        """Writes the tokens of a text model, by their id, to vocabulary.json."""
        write_json(self.path / "vocabulary.json", list(vocabulary))

    def write_metrics(self, metrics):
        """Writes metrics.json at once or not at all."""
        write_json(self.path / "metrics.json", metrics)


def find(name, logdir):
    """Returns the folder of a run, given as EXPERIMENT/RUN under `logdir` or as a path.

    Raises:
        InputError: there is no such run.
    """
    for folder in (pathlib.Path(logdir) / name, pathlib.Path(name).expanduser()):
        if (folder / "manifest.json").is_file():
            return folder
    runs = [f"{path.parent.parent.name}/{path.parent.name}"
            for path in sorted(pathlib.Path(logdir).glob("*/*/manifest.json"))]
    raise InputError(f"no run {name} in {logdir}, nor a folder of a run of that name"
                     f"{nearest(name, runs)}")


def checkpoint_steps(folder):
    """Returns the steps of the checkpoints in a folder, in order."""
    if not folder.is_dir():
        return []
    found = (re.fullmatch(r"step-(\d{8,})", entry.name) for entry in folder.iterdir())
    return sorted(int(match[1]) for match in found if match)


def _refuse_links(path):
    """Refuses a run that holds, at any depth, what is neither a file nor a folder of its own.

    A link could lead writing anywhere, and opening a pipe would wait for ever.
    """
    inside = (pathlib.Path(folder, name) for folder, *names in os.walk(path)
              for name in itertools.chain(*names))
    for entry in (path.parent, path, *inside):
        if entry.is_symlink():
            raise InputError(f"{entry} is a symbolic link: expected a file or folder of its own")
        if entry.exists() and not entry.is_file() and not entry.is_dir():
            raise InputError(f"{entry} is a pipe or a device: expected files and folders only")


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
    """Writes a JSON file, whole or not at all."""
    with files.replacing(path, text=True, sync=True) as file:
        json.dump(content, file, indent=2, ensure_ascii=False)
        file.write("\n")
