"""How many images are scored at each size."""

import pytest

from tfmodels.evaluation import effort


@pytest.mark.parametrize(("side", "final", "validated", "shown", "bounded"), [
    (28, 5000, 2000, 320, 10_000), (32, 5000, 2000, 320, 10_000), (64, 1310, 655, 100, 2570),
    (128, 327, 163, 100, 642), (256, 100, 100, 100, 160)])
def test_as_many_as_their_effort_allows(side, final, validated, shown, bounded):
    shape = side, side, 3
    assert [effort.affordable(wanted, shape, passes, allowed) for wanted, passes, allowed in (
        (5000, 50, effort.SAMPLED), (2000, 50, effort.VALIDATED), (320, 50, effort.SHOWN),
        (10_000, 51, effort.BOUNDED))] == [final, validated, shown, bounded]


@pytest.mark.parametrize("shape", [(8, 8, 1), (28, 28, 1), (32, 32, 3), (16, 64, 3)])
def test_small_images_are_all_looked_at(shape):
    assert effort.affordable(10**6, shape, 1000, effort.SAMPLED) == 10**6


def test_of_few_none_is_left_out_and_nothing_said():
    assert effort.affordable(7, (256, 256, 3), 10**9, effort.SAMPLED) == 7
    assert effort.affordable(2500, (256, 256, 3), 1, effort.SAMPLED) == 2500
    assert effort.affordable(64, (256, 256, 3), 50, effort.SHOWN, 16) == 16
    assert effort.note(7, 7, (256, 256, 3), 50, "samples were drawn") == []
    assert effort.note(100, 2500, (48, 80, 3), 50, "samples were drawn") == [
        "100 of 2,500 samples were drawn, since one of 48x80 pixels takes 50 passes of the network"]
