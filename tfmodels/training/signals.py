"""SIGINT and SIGTERM: deferred while a step is under way, immediate otherwise."""

import contextlib
import os
import signal
import sys
import threading
import time

from tfmodels.errors import Stopped

_PATIENCE = 2.0  # seconds that a call into native code may go on after a signal


class StopSignals:
    """Turns SIGINT and SIGTERM into `Stopped`, at once or at the next `check`.

    Python answers a signal between two of its own instructions, so not before a call into native
    code has returned, such as one of LAPACK that takes an hour. Outside of a `deferred` block
    nothing is to be saved: if the answer is not there soon, a thread ends the process instead,
    with the same message and exit code.

    `Stopped` may be raised inside of anything, such as Keras that traces a step: whatever exception
    another library makes of it comes out as `Stopped` again, and where it is swallowed, as in a
    finalizer, the signal is sent once more.

    Args:
        message: what to tell the user when the work stops outside of a `deferred` block.
    """

    def __init__(self, message="stopped"):
        self.message = message
        self._deferred = False
        self._received = None
        self._previous = {}
        self._handled = 0  # signals
        self._raised = None

    def __enter__(self):
        # Python writes each signal's number there from whatever code it comes in.
        reader, self._pipe = os.pipe()
        os.set_blocking(self._pipe, False)
        self._previous_pipe = signal.set_wakeup_fd(self._pipe, warn_on_full_buffer=False)
        threading.Thread(target=self._watch, args=(reader,), daemon=True).start()
        for signum in (signal.SIGINT, signal.SIGTERM):
            self._previous[signum] = signal.signal(signum, self._handle)
        self._previous_hook, sys.unraisablehook = sys.unraisablehook, self._again
        return self

    def __exit__(self, kind, error, trace):
        sys.unraisablehook = self._previous_hook
        for signum, handler in self._previous.items():
            signal.signal(signum, handler)
        signal.set_wakeup_fd(self._previous_pipe)
        os.close(self._pipe)  # ends the thread
        if self._raised and error and not isinstance(error, Stopped):
            raise self._raised from None

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

    def check(self):
        """Raises `Stopped` if a signal was noted."""
        if self._received:
            raise Stopped(self._received, self.message)

    def _handle(self, signum, _):
        self._handled += 1
        if self._received == signal.SIGINT == signum:
            os._exit(128 + signum)
        self._received = signum
        if not self._deferred:
            self._raised = Stopped(signum, self.message)
            raise self._raised

    def _again(self, unraisable):
        """Answers an exception that Python cannot raise where it came up."""
        if isinstance(unraisable.exc_value, Stopped):
            self._received = None  # as if it had not come yet
            threading.Timer(0.01, os.kill, (os.getpid(), self._raised.exit_code - 128)).start()
        else:
            self._previous_hook(unraisable)

    def _watch(self, reader):
        """Ends the process after a signal that `_handle` does not get to see."""
        came = 0
        while number := os.read(reader, 1):
            signum = number[0]
            if signum not in self._previous:
                continue
            came += 1
            time.sleep(_PATIENCE)
            if self._handled < came and not self._deferred:
                print(f"error: {Stopped(signum, self.message)}", file=sys.stderr, flush=True)
                os._exit(128 + signum)
        os.close(reader)
