"""Splits as they were decoded, kept under DATA_DIR/kept: what took long is not decoded again."""

import contextlib
import hashlib
import json
import os
import pathlib
import time
import zipfile

import numpy as np

from tfmodels import files

_SECONDS = 1.0  # that decoding takes, from which on it is kept
_MOST = 1 << 30  # bytes of a split that are kept


def kept(folder, source, decode):
    """Returns the arrays that were kept of a source, else those of `decode`, which may be kept.

    A file is named by a hash of its source, and its checksums tell whether it is whole. Where
    nothing can be read or written the arrays are decoded.

    Args:
        folder: Path that is written to; None for nowhere.
        source: what decides the arrays, see `source_of`.
        decode: () -> {key: array}.
    """
    if folder is None:
        return decode()
    name = hashlib.sha256(json.dumps(source, sort_keys=True).encode()).hexdigest()[:32]
    path = folder / f"decoded-{name}.npz"
    with contextlib.suppress(OSError, ValueError, EOFError, zipfile.BadZipFile):
        with np.load(path, allow_pickle=False) as found:
            return dict(found)
    began = time.monotonic()
    arrays = decode()
    plain = all(array.dtype != object for array in arrays.values())
    if (plain and time.monotonic() - began >= _SECONDS
            and sum(array.nbytes for array in arrays.values()) <= _MOST):
        with contextlib.suppress(OSError):  # a full disk or a folder of others
            folder.mkdir(parents=True, exist_ok=True)
            with files.replacing(path) as file:
                np.savez(file, **arrays)
    return arrays


def source_of(builder, split, start, stop, features):
    """Returns what decides how a part of a prepared split is decoded, a dict for JSON.

    Args:
        builder: of TFDS, prepared; its files are known by their names, sizes and times.
        split: name of its split.
        start, stop: the first example, and the one behind the last.
        features: {canonical key: feature key}.
    """
    paths = [*builder.info.splits[split].filepaths,
             pathlib.Path(builder.data_dir) / "features.json"]
    stats = [os.stat(path) for path in paths]
    return {"set": builder.info.full_name, "part": [split, start, stop], "features": features,
            "files": [[os.fspath(path), stat.st_size, stat.st_mtime_ns]
                      for path, stat in zip(paths, stats, strict=True)]}
