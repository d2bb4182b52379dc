"""Learning rates at the ends of their schedules."""

import pytest

from tfmodels.training.schedules import linear_decay, warmup_cosine


def test_schedules_at_their_ends():
    cosine = warmup_cosine(0.5, 100, warmup=0.1)
    assert [float(cosine(step)) for step in (0, 5, 10, 55, 100)] == pytest.approx(
        [0, 0.25, 0.5, 0.25, 0], abs=1e-6)
    line = linear_decay(0.5, 100)
    assert [float(line(step)) for step in (0, 50, 100)] == pytest.approx([0.5, 0.25, 0])
