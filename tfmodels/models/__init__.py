"""Architectures and training steps: functions that return a keras.Model."""
