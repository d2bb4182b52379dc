"""How far a training is: a bar on a terminal, plain lines elsewhere."""

import resource
import sys
import time

import tqdm

_MEASURED = 2.0  # seconds of steps from which the time of the others is told
_TOLD = 10.0  # seconds of training below which nothing is


class Progress:
    """A progress bar on a terminal, plain lines elsewhere."""

    def __init__(self, start, steps):
        self._bar = tqdm.tqdm(total=steps, initial=start, unit="step",
                              disable=not sys.stderr.isatty())
        self._first, self._steps = None, steps
        self._last = time.monotonic()
        self._told = False

    def update(self, step, scalars):
        """Moves to `step`; `scalars` is what was logged there, or None."""
        self._bar.update(step - self._bar.n if not self._bar.disable else 0)
        self._tell(step)
        if scalars is None:
            return
        shown = {name: f"{value:.4g}" for name, value in scalars.items()
                 if "norm" not in name and "learning_rate" not in name}
        self._bar.set_postfix(shown)
        if self._bar.disable and (time.monotonic() - self._last > 10 or step == self._steps):
            self._last = time.monotonic()
            print(f"step {step:,}/{self._steps:,}  "
                  + "  ".join(f"{name} {value}" for name, value in shown.items())
                  + self._left(step), flush=True)

    def _tell(self, step):
        """Says once how long the training takes; the first steps, which compile, do not count."""
        if self._first is None:
            self._first = step, time.monotonic()
        passed = time.monotonic() - self._first[1]
        if not self._told and passed > _MEASURED:
            self._told = True
            if passed + self._seconds_left(step) > _TOLD:
                self.write(f"{self._steps - self._first[0]:,} steps take about "
                           f"{(passed + self._seconds_left(step)) / 60:,.1f} minutes, with "
                           f"{memory():.1f} GiB of memory so far")

    def _seconds_left(self, step):
        """Returns how long the other steps will take, at the rate so far."""
        first, began = self._first
        return (time.monotonic() - began) * (self._steps - step) / max(1, step - first)

    def _left(self, step):
        if step in (self._first[0], self._steps):
            return ""
        return f"  {self._seconds_left(step) / 60:,.1f} minutes to go"

    def write(self, line):
        """Prints a line without disturbing the bar."""
        self._bar.write(line) if not self._bar.disable else print(line, flush=True)

    def close(self):
        """Ends the bar."""
        self._bar.close()


def memory():
    """Returns the most memory that this process has had so far, in GiB."""
    unit = 2**30 if sys.platform == "darwin" else 2**20  # macOS counts bytes, others kilobytes
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit
