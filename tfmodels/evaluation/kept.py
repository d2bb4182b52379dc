"""Scores of baselines, kept by the examples they are of: what was fitted is not fitted again."""

import functools
import hashlib
import json
import pathlib

import numpy as np
import sklearn

from tfmodels import files

_folder = None


def use(folder):
    """Says where scores are kept, a Path; None for nowhere, as it is before."""
    global _folder
    _folder = folder


def scores(function):
    """Makes a pure function of arrays, texts and plain values keep its scores, a dict for JSON.

    A file is named by a hash of all arguments, of this package's modules of evaluation and of
    scikit-learn's version. Where nothing can be read or written the scores are computed.
    """
    @functools.wraps(function)
    def keeping(*args, **named):
        if _folder is None:
            return function(*args, **named)
        digest = hashlib.sha256(_code().encode())
        _add(digest, (args, sorted(named.items())))
        path = _folder / f"{function.__name__}-{digest.hexdigest()[:32]}.json"
        try:
            found = json.loads(path.read_text("utf-8"))
            if not isinstance(found, dict):
                raise ValueError(f"{path} holds no scores")
        except (OSError, ValueError):
            found = json.loads(json.dumps(function(*args, **named), default=_plain))
            _write(path, found)
        else:
            print(f"{function.__name__}: as before on the same examples, kept in {_folder}",
                  flush=True)
        return found
    return keeping


def _write(path, found):
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        files.write_json(path, found)
    except OSError:  # a full disk or a folder of others costs no score
        pass


def _plain(value):
    """Returns a number of NumPy as Python's own."""
    return value.item()


@functools.cache
def _code():
    """Returns what decides scores beside their arguments, as one string."""
    sources = sorted(pathlib.Path(__file__).parent.glob("*.py"))
    return sklearn.__version__ + "".join(source.read_text("utf-8") for source in sources)


def _add(digest, value):
    """Adds a value to a hash, with its type and length, so that no two have the same."""
    if isinstance(value, np.ndarray) and value.dtype != object:
        digest.update(f"array {value.dtype.str} {value.shape}".encode())
        digest.update(np.ascontiguousarray(value).data)
    elif isinstance(value, bytes):
        digest.update(f"bytes {len(value)}".encode() + value)
    elif isinstance(value, dict):
        _add(digest, list(value.items()))
    elif isinstance(value, (tuple, list, np.ndarray)):
        digest.update(f"sequence {len(value)}".encode())
        for part in value:
            _add(digest, part)
    elif value is None or isinstance(value, (str, int, float, np.generic)):
        digest.update(f"{type(value).__name__} {value!r};".encode())
    else:
        raise TypeError(f"scores of {type(value).__name__} cannot be kept")
