"""What a training says of the time that it takes."""

import re

import pytest

from tfmodels.progress import steps


@pytest.fixture
def said(monkeypatch, capsys):
    """Returns the lines of a training of 1,000 steps, of which each takes so many seconds."""
    def train(seconds):
        now = [0.0]
        monkeypatch.setattr(steps.time, "monotonic", lambda: now[0])
        progress = steps.Progress(0, 1000)
        for step in range(10, 1001, 10):
            now[0] += 60 if step == 10 else 10 * seconds  # the first compiles
            progress.update(step, {"loss": 1.0} if step % 50 == 0 else None)
        return capsys.readouterr().out.splitlines()
    return train


def test_time_and_memory_are_told_once_and_soon(said):
    lines = said(0.12)
    assert re.fullmatch(r"990 steps take about 2\.0 minutes, with \d+\.\d GiB of memory so far",
                        lines[0])
    assert sum("of memory" in line for line in lines) == 1
    assert "step 450/1,000  loss 1  1.1 minutes to go" in lines


def test_a_short_training_is_not_told_of(said):
    assert not any("memory" in line for line in said(0.005))
