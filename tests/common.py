"""What several tests share."""

import os
import pathlib
import signal
import types

ROOT = pathlib.Path(__file__).parents[1]
# 300 real digits of 8x8 pixels, prepared by conftest.py: trains, scores and exports in seconds.
DIGITS = "--dataset=tiny_digits"
# What conftest.py prepares to stand for the embedded sets, which are larger than a test needs.
STAND_INS = {"mnist_10k": "tiny_digits", "kjv_verses": "tiny_verses", "chat_pairs": "tiny_pairs",
             "emoji_names": "tiny_pairs"}
TINY = ["--steps=6", "--batch_size=16", "--log_every=2", "--eval_every=3", "--checkpoint_every=4"]


def texts_of(**texts):
    """Stands for a split with some lists of texts."""
    return types.SimpleNamespace(texts=texts.__getitem__)


def stop_at(step, monkeypatch):
    """Sends this process SIGTERM when that step begins."""
    from tfmodels.training.stepper import Stepper
    call = Stepper.__call__

    def call_and_signal(self, first, end):
        if first <= step - 1 < end:
            os.kill(os.getpid(), signal.SIGTERM)
        call(self, first, min(end, max(step, first + 1)))
    monkeypatch.setattr(Stepper, "__call__", call_and_signal)
