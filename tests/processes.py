"""The command line in a process of its own, to be signalled or killed.

It is forked from one process that has imported TensorFlow, which takes seconds, and has done
nothing with it.
"""

import importlib
import itertools
import multiprocessing
import os
import signal
import sys
import threading

_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(["tensorflow", "keras", "tensorflow_datasets"])


class CommandLine:
    """Runs `launch.py` with some flags; as a `subprocess.Popen` whose output is one text.

    Args:
        flags: list of str.
        environment: variables to set there.
        dies_in: (a function's full name, which of its calls), at whose end the process kills
            itself, or None.
    """

    def __init__(self, flags, environment=(), dies_in=None):
        ours, theirs = _CONTEXT.Pipe(duplex=False)
        self._process = _CONTEXT.Process(
            target=_run, args=(flags, dict(environment), dies_in, theirs), daemon=True)
        self._process.start()
        theirs.close()
        self.stdout = os.fdopen(os.dup(ours.fileno()), encoding="utf-8")
        ours.close()
        self.pid = self._process.pid

    @property
    def returncode(self):
        """None while it runs; the negative signal that killed it."""
        return self._process.exitcode

    def poll(self):
        """Returns `returncode`."""
        return self.returncode

    def send_signal(self, signum):
        """Sends a signal."""
        os.kill(self.pid, signum)

    def kill(self):
        """Ends it at once."""
        self._process.kill()

    def communicate(self, timeout=300):
        """Returns (what else it printed, None) when it ends, and kills it if that takes longer."""
        timer = threading.Timer(timeout, self.kill)
        timer.start()
        try:
            output = self.stdout.read()
            self._process.join()
        finally:
            timer.cancel()
        return output, None

    def close(self):
        """Ends it if it runs."""
        if self.returncode is None:
            self.kill()
        self._process.join()
        self.stdout.close()


def _run(flags, environment, dies_in, output):
    """Is what the process does."""
    os.environ |= environment
    for descriptor in (1, 2):
        os.dup2(output.fileno(), descriptor)
    output.close()
    from tfmodels.launcher import cli
    if dies_in:
        _die_in(*dies_in)
    code = cli.main(["launch.py", *flags])
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _die_in(function, call):
    """Kills this process once that call of a function has done its work."""
    place, _, name = function.rpartition(".")
    module = importlib.import_module(place)
    original, calls = getattr(module, name), itertools.count(1)

    def then_die(*args, **kwargs):
        result = original(*args, **kwargs)
        if next(calls) == call:
            os.kill(os.getpid(), signal.SIGKILL)
        return result
    setattr(module, name, then_die)
