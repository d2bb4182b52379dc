"""Constants of the tests."""

import pathlib

ROOT = pathlib.Path(__file__).parents[1]
# 300 real digits of 8x8 pixels, prepared by conftest.py: trains, scores and exports in seconds.
DIGITS = "--dataset=tiny_digits"
# What conftest.py prepares to stand for the embedded sets, which are larger than a test needs.
STAND_INS = {"mnist_10k": "tiny_digits", "kjv_verses": "tiny_verses", "chat_pairs": "tiny_pairs",
             "emoji_names": "tiny_pairs"}
TINY = ["--steps=6", "--batch_size=16", "--log_every=2", "--eval_every=3", "--checkpoint_every=4"]
