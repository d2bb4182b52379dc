"""keras.io's side of the page `gpt`: the same network of stock layers."""

import numpy as np

from benchmarks.peers.keras_io import KerasIo
from tfmodels.launcher import pages


def test_stock_layers_compute_what_the_page_does_before_and_after_training(data_dir):
    side = KerasIo("gpt", pages.config_class("gpt")(
        dataset="tiny_verses", data_dir=str(data_dir), batch_size=16, steps=10, context=16,
        width=32, heads=2, depth=2))
    ours, theirs = side.task.model, side.model
    tokens, targets = side.task.prepare(side.task.source.batches(16, 0)(0), (0, 0))
    np.testing.assert_array_equal(tokens[:, 1:], targets[:, :-1])
    assert side.parameters == ours.count_params()
    np.testing.assert_allclose(theirs(tokens), ours(tokens), atol=1e-5)
    before = side.score()
    side.train(10)
    assert side.score()[1] < before[1]  # writes the weights to the page's model
    np.testing.assert_allclose(theirs(tokens), ours(tokens), atol=1e-5)
