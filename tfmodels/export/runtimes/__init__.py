"""Artefacts in the runtimes they are made for, each in a process without TensorFlow's training."""
