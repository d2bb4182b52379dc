"""Constants of the tests."""

import pathlib

ROOT = pathlib.Path(__file__).parents[1]
# 300 real digits of 8x8 pixels, prepared by conftest.py: trains, scores and exports in seconds.
DIGITS = "--dataset=tiny_digits"
TINY = ["--steps=6", "--batch_size=16", "--log_every=2", "--eval_every=3", "--checkpoint_every=4"]
