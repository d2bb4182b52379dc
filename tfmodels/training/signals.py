"""SIGINT and SIGTERM: deferred while a step is under way, immediate otherwise."""

import contextlib
import os
import signal

from tfmodels.errors import Stopped


class StopSignals:
    """Turns SIGINT and SIGTERM into `Stopped`, at once or at the next `check`.

    Args:
        message: what to tell the user when the work stops outside of a `deferred` block.
    """

    def __init__(self, message="stopped"):
        self.message = message
        self._deferred = False
        self._received = None
        self._previous = {}

    def __enter__(self):
        for signum in (signal.SIGINT, signal.SIGTERM):
            self._previous[signum] = signal.signal(signum, self._handle)
        return self

    def __exit__(self, *_):
        for signum, handler in self._previous.items():
            signal.signal(signum, handler)

    @contextlib.contextmanager
    def deferred(self):
        """Within it a signal is only noted; a second SIGINT ends the process at once."""
        self._deferred = True
        try:
            yield self
        finally:
            self._deferred = False

    @property
    def received(self):
        """The number of the signal that was noted, or None."""
        return self._received

    def _handle(self, signum, _):
        if self._received == signal.SIGINT == signum:
            os._exit(128 + signum)
        self._received = signum
        if not self._deferred:
            raise Stopped(signum, self.message)
