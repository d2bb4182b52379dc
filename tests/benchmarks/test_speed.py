"""The benchmark runs, compares like with like and prints what it found."""

import contextlib
import io
import math
import sys
import types

import pytest

from benchmarks import records
from benchmarks.peers import keras_io
from benchmarks.speed import comparison, measure, ours, speed_table


@pytest.fixture(scope="module")
def compared(data_dir, tmp_path_factory):
    """The row, the output and the kept record of a small comparison."""
    out = tmp_path_factory.mktemp("speed")
    with contextlib.redirect_stdout(io.StringIO()) as said:
        rows = comparison.main(["--models=dense", "--rounds=2", "--steps=4", f"--out={out}",
                           f"--data_dir={data_dir}"])
    return rows["dense"], said.getvalue(), records.read("speed", out)["dense"]


def test_both_sides_train_the_same_network_equally_long(compared):
    sides = compared[0]["sides"]
    assert sides["keras.io"]["parameters"] == sides["float32"]["parameters"] == 669_706
    assert sides["keras.io"]["settings"] == sides["float32"]["settings"] == "float32"
    for side in sides.values():
        assert [cost["examples"] for cost in side["rounds"]] == [4 * 128] * 2
        assert all(cost["cpu"] > 0 and cost["wall"] > 0 for cost in side["rounds"])


def test_every_side_learns(compared):
    for side in compared[0]["sides"].values():
        assert math.isfinite(side["score"])
        assert side["score"] < math.log(10)  # the loss of a classifier that has learnt nothing


def test_the_table_has_a_column_for_every_figure(compared):
    row, said, _ = compared
    heading = next(line for line in said.splitlines() if line.startswith("| | keras.io"))
    line = next(line for line in said.splitlines() if line.startswith("| `dense`"))
    assert heading.count("|") == line.count("|")
    cells = line.strip("| ").split(" | ")
    sides, ratios = row["sides"], row["ratios"]
    assert cells == [
        "`dense`", f"{ratios['keras.io / float32']['cpu']:.2f}",
        f"{ratios['keras.io / page']['cpu']:.2f}", "-", "loss, 13 steps",
        *(f"{sides[side]['score']:.4g}" for side in ("keras.io", "float32", "page")), "-"]
    assert "keras.io's way shifts, turns and zooms" in said


def test_the_result_file_holds_the_row(compared):
    assert compared[2]["figures"] == compared[0]
    assert compared[2]["command"] == (
        "python -m benchmarks.speed --models=dense --rounds=2 --steps=4")


def test_ratio_is_the_median_of_theirs_over_ours_per_example():
    def rounds(*seconds, examples):
        return {"rounds": [{"cpu": s, "wall": s, "examples": examples} for s in seconds]}
    theirs = rounds(2.0, 6.0, 100.0, examples=100)
    assert comparison.ratio(theirs, rounds(2.0, 2.0, 2.0, examples=200), "cpu") == 6.0


class Side:
    """Stands for a side: its score is least at a learning rate of 3e-3, infinite at 1e-2."""

    parameters, settings = 1, "float32"

    def __init__(self, name, settings, plain=False):
        self.trained, self.rate = 0, settings.learning_rate
        made.append((name, settings, self))

    def train(self, steps):
        self.trained += steps
        return measure.Cost(steps, cpu=1.0, wall=1.0)

    def score(self):
        return "loss", math.nan if self.rate == 1e-2 else abs(self.rate - 3e-3)

    def close(self):
        pass


made = []


@pytest.fixture
def sides(monkeypatch):
    """Puts `Side` in the place of both sides; returns the list of those that are made."""
    monkeypatch.setattr(keras_io, "KerasIo", Side)
    monkeypatch.setattr(ours, "Ours", Side)
    made.clear()
    return made


def test_a_variant_is_its_experiment_with_other_settings(sides):
    row = comparison.compare("gan_dense", rounds=2, steps=3)
    assert [(name, settings.architecture, settings.steps) for name, settings, _ in sides] == [
        ("gan", "dense", 5 + 2 * 3)] * 3
    assert list(row["sides"]) == ["keras.io", "float32", "page"]
    assert [len(side["rounds"]) for side in row["sides"].values()] == [2, 2, 2]


def test_a_side_of_another_optimizer_gets_the_rate_that_validation_chooses(sides):
    row = comparison.compare("gpt", rounds=2, steps=3)
    *tried, theirs, plain, page = [side for *_, side in sides]
    assert [side.rate for side in tried] == [1e-3, 3e-3, 5e-3, 1e-2]
    assert [side.trained for side in tried] == [5 + 2 * 3] * 4  # as long as it is compared
    assert (theirs.rate, plain.rate, page.rate) == (3e-3, 5e-3, 5e-3)  # ours: the page's
    found = row["sides"]["keras.io"]
    assert found["learning_rate"] == 3e-3
    assert found["score_by_rate"] == {
        "0.001": pytest.approx(2e-3), "0.003": 0.0, "0.005": pytest.approx(2e-3), "0.01": math.inf}
    assert [cost["cpu"] for cost in found["rounds"]] == [1.0, 1.0]  # the trials are not timed
    said = " ".join("\n".join(speed_table.notes({"gpt": row})).split())
    assert "keras.io's learning rate is 0.003, the best on the validation split (0.001:" in said


def test_pytorch_gets_its_best_rate_whatever_our_optimizer(sides, monkeypatch):
    monkeypatch.setitem(sys.modules, "benchmarks.peers.torch_sides",
                        types.SimpleNamespace(TorchSide=Side))
    row = comparison.compare("transformer", rounds=1, steps=3, torch=True)
    assert [side.rate for *_, side in sides] == [
        1e-3, 3e-3, 1e-2, 1e-3, 1e-3, 1e-3, 3e-3]  # tried, keras.io, both of ours, PyTorch
    assert row["sides"]["PyTorch"]["learning_rate"] == 3e-3
    assert row["ratios"]["PyTorch / page"]["cpu"] == pytest.approx(1.0)


def test_a_side_of_our_optimizer_has_our_rate(sides):
    row = comparison.compare("gpt_adamw", rounds=1, steps=3)
    assert len(sides) == 3
    assert "learning_rate" not in row["sides"]["keras.io"]


@pytest.mark.parametrize(("flag", "expected"), [
    ("--models=dnse", "did you mean dense?"),
    ("--rounds=0", "expected an integer of at least 1, not '0'"),
    ("--steps=many", "expected an integer of at least 1, not 'many'")])
def test_wrong_flags_say_what_was_expected(flag, expected, capsys):
    with pytest.raises(SystemExit):
        comparison.main([flag])
    assert expected in capsys.readouterr().err


def test_pytorch_has_columns_of_its_own(compared):
    row = compared[0]
    more = {"sides": row["sides"] | {"PyTorch": {"score": 0.25}},
            "ratios": row["ratios"] | {"PyTorch / page": {"cpu": 3.0, "wall": 2.0}}}
    cells = speed_table.table({"dense": row | more})[-1].strip("| ").split(" | ")
    assert (cells[3], cells[-1]) == ("3.00", "0.25")


def test_the_pages_own_precision_is_named(compared):
    row = compared[0]
    page = row["sides"]["page"] | {"settings": "mixed_bfloat16"}
    line = speed_table.table({"dense": row | {"sides": row["sides"] | {"page": page}}})[-1]
    assert f"{row['ratios']['keras.io / page']['cpu']:.2f} (mixed_bfloat16) |" in line


def test_without_pytorch_it_says_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(SystemExit, match=r"pip install '\.\[torch\]'"):
        comparison.main(["--models=dense", "--torch"])
