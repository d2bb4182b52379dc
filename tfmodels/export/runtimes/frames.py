"""What is said between a process and the one that runs an artefact: dicts of arrays. NumPy only."""

import io
import struct

import numpy as np

_LENGTH = struct.Struct("<Q")


def write(file, arrays):
    """Writes {name: array without objects} to a binary file."""
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    file.write(_LENGTH.pack(buffer.getbuffer().nbytes))
    file.write(buffer.getbuffer())
    file.flush()


def read(file):
    """Returns what was written, None at the end of the file."""
    head = file.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    with np.load(io.BytesIO(file.read(*_LENGTH.unpack(head))), allow_pickle=False) as found:
        return dict(found)
