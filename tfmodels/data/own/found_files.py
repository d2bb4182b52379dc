"""The files below a path, and their digests: by name, size and time, and by content."""

import concurrent.futures
import hashlib
import os
import pathlib
import stat
from typing import NamedTuple

from tfmodels.errors import DataError
from tfmodels.progress.counter import Counter

IMAGES = frozenset([".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".gif", ".webp", ".bmp", ".tif",
                    ".tiff", ".avif", ".jp2", ".ppm", ".pgm", ".pbm", ".pnm", ".tga", ".ico"])
TEXTS = frozenset([".txt"])
TABLES = frozenset([".csv", ".tsv", ".jsonl", ".ndjson", ".json", ".parquet"])
ARRAYS = frozenset([".npz", ".npy"])

_IGNORED = frozenset(["__macosx", "thumbs.db", "desktop.ini"])
_PART = 1 << 20


class File(NamedTuple):
    """A regular file: its path, its parts below the root, its size in bytes, its time in ns."""

    path: str
    parts: tuple
    size: int
    time: int

    @property
    def name(self):
        """The path below the root, as it is shown: text, whatever bytes it has."""
        return printable("/".join(self.parts))

    @property
    def suffix(self):
        """The ending of the name, in lower case; of a text packed by gzip the one before .gz."""
        name = self.parts[-1].lower()
        inner = os.path.splitext(name.removesuffix(".gz"))[1]
        packed = name.endswith(".gz") and inner in (TEXTS | TABLES) - {".parquet"}
        return inner if packed else os.path.splitext(name)[1]


def file_at(path, name=None):
    """Returns the `File` at a path, known by a name (by default its path); None where is none."""
    try:
        about = os.stat(path)
    except (OSError, ValueError):
        return None
    return File(str(path), (name or str(path),), about.st_size, about.st_mtime_ns) if (
        stat.S_ISREG(about.st_mode)) else None


def gather(root):
    """Returns the regular files at a path, sorted by their parts; hidden ones are left out.

    Links are followed, but into no folder twice. Pipes and devices are no files.

    Args:
        root: Path of a file or a folder.

    Raises:
        DataError: the folder cannot be read.
    """
    if not root.is_dir():
        return list(filter(None, [file_at(root, root.name)]))
    found, seen = [], set()
    progress = Counter("looking for files")

    def walk(folder, parts):
        about = os.stat(folder)
        if (about.st_dev, about.st_ino) in seen:
            return
        seen.add((about.st_dev, about.st_ino))
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.name.startswith(".") or entry.name.lower() in _IGNORED:
                    continue
                try:
                    about = entry.stat()
                except OSError:  # a link that leads nowhere
                    continue
                if stat.S_ISDIR(about.st_mode):
                    walk(entry.path, (*parts, entry.name))
                elif stat.S_ISREG(about.st_mode):
                    progress()
                    found.append(File(entry.path, (*parts, entry.name), about.st_size,
                                      about.st_mtime_ns))
    try:
        with progress:
            walk(str(root), ())
    except OSError as error:
        raise DataError(f"cannot read the folder {error.filename or root}: "
                        f"{error.strerror}") from None
    except RecursionError:
        raise DataError(f"the folders in {root} are too deep to be read") from None
    return sorted(found, key=lambda file: file.parts)


def listing_digest(files):
    """Returns the SHA-256, in hex, of the names, sizes and times of files."""
    digest = hashlib.sha256()
    for file in files:
        digest.update(f"{file.name}\0{file.size}\0{file.time}\n".encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


def content_digest(files, progress):
    """Returns the SHA-256, in hex, of the names and contents of files, read on all cores.

    Args:
        files: list of `File`.
        progress: called with the number of files read since the last call.
    """
    whole = hashlib.sha256()
    for file, digest in zip(files, in_threads(_digest, files), strict=True):
        whole.update(f"{file.name}\0".encode("utf-8", "surrogatepass") + digest)
        progress(1)
    return whole.hexdigest()


def in_threads(function, items, ahead=64):
    """Yields function(item) in order, computed by as many threads as there are cores.

    Args:
        items: iterable, read no further than `ahead` before what is yielded.
    """
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        pending, items = [], iter(items)
        try:
            while True:
                for item in items:
                    pending.append(pool.submit(function, item))
                    if len(pending) >= ahead:
                        break
                if not pending:
                    return
                yield pending.pop(0).result()
        finally:
            for future in pending:
                future.cancel()


def _digest(file):
    digest = hashlib.sha256()
    try:
        with open(file.path, "rb") as opened:
            while part := opened.read(_PART):
                digest.update(part)
    except OSError as error:
        raise DataError(f"cannot read {file.path}: {error.strerror}") from None
    return digest.digest()


def read_bytes(path):
    """Returns the content of a regular file.

    Raises:
        OSError: it cannot be read, or is a pipe or a device.
    """
    with open(path, "rb", opener=_without_waiting) as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise OSError(None, "it is no regular file", str(path))
        return file.read()


def _without_waiting(path, flags):
    return os.open(path, flags | os.O_NONBLOCK)


def printable(name):
    """Returns the name of a file as text; `?` for bytes that are none."""
    return name.encode("utf-8", "replace").decode()


def shown(root):
    """Returns a path as it is shown, the home folder as ~."""
    path, home = printable(str(root)), str(pathlib.Path.home())
    return "~" + path[len(home):] if path.startswith(home + os.sep) else path
