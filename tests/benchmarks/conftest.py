"""Recipes of `time_to_score` as modules; PyTorch, a large optional extra, where it is installed."""

import importlib.util
import sys

import pytest

from benchmarks.time_to_score.comparison import _RECIPES

collect_ignore = ["test_torch.py"]
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
