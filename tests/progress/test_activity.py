"""Long computations say that they are under way."""

import time

from tfmodels.errors import attempt
from tfmodels.progress import activity


def test_what_is_quick_is_silent_and_what_is_slow_is_named(capsys, monkeypatch):
    with activity.of("scores"):
        attempt("quick", lambda: 1, {})
    assert capsys.readouterr().out == ""
    monkeypatch.setattr(activity, "SILENCE", 0.02)
    said = []

    def slow():
        while len(said) < 2:  # as long as it takes
            time.sleep(0.01)
            said.extend(capsys.readouterr().out.splitlines())
    with activity.of("scores"):
        attempt("baseline logistic_regression", slow, {})
    assert said[0] == "scores: baseline logistic_regression …"
    capsys.readouterr()
