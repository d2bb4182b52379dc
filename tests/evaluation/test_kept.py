"""Scores of baselines that are kept for the same examples, and for no others."""

import json

import numpy as np
import pytest

from tfmodels.evaluation import kept


@pytest.fixture
def counted(tmp_path):
    """A function of anything, of which calls are counted, with a folder to keep its scores."""
    kept.use(tmp_path / "kept")
    calls = []

    @kept.scores
    def baseline(*args, **named):
        calls.append(args)
        return {"accuracy": np.float64(0.1) + len(calls), "converged": np.bool_(True),
                "settings": {"C": 0.1, "features": "words"}}
    yield baseline, calls
    kept.use(None)


IMAGES = np.arange(12, dtype=np.uint8).reshape(3, 2, 2)


def test_equal_examples_are_scored_once(counted, capsys):
    baseline, calls = counted
    first = baseline((IMAGES, np.array([0, 1, 1])), of=3)
    assert first == baseline((IMAGES.copy(), np.array([0, 1, 1])), of=3)
    assert len(calls) == 1
    assert "baseline: as before on the same examples" in capsys.readouterr().out
    assert (first["converged"], type(first["accuracy"])) == (True, float)


@pytest.mark.parametrize("other", [
    (IMAGES + 1,), (IMAGES.reshape(3, 4),), (IMAGES.astype(np.int8),), (IMAGES, 1), (IMAGES[:2],),
    ([b"ab", b"c"],), ([b"a", b"bc"],), ({b"a": ["x"], b"b": ["y"]},),
    ({b"b": ["y"], b"a": ["x"]},), (np.array([b"ab", b"c"], object), None)])
def test_other_examples_are_scored_anew(counted, other):
    baseline, calls = counted
    baseline(IMAGES)
    baseline(*other)
    assert len(calls) == 2
    baseline(*other)
    assert len(calls) == 2


@pytest.mark.parametrize("damage", ["", "{", "3", "no folder"])
def test_what_cannot_be_read_is_computed(counted, tmp_path, damage):
    baseline, calls = counted
    if damage == "no folder":
        (tmp_path / "kept").write_text("a file")
    baseline(IMAGES)
    for path in (tmp_path / "kept").glob("*"):
        path.write_text(damage)
    assert baseline(IMAGES)["settings"] == {"C": 0.1, "features": "words"}
    assert len(calls) == 2


def test_another_version_of_the_code_counts(counted, monkeypatch):
    baseline, calls = counted
    baseline(IMAGES)
    monkeypatch.setattr(kept, "_code", lambda: "another")
    baseline(IMAGES)
    assert len(calls) == 2


def test_a_baseline_is_kept_from_run_to_run(launch, data_dir, tmp_path):
    flags = ["--experiment=dense", "--dataset=tiny_digits", "--steps=2", "--batch_size=16",
             f"--data_dir={data_dir}", f"--logdir={tmp_path}"]
    found = []
    for run in "ab":
        code, out, _ = launch(*flags, f"--run={run}")
        assert code == 0
        found.append(json.loads((tmp_path / "dense" / run / "metrics.json").read_text()))
    assert "logistic_regression: as before on the same examples" in out
    for entry in ("baselines", "baseline_settings", "not_converged", "fitted_on"):
        assert found[0][entry] == found[1][entry]
