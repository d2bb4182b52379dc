"""The optimizers of Transformers that write text, by what one step does to each variable."""

import numpy as np
import pytest

from tfmodels.models import gpt
from tfmodels.training import optimizers
from tfmodels.training.schedules import warmup_cosine


@pytest.mark.parametrize("name", ["muon", "adamw"])
def test_the_optimizer_takes_orthogonal_steps_of_the_blocks_matrices_alone(name):
    model = gpt.gpt(50, 12, width=16, depth=1, heads=2)
    variables = model.trainable_variables
    optimizer = getattr(optimizers, name)(warmup_cosine(0.01, 10), 0.5, 1e9)
    optimizer.build(variables)
    optimizer.iterations.assign(1)  # the first step has a learning rate of 0, this one its peak
    random = np.random.default_rng(0)
    gradients = [(random.choice([-1, 1], v.shape) * random.uniform(0.5, 1.5, v.shape)).astype(
        np.float32) for v in variables]
    before = [v.numpy() for v in variables]
    optimizer.apply(gradients, variables)
    # Adam's moments start at 0 and are divided by what two steps would have made of them.
    adam = 0.01 * (0.1 / (1 - 0.9**2)) / np.sqrt(0.01 / (1 - 0.99**2))
    seen = set()
    for variable, old, gradient in zip(variables, before, gradients, strict=True):
        decayed = old * (1 - 0.01 * 0.5 * (old.ndim == 2))
        step = decayed - variable.numpy()
        in_block = old.ndim == 2 and variable.path.startswith("block_")
        seen.add(in_block)
        if in_block and name == "muon":
            # Newton and Schulz's iterations leave singular values between 0.7 and 1.2.
            values = np.linalg.svd(step / (0.01 * 0.2 * max(old.shape)**0.5), compute_uv=False)
            assert values.min() > 0.6
            assert values.max() < 1.3
            assert (step * gradient).sum() > 0
        else:
            np.testing.assert_allclose(step, adam * np.sign(gradient), rtol=1e-3, atol=1e-7)
    assert seen == {True, False}
