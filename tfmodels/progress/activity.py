"""Says what is being computed, so that no long computation is silent.

Nothing is printed of what is quickly done. A thread watches, since one call of a native library
may take minutes.
"""

import contextlib
import threading
import time

import tqdm

SILENCE = 4.0  # seconds after which it is said what is going on

_under_way = []  # (what, when it began), the innermost last
_heard = time.monotonic()  # when something was printed, or nothing was under way


@contextlib.contextmanager
def of(what):
    """Tells every `SILENCE` seconds of the block that it is under way, and of which part of it.

    Args:
        what: is computed, such as `test metrics`; inside another activity, which part of that.
    """
    outermost = not _under_way
    _under_way.append((what, time.monotonic()))
    if outermost:
        heard()
        done = threading.Event()
        watch = threading.Thread(target=_watch, args=(done,), daemon=True)
        watch.start()
    try:
        yield
    finally:
        _under_way.pop()
        if outermost:
            done.set()
            watch.join()


def heard():
    """Notes that a line was printed just now."""
    global _heard
    _heard = time.monotonic()


def _watch(done):
    while not done.wait(SILENCE / 10):
        if time.monotonic() - _heard >= SILENCE and (parts := list(_under_way)):
            seconds = round(time.monotonic() - parts[-1][1])
            named = ": ".join(what for what, _ in parts)
            with tqdm.tqdm.external_write_mode():  # a bar makes room for the line
                print(f"{named} …" + (f" ({seconds} s)" if seconds else ""), flush=True)
            heard()
