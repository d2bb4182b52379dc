"""PyTorch's side trains the page's networks, weight by weight."""

import math

import numpy as np
import pytest
import torch

from benchmarks.peers import torch_sides
from benchmarks.speed import comparison, measure
from tfmodels.launcher import pages

SMALL = {"gpt": {"context": 16, "width": 32, "heads": 2, "depth": 2},
         "transformer": {"width": 16, "heads": 2},
         "rnn": {"width": 16, "units": 8, "depth": 2}}


@pytest.fixture(scope="module")
def side(data_dir):
    """Makes PyTorch's side of an experiment on tiny verses."""
    def make(name):
        return torch_sides.TorchSide(name, pages.config_class(name)(
            dataset="tiny_verses", data_dir=str(data_dir), batch_size=16, steps=30, **SMALL[name]))
    return make


@pytest.mark.parametrize("name", comparison.TORCH)
def test_the_same_network_starts_alike_and_learns(name, side):
    made = side(name)
    trainable = sum(math.prod(weight.shape) for weight in made.task.model.trainable_weights)
    assert made.parameters == trainable
    validation = made.task.data.splits["validation"]
    before = measure.quality(made.task.evaluate(made.task.signatures, validation))
    assert made.score() == before  # the weights came back as they were
    batch = made.task.prepare(made.task.source.batches(16, 0)(0), (0, 0))[0]
    made.model.eval()
    with torch.no_grad():
        found = made.model(torch.from_numpy(batch.numpy()).long()).numpy()
    np.testing.assert_allclose(found, made.task.model(batch, training=False), atol=1e-4)
    cost = made.train(20)
    assert cost.examples == 20 * 16
    assert cost.cpu > 0
    assert made.score()[1] < before[1]


def test_it_learns_at_the_rate_that_it_is_given(data_dir):
    made = torch_sides.TorchSide("gpt", pages.config_class("gpt")(
        dataset="tiny_verses", data_dir=str(data_dir), steps=30, learning_rate=3e-3,
        **SMALL["gpt"]))
    assert max(made._rates) == pytest.approx(3e-3)
    assert isinstance(made._optimizer, torch.optim.AdamW)


@pytest.mark.parametrize("decay", [0.0, 0.1])
def test_the_optimizer_steps_as_keras_does(decay):
    import keras
    rate = keras.optimizers.schedules.PolynomialDecay(0.1, 8)
    ours = (keras.optimizers.AdamW if decay else keras.optimizers.Adam)(
        rate, beta_2=0.9, weight_decay=decay or None)
    variable = keras.Variable(np.array([1.0, -2.0], np.float32))
    parameter = torch.nn.Parameter(torch.tensor([1.0, -2.0]))
    theirs = torch_sides.optimizer(ours, lambda found: [
        {"params": [parameter], "weight_decay": found}])
    for step, rate in enumerate(torch_sides.learning_rates(ours, 5)):
        gradient = np.array([0.5, step - 1.0], np.float32)
        ours.apply([gradient], [variable])
        theirs.param_groups[0]["lr"] = rate
        parameter.grad = torch.from_numpy(gradient)
        theirs.step()
        np.testing.assert_allclose(parameter.detach(), variable, rtol=1e-5)
