"""Where output goes: a terminal, a reader who may leave, as `head` does, or a file."""

import contextlib
import os
import pathlib
import sys

from tfmodels.errors import InputError


@contextlib.contextmanager
def reader_may_leave():
    """Ends the block without an error once nobody reads the standard output any more."""
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        # What is still in the buffer is written at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def target(out):
    """Returns the path of the file that --out means, None if it is not given.

    The file takes its place as a whole, which must not happen to a device or a pipe; where the
    user's own link leads, it does.
    """
    if not out:
        return None
    path = pathlib.Path(out).expanduser()
    if path.is_symlink():
        path = pathlib.Path(os.path.realpath(path))
    if not path.parent.is_dir() or (path.exists() and not path.is_file()):
        raise InputError(f"flag --out={out}: expected a file in a folder that exists")
    return path


def printable(text):
    """Returns a text with `?` for the characters that the standard output does not have."""
    encoding = sys.stdout.encoding or "utf-8"
    return text.encode(encoding, "replace").decode(encoding)
