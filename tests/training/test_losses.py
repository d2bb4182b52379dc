"""Losses against Keras' own."""

import keras
import numpy as np
import pytest

from tfmodels.training.losses import SmoothedCrossentropy


def test_smoothed_crossentropy_against_keras_and_closed_form():
    random = np.random.default_rng(0)
    logits = random.normal(size=(5, 4)).astype(np.float32)
    labels = np.array([0, 3, 1, 1, 2])
    plain = keras.losses.SparseCategoricalCrossentropy(from_logits=True)(labels, logits)
    assert float(SmoothedCrossentropy(0.0)(labels, logits)) == pytest.approx(float(plain), rel=1e-5)
    smoothed = keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=0.1)(
        np.eye(4)[labels], logits)
    assert float(SmoothedCrossentropy(0.1)(labels, logits)) == pytest.approx(
        float(smoothed), rel=1e-5)
