"""What every recipe has in common: its data, and a log of its validations.

A recipe is a program of its own, `python recipe.py DATA LOG.jsonl`. DATA is images, an .npz with
x_train, y_train, x_validation and y_validation as mnist.npz of `keras.datasets` has, uint8
[N, H, W]; or texts, a .json with lists of those names: y are labels or translations, running text
has none. It logs a line of JSON for each validation, {"clock": time.time(), "score": number}:
seconds since it was started are counted by who started it.

What only another program can score, such as samples, goes to a file beside the log, and the line
is {"clock": …, "file": its name}.
"""

import contextlib
import json
import os
import pathlib
import sys
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


class Log:
    """The log of a recipe.

    Its clock stands still while something is scored or written for another program that the
    published recipe does not score: what that takes is not counted against it.

    Args:
        path: of the file.
    """

    def __init__(self, path):
        self._path = pathlib.Path(path)
        self._paused, self._files = 0.0, 0

    def score(self, score):
        """Logs a validation score, a number."""
        self._write(time.time(), "score", float(score))

    def score_aside(self, compute):
        """Logs the validation score that compute() returns of the model as it is now."""
        with self._aside() as began:
            self._write(began, "score", float(compute()))

    def to_score(self, make):
        """Logs what make() returns of the model as it is now: an array, or anything for JSON."""
        with self._aside() as began:
            made = make()
            self._files += 1
            file = self._path.with_name(f"{self._path.stem}-{self._files:04d}")
            if hasattr(made, "dtype"):
                import numpy as np
                file = file.with_suffix(".npy")
                np.save(file, made)
            else:
                file = file.with_suffix(".json")
                file.write_text(json.dumps(made), encoding="utf-8")
            self._write(began, "file", file.name)

    @contextlib.contextmanager
    def _aside(self):
        """Lets the clock stand still; gives the time at which it was stopped."""
        began = time.time()
        yield began
        self._paused += time.time() - began

    def _write(self, clock, key, value):
        with open(self._path, "a", encoding="utf-8") as file:
            file.write(json.dumps({"clock": clock - self._paused, key: value}) + "\n")


def samples_wanted(arrays):
    """Returns how many images a generator draws at a validation: as many as our own command."""
    return min(2000, max(100, len(arrays["x_validation"])))


def arguments():
    """Returns what DATA holds, a dict, and the `Log`."""
    data, path = sys.argv[1:]
    if data.endswith(".json"):
        with open(data, encoding="utf-8") as file:
            return json.load(file), Log(path)
    import numpy as np
    with np.load(data) as arrays:
        return dict(arrays), Log(path)


def running_text(data, part):
    """Returns the texts of "train" or "validation" in one, a line each."""
    return "".join(f"{text}\n" for text in data[f"x_{part}"])


def after_each_epoch(action):
    """Returns a callback of `fit` that calls action(logs) when an epoch is over.

    Args:
        action: takes the logs of an epoch, such as {"val_accuracy": 0.9}.
    """
    import keras
    return keras.callbacks.LambdaCallback(on_epoch_end=lambda _, logs: action(logs))
