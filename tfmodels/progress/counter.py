"""How far the reading of files is: a bar on a terminal, a line now and then elsewhere."""

import sys
import time

import tqdm

from tfmodels.progress import activity

_EVERY = 4  # seconds between two lines


class Counter:
    """Counts what is done, and shows it.

    Args:
        what: such as `reading`.
        total: how many there are, None if that is not known.
    """

    def __init__(self, what, total=None):
        self._what, self._total, self._done = what, total, 0
        self._out = sys.stdout  # which TFDS is kept from meanwhile
        self._last = time.monotonic()
        self._bar = tqdm.tqdm(total=total, desc=what, leave=False, unit="example",
                              disable=not sys.stderr.isatty())

    def __call__(self, count=1):
        """Adds to what is done."""
        self._done += count
        if not self._bar.disable:
            self._bar.update(count)
        elif time.monotonic() - self._last > _EVERY:
            self._last = time.monotonic()
            of = f" of {self._total:,}" if self._total else ""
            print(f"{self._what}: {self._done:,}{of}", file=self._out, flush=True)
            activity.heard()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._bar.close()
