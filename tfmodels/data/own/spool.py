"""Examples that were read, kept on disk until they are written: a line of JSON for each."""

import base64
import json

import numpy as np


def write(file, values, digest):
    """Appends an example to a text file.

    Args:
        values: {key: bytes, list of bytes, float32 [n], text or number}.
        digest: bytes, the hash of its content.
    """
    file.write(json.dumps([{key: _packed(value) for key, value in values.items()},
                           digest.hex()]) + "\n")


def read(path):
    """Yields (values, digest) of each example of a file, as they were."""
    with open(path, encoding="utf-8") as file:
        for line in file:
            values, digest = json.loads(line)
            yield ({key: _unpacked(value) for key, value in values.items()},
                   bytes.fromhex(digest))


def _packed(value):
    if isinstance(value, bytes):
        return {"bytes": base64.b64encode(value).decode()}
    if isinstance(value, np.ndarray):
        return {"float32": base64.b64encode(value.astype("<f4").tobytes()).decode()}
    return [_packed(part) for part in value] if isinstance(value, list) else value


def _unpacked(value):
    if isinstance(value, list):
        return [_unpacked(part) for part in value]
    if not isinstance(value, dict):
        return value
    [(kind, packed)] = value.items()
    raw = base64.b64decode(packed)
    return raw if kind == "bytes" else np.frombuffer(raw, "<f4").astype(np.float32)
