"""keras.io's side of the pages that classify texts: the same network of stock layers."""

import numpy as np
import pytest

from benchmarks.peers.keras_io import KerasIo
from tfmodels.launcher import pages


@pytest.mark.parametrize("name", ["transformer", "rnn"])
def test_stock_layers_compute_what_the_page_does_before_and_after_training(name, data_dir):
    side = KerasIo(name, pages.config_class(name)(
        dataset="tiny_verses", data_dir=str(data_dir), batch_size=16, steps=10,
        length=12))
    ours, theirs = side.task.model, side.model
    tokens = side.task.source.batches(16, 0)(0)["tokens"]
    assert side.parameters == sum(np.prod(weight.shape) for weight in ours.trainable_weights)
    np.testing.assert_allclose(theirs(tokens), ours(tokens), atol=1e-5)
    before = side.score()
    cost = side.train(10)
    assert cost.examples == 10 * 16
    after = side.score()  # writes the weights to the page's model
    assert after[1] < before[1]
    np.testing.assert_allclose(theirs(tokens), ours(tokens), atol=1e-5)
