"""What every recipe has in common: its data as NumPy arrays, and a log of its validation scores.

A recipe is a program of its own, `python recipe.py DATA.npz LOG.jsonl`. It logs a line of JSON for
each validation, {"clock": time.time(), "score": …}: seconds since it was started are counted by who
started it. DATA.npz has x_train, y_train, x_validation and y_validation, as mnist.npz of
`keras.datasets` has, images uint8 [N, H, W].
"""

import json
import os
import sys
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


def arguments():
    """Returns the arrays of DATA.npz, and the function that logs a validation score."""
    import numpy as np
    data, path = sys.argv[1:]

    def log(score):
        with open(path, "a", encoding="utf-8") as file:
            file.write(json.dumps({"clock": time.time(), "score": float(score)}) + "\n")
    with np.load(data) as arrays:
        return dict(arrays), log


def after_each_epoch(log, score):
    """Returns a callback of `fit` that logs score(logs) when an epoch is over.

    Args:
        log: of `arguments`.
        score: the logs of an epoch, such as {"val_accuracy": 0.9} -> number.
    """
    import keras
    return keras.callbacks.LambdaCallback(on_epoch_end=lambda _, logs: log(score(logs)))
