"""Keras models, data, training loop, evaluation and export: a library that knows no flags."""
