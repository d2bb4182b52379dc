"""Constants of the tests."""

import pathlib

ROOT = pathlib.Path(__file__).parents[1]
TINY = ["--steps=6", "--batch_size=16", "--log_every=2", "--eval_every=3", "--checkpoint_every=4"]
