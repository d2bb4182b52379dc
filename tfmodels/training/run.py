"""The folder of a run: its lock, its manifest and its metrics. Imports no TensorFlow.

    RUN/manifest.json  train/  validation/  test/  checkpoints/  samples/  metrics.json  export/
        vocabulary.json, of a model of text
    .RUN.lock          held by the process that works with the run, gone when it ends
    .RUN.new  .RUN.old the folder of a run that is begun, and the one it takes the place of; only
                       a killed process leaves them
"""

import contextlib
import errno
import fcntl
import itertools
import os
import pathlib
import shutil

from tfmodels import files
from tfmodels.errors import BusyError, CheckpointError, InputError, StorageError, nearest
from tfmodels.training import checkpoint_files

_ATTEMPTS = 1000  # to lock a file that others unlink


class RunFolder:
    """A run's folder, held by this process alone until it is closed.

    The lock is the operating system's (flock), so it dies with its holder. It lies beside the
    folder, so that the folder can be made and replaced by one rename while it is held.

    Args:
        path: folder of the run.
        create: it need not be there yet, and is made by `begin`; otherwise a missing one is an
            error.

    Raises:
        InputError: the folder, or anything below it, is a symbolic link, which could lead
            anywhere, or no file or folder at all.
        StorageError: the folder's place cannot be made or written.
        BusyError: another process holds it; its pid is named.
        CheckpointError: it is missing and `create` is False.
    """

    def __init__(self, path, create=False):
        self.path = pathlib.Path(path)
        self._new, self._old = (self.path.with_name(f".{self.path.name}.{kind}")
                                for kind in ("new", "old"))
        if not create and not self.path.is_dir() and not self._old.is_dir():
            raise CheckpointError(f"no run at {self.path}: expected a folder that training made")
        for folder in (self.path, self._new, self._old):
            _refuse_links(folder)
        self._made = [parent for parent in self.path.parents if not parent.exists()]
        self._lock_path = self.path.with_name(f".{self.path.name}.lock")
        self._lock = _locked(self._lock_path, self.path)
        self._recover()

    def begin(self, manifest, replace):
        """Makes the folder of a new run, its manifest in it from the first moment.

        Args:
            manifest: dict.
            replace: takes the place of the run that is there, which is moved aside by one rename
                and deleted when the new one stands. Killed in between, the old one is put back.
        """
        if self.path.is_dir() and not replace:
            self.write_manifest(manifest)
            return
        self._new.mkdir()
        files.write_json(self._new / "manifest.json", manifest)
        if self.path.is_dir():
            os.replace(self.path, self._old)
        os.replace(self._new, self.path)
        self._recover()

    def _recover(self):
        """Ends or deletes what this process, or one that was killed, left half-done."""
        if self._old.is_dir():
            if self.path.is_dir():
                shutil.rmtree(self._old)
            else:
                os.replace(self._old, self.path)
        if self._new.is_dir():
            shutil.rmtree(self._new)
        files.sweep(self.path)

    def close(self):
        """Lets go of the folder; removes the folders made for a run that was not begun."""
        self._lock_path.unlink(missing_ok=True)
        self._lock.close()
        with contextlib.suppress(OSError):  # another process came to use them
            for parent in self._made:
                parent.rmdir()

    @property
    def manifest(self):
        """The manifest as a dict, or None before the first start."""
        return self._read("manifest.json")

    @property
    def metrics(self):
        """The final metrics as a dict, or None while the run is unfinished."""
        return self._read("metrics.json")

    def _read(self, name):
        content = files.read_json(self.path / name)
        if content is not None:
            files.check_holds(content, self.path / name, {})
        return content

    @property
    def step(self):
        """The step of the newest checkpoint, 0 before the first."""
        return max(checkpoint_files.steps(self.path / "checkpoints"), default=0)

    def write_manifest(self, manifest):
        """Writes manifest.json at once or not at all."""
        files.write_json(self.path / "manifest.json", manifest)

    def write_vocabulary(self, vocabulary):
        """Writes the tokens of a text model, by their id, to vocabulary.json."""
        files.write_json(self.path / "vocabulary.json", list(vocabulary))

    def write_metrics(self, metrics):
        """Writes metrics.json at once or not at all."""
        files.write_json(self.path / "metrics.json", metrics)


def _locked(lock, path):
    """Returns the open lock file, held.

    Whoever is done with a run unlinks its lock. One that was opened before and locked after that
    is no longer the file of that name, and would keep nobody away: then it is tried again.

    Args:
        lock: path of the file; its folder is made.
        path: the run's folder, for messages.
    """
    for _ in range(_ATTEMPTS):
        try:
            lock.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o666)
        except FileNotFoundError:  # the folder was removed in between
            continue
        except OSError as error:
            if error.errno == errno.ELOOP:
                raise InputError(f"{lock} is a symbolic link: expected a file") from None
            raise StorageError(f"cannot write {error.filename}: {error.strerror}",
                               "writable") from None
        file = open(descriptor, "r+", encoding="utf-8")  # noqa: SIM115 (held until `close`)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            with file:
                holder = file.read() or "unknown"
            raise BusyError(f"{path} is in use by process {holder}; wait for it",
                            "another run") from None
        try:
            there = os.stat(lock)
        except FileNotFoundError:
            there = None
        if there is None or not os.path.samestat(os.fstat(file.fileno()), there):
            file.close()
            continue
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        return file
    raise StorageError(f"cannot make a file in {lock.parent}", "writable")


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
