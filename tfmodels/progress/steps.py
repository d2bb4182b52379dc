"""How far a training is: a bar on a terminal, plain lines elsewhere."""

import sys
import time

import tqdm


class Progress:
    """A progress bar on a terminal, plain lines elsewhere."""

    def __init__(self, start, steps):
        self._bar = tqdm.tqdm(total=steps, initial=start, unit="step",
                              disable=not sys.stderr.isatty())
        self._start, self._steps = start, steps
        self._began = self._last = time.monotonic()

    def update(self, step, scalars):
        """Moves to `step`; `scalars` is what was logged there, or None."""
        self._bar.update(step - self._bar.n if not self._bar.disable else 0)
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

    def _left(self, step):
        """Returns how long the other steps will take, at the rate so far."""
        if step in (self._start, self._steps):
            return ""
        passed = time.monotonic() - self._began
        minutes = passed / (step - self._start) * (self._steps - step) / 60
        return f"  {minutes:,.1f} minutes to go"

    def write(self, line):
        """Prints a line without disturbing the bar."""
        self._bar.write(line) if not self._bar.disable else print(line, flush=True)

    def close(self):
        """Ends the bar."""
        self._bar.close()
