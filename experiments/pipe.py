"""Output that somebody may stop reading, as `head` does."""

import contextlib
import os
import sys


@contextlib.contextmanager
def reader_may_leave():
    """Ends the block without an error once nobody reads the standard output any more."""
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        # What is still in the buffer is written at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
