"""The comparison of generation with and without the cache."""

import pytest

from benchmarks import generation, records


def test_both_ways_write_the_same_tokens(capsys, tmp_path):
    ratio = generation.main(["--tokens=6", "--rounds=1", "--batch_size=2",
                             f"--out={tmp_path}"])  # compares them
    assert f"6 tokens {ratio:.2g} times as fast" in capsys.readouterr().out
    found = records.read("generation", tmp_path)["gpt"]["figures"]
    assert (found["tokens"], found["ratio"]) == (6, ratio)


def test_a_wrong_number_is_refused(capsys):
    with pytest.raises(SystemExit):
        generation.main(["--tokens=none"])
    assert "expected an integer of at least 1" in capsys.readouterr().err
