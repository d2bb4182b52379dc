"""The benchmark runs, compares like with like and prints what it found."""

import contextlib
import io
import json
import math
import sys

import numpy as np
import pytest

from benchmarks import keras_io, measure, ours, speed


@pytest.fixture(scope="module")
def compared(data_dir, tmp_path_factory):
    """The rows and the output of a small comparison."""
    file = tmp_path_factory.mktemp("speed") / "speed.json"
    with contextlib.redirect_stdout(io.StringIO()) as out:
        rows = speed.main(["--models=dense", "--rounds=2", "--steps=4", f"--json={file}",
                           f"--data_dir={data_dir}"])
    return rows, out.getvalue(), file


def test_both_sides_train_the_same_network_equally_long(compared):
    sides = compared[0][0]["sides"]
    assert sides["keras.io"]["parameters"] == sides["same_maths"]["parameters"] == 669_706
    assert sides["keras.io"]["settings"] == sides["same_maths"]["settings"] == "float32"
    for side in sides.values():
        assert [cost["examples"] for cost in side["rounds"]] == [4 * 128] * 2
        assert all(cost["cpu"] > 0 and cost["wall"] > 0 for cost in side["rounds"])


def test_every_side_learns(compared):
    for side in compared[0][0]["sides"].values():
        assert math.isfinite(side["score"])
        assert side["score"] < math.log(10)  # the loss of a classifier that has learnt nothing


def test_the_table_has_a_column_for_every_figure(compared):
    lines = compared[1].splitlines()
    heading = next(line for line in lines if line.startswith("model")).split()
    row = next(line for line in lines if line.startswith("dense")).split()
    assert heading == ["model", "weights", "steps", "CPU", "ms", "CPU", "wall", "CPU", "wall",
                       "fastest", "is", "metric", "keras.io", "same", "fastest"]
    assert row[:3] == ["dense", "669706", "13"]
    assert "loss" in row
    assert all(np.isfinite([float(value) for value in row[3:8] + row[-3:]]))


def test_the_json_file_holds_the_rows(compared):
    assert json.loads(compared[2].read_text())["models"] == compared[0]


def test_ratio_is_the_median_of_theirs_over_ours_per_example():
    def rounds(*seconds, examples):
        return {"rounds": [{"cpu": s, "wall": s, "examples": examples} for s in seconds]}
    row = {"sides": {"keras.io": rounds(2.0, 6.0, 100.0, examples=100),
                     "same_maths": rounds(2.0, 2.0, 2.0, examples=200)}}
    assert speed.ratio(row, "same_maths", "cpu") == 6.0


def test_a_variant_is_its_experiment_with_other_settings(monkeypatch):
    class Side:
        parameters, settings = 1, "float32"

        def __init__(self, name, settings, *_):
            made.append((name, settings.architecture, settings.steps))

        def train(self, steps):
            return measure.Cost(steps, cpu=1.0, wall=1.0)

        def score(self):
            return "loss", 0.5

        def close(self):
            pass

    made = []
    monkeypatch.setattr(keras_io, "KerasIo", Side)
    monkeypatch.setattr(ours, "Ours", Side)
    row = speed.compare("gan_dense", rounds=2, steps=3)
    assert made == [("gan", "dense", 5 + 2 * 3)] * 3
    assert row["model"] == "gan_dense"
    assert list(row["sides"]) == ["keras.io", "same_maths", "fastest"]
    assert [len(side["rounds"]) for side in row["sides"].values()] == [2, 2, 2]


@pytest.mark.parametrize(("flag", "expected"), [
    ("--models=dnse", "did you mean dense?"),
    ("--rounds=0", "expected an integer of at least 1, not '0'"),
    ("--steps=many", "expected an integer of at least 1, not 'many'")])
def test_wrong_flags_say_what_was_expected(flag, expected, capsys):
    with pytest.raises(SystemExit):
        speed.main([flag])
    assert expected in capsys.readouterr().err


def test_pytorch_has_columns_of_its_own(compared):
    row = compared[0][0]
    lines = speed.table([row], torch=True)
    assert lines[1].split()[-3:] == ["CPU", "wall", "score"]
    assert lines[-1].split()[-3:] == ["-", "-", "-"]
    theirs = {"score": 0.25, "rounds": [
        {clock: 3 * value if clock != "examples" else value for clock, value in cost.items()}
        for cost in row["sides"]["fastest"]["rounds"]]}
    lines = speed.table([row | {"sides": row["sides"] | {"PyTorch": theirs}}], torch=True)
    assert lines[-1].split()[-3:] == ["3.00", "3.00", "0.2500"]


def test_without_pytorch_it_says_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(SystemExit, match=r"pip install '\.\[torch\]'"):
        speed.main(["--models=dense", "--torch"])
