"""The comparison of generation with and without the cache."""

import pytest

from benchmarks import generation


def test_both_ways_write_the_same_tokens(capsys):
    ratio = generation.main(["--tokens=6", "--rounds=1", "--batch_size=2"])  # compares them
    assert f"{ratio:.1f}x faster with the cache" in capsys.readouterr().out


def test_a_wrong_number_is_refused(capsys):
    with pytest.raises(SystemExit):
        generation.main(["--tokens=none"])
    assert "expected an integer of at least 1" in capsys.readouterr().err
