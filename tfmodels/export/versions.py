"""The numbered versions of an export, as they lie on disk. Imports no TensorFlow."""

import pathlib


def versions(folder):
    """Returns the numbers of the complete exports in a folder, in order."""
    folder = pathlib.Path(folder)
    if not folder.is_dir():
        return []
    return sorted(int(entry.name) for entry in folder.iterdir() if entry.name.isdecimal())
