"""What several tests share."""

import fcntl
import os
import pathlib
import signal
import types

from tfmodels.data.catalog import EMBEDDED
from tfmodels.launcher import pages

ROOT = pathlib.Path(__file__).parents[1]
# 300 real digits of 8x8 pixels, prepared by conftest.py: trains, scores and exports in seconds.
DIGITS = "--dataset=tiny_digits"
# What conftest.py prepares to stand for larger sets -> the kinds of features that it has.
STAND_INS = {"tiny_digits": ("image", "label"), "tiny_verses": ("text", "label"),
             "tiny_pairs": ("source", "target")}
# What is computed in does not depend on the processor: `auto` does.
TINY = ["--steps=6", "--batch_size=16", "--log_every=2", "--eval_every=3", "--checkpoint_every=4",
        "--precision=float32"]
# In float32 its kernels do not give the same last bits each time, see docs/reliability.md.
OTHERWISE = {"diffusion": ["--precision=mixed_bfloat16"]}
# What decides how much is traced and written: so much of it, where an experiment has the setting.
SMALL = {"beams": 2, "context": 24, "depth": 1, "length": 12, "sampling_steps": 3,
         "vocabulary_size": 300}


def stand_in(experiment):
    """Returns the small set of the same kinds as the experiment's default one; itself if none."""
    dataset = pages.config_class(experiment)().dataset
    if dataset not in EMBEDDED:
        return dataset
    kinds = set(EMBEDDED[dataset].kinds)
    return next((name for name, held in STAND_INS.items() if kinds <= set(held)), dataset)


def tiny(experiment):
    """Returns the flags of the tiny run of an experiment that all tests share, see `runs`."""
    known = pages.config_class(experiment).__dataclass_fields__
    return [*TINY, *OTHERWISE.get(experiment, ()), f"--dataset={stand_in(experiment)}",
            *(f"--{name}={value}" for name, value in SMALL.items() if name in known)]


def texts_of(**texts):
    """Stands for a split with some lists of texts."""
    return types.SimpleNamespace(texts=texts.__getitem__)


def once(folder, make):
    """Calls make(folder) in the first process that comes here; the others wait for it."""
    with open(folder.with_name(f"{folder.name}.lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            folder.mkdir()
            make(folder)
    return folder


def stop_at(step, monkeypatch):
    """Sends this process SIGTERM when that step begins."""
    from tfmodels.training.stepper import Stepper
    call = Stepper.__call__

    def call_and_signal(self, first, end):
        if first <= step - 1 < end:
            os.kill(os.getpid(), signal.SIGTERM)
        call(self, first, min(end, max(step, first + 1)))
    monkeypatch.setattr(Stepper, "__call__", call_and_signal)
