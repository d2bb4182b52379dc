"""Recipes of `time_to_score` as modules; PyTorch, a large optional extra, where it is installed."""

import importlib.util
import json
import sys

import pytest

from benchmarks.time_to_score import logs
from benchmarks.time_to_score.comparison import _RECIPES

collect_ignore = ["test_torch.py", "test_time_to_score_nanogpt.py"]
if importlib.util.find_spec("torch"):
    from benchmarks.speed import comparison
    collect_ignore = []
    comparison.import_torch()  # before a test imports TensorFlow


@pytest.fixture
def recipe(monkeypatch):
    """Returns a function that imports a recipe, as its program does, with other settings."""
    names = [file.stem for file in _RECIPES.glob("*.py")]
    known = {name: sys.modules.pop(name) for name in names if name in sys.modules}
    monkeypatch.syspath_prepend(str(_RECIPES))

    def imported(name, **settings):
        module = importlib.import_module(name)
        for key, value in settings.items():
            monkeypatch.setattr(module, key, value)
        return module
    yield imported
    for name in names:
        sys.modules.pop(name, None)
    sys.modules.update(known)  # tests have a `common` of their own


@pytest.fixture
def run(recipe, monkeypatch, tmp_path):
    """Returns a function that runs a recipe on what was written, or on `data`; gives its log."""
    def ran(name, data=None, **settings):
        if data:
            (tmp_path / "data.json").write_text(json.dumps(data))
        monkeypatch.setattr(sys, "argv", [name, str(tmp_path / "data.json"),
                                          str(tmp_path / "log.jsonl")])
        recipe(name, **settings).main()
        return logs.read(tmp_path / "log.jsonl")
    return ran
