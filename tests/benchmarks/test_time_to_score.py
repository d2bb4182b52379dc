"""Seconds until a peer's score: which validation counts, and what is made of the rounds."""

import json
import subprocess
import sys

import numpy as np
import pytest

from benchmarks.time_to_score import comparison, table
from benchmarks.time_to_score.cases import CASES
from tfmodels.training import tags


@pytest.mark.parametrize(("case", "target", "expected"), [
    ("cnn", 0.9, 3), ("cnn", 0.5, 1), ("cnn", 0.99, None),
    ("autoencoder", 0.6, 1), ("autoencoder", 0.1, None)])
def test_the_first_validation_as_good_counts(case, target, expected):
    points = [(1, 0.5), (2, 0.8), (3, 0.9), (4, 0.7), (5, 0.95)]
    assert CASES[case].first(points, target) == expected


def test_the_tags_are_those_of_validations():
    for name, case in CASES.items():
        assert tags.tag_of(tags.SCALARS, case.tag.partition("/")[2])[0] == case.tag, name


def _round(target, theirs, ours):
    return {"target": target, "theirs": {"seconds": theirs, "gb": 1.0, "points": []},
            "ours": {"seconds": ours, "gb": 2.0, "points": []}}


def test_rounds_become_medians_and_a_miss_is_shown():
    rounds = [_round(0.98, 100, 20), _round(0.99, 90, 10), _round(0.97, 200, 30)]
    figures = comparison.summary(rounds)
    assert (figures["target"], figures["theirs"], figures["ours"]) == (0.98, 100, 20)
    assert figures["ratio"] == 5
    missed = comparison.summary([*rounds, _round(0.98, 100, None)])
    assert (missed["ours"], missed["ratio"]) == (None, None)
    about = {"command": "c", "date": "2026-01-02", "machine": {"cores": 2, "processor": "Z"}}
    more = {"recipe": "mnist_convnet", "dataset": "mnist", "tag": "metrics/accuracy",
            "flags": ["--steps=4"]}
    shown = table.markdown({"cnn": {**about, "figures": figures | more},
                            "dense": {**about, "figures": missed | more}})
    assert "| accuracy 0.98 | 100 s | 20 s | 5.0 | `--steps=4` | 1.0 GB, 2.0 GB |" in shown
    assert "| not reached | - |" in shown
    assert "The geometric mean over 1 is 5.0." in shown


def test_a_recipe_runs_without_this_package_and_logs_each_epoch(tmp_path):
    rng = np.random.default_rng(0)
    arrays = {}
    for split in ("train", "validation"):
        arrays |= {f"x_{split}": rng.integers(0, 256, (12, 8, 8)).astype(np.uint8),
                   f"y_{split}": np.arange(12) % 3}
    np.savez(tmp_path / "data.npz", **arrays)
    script = comparison._RECIPES / "mnist_mlp.py"
    subprocess.run([sys.executable, script, tmp_path / "data.npz", tmp_path / "log.jsonl"],
                   check=True, capture_output=True, cwd=tmp_path)
    lines = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    assert len(lines) == 20  # epochs
    assert all(0 <= line["score"] <= 1 for line in lines)
    assert [line["clock"] for line in lines] == sorted(line["clock"] for line in lines)
    assert "tfmodels" not in "".join(path.read_text() for path in comparison._RECIPES.glob("*.py")
                                     if path.name != "__init__.py" and path.name != "common.py")
