"""The best validated state: it is what is exported, and training may end when none is better."""

import json
import math
import types

import numpy as np
import pytest
import tensorflow as tf
from common import DIGITS, stop_at

from tfmodels.errors import SettingError
from tfmodels.training import checkpoints
from tfmodels.training.best import Best


@pytest.mark.parametrize(("metric", "values", "step"), [
    ("accuracy", [0.1, 0.5, 0.5, 0.3], 2), ("loss", [3.0, 1.0, 1.0, 2.0], 2),
    ("accuracy", [0.1, math.nan, 0.2], 3), ("d_loss", [math.nan], None), ("", [1.0], None)])
def test_the_first_of_the_best_counts(metric, values, step):
    best = Best(metric)
    seen = [best.see(number, {metric: value}) for number, value in enumerate(values, 1)]
    assert best.step == step
    assert step is None or (seen[step - 1] and not any(seen[step:]))


def test_patience_ends_after_validations_in_a_row_without_a_better_one():
    best, over = Best("loss", patience=2), []
    for step, loss in enumerate([2.0, 3.0, 1.0, 1.5, 1.2], 1):
        best.see(step, {"loss": loss})
        over.append(best.over)
    assert over == [False, False, False, False, True]
    there = types.SimpleNamespace(notes=best.notes(), steps=lambda: [3, 5])
    assert Best.at("loss", 2, there) == best
    there.steps = lambda: [5]  # after a rollback that deleted it
    assert Best.at("loss", 2, there) == Best("loss", 2)


def test_an_unknown_score_is_refused():
    with pytest.raises(SettingError, match="keep_best=acuracy.*did you mean accuracy"):
        Best("acuracy").check({"accuracy": 0.5, "loss": 1.0})


@pytest.fixture
def worse(monkeypatch):
    """Makes every validation's loss after step 4 worse than the one before."""
    from tfmodels.training import loop
    validate = loop.validate

    def validate_and_worsen(task, events, step, write, errors):
        scores = validate(task, events, step, write, errors)
        return scores | {"loss": float(step if step > 4 else 10 - step)}
    monkeypatch.setattr(loop, "validate", validate_and_worsen)


FLAGS = ["--experiment=dense", DIGITS, "--steps=20", "--batch_size=16", "--hidden_units=8",
         "--eval_every=2", "--checkpoint_every=5"]


def _metrics(run):
    return json.loads((run / "metrics.json").read_text())


def test_the_best_state_is_exported_and_resume_is_exact(launch, data_dir, tmp_path, worse,
                                                        monkeypatch):
    flags = [*FLAGS, f"--data_dir={data_dir}", f"--logdir={tmp_path}"]
    plain = launch(*flags, "--run=plain")
    assert plain[0] == 0
    keep = [*flags, "--keep_best=loss", "--patience=4"]
    assert launch(*keep, "--run=whole")[0] == 0
    run = tmp_path / "dense" / "whole"
    whole = _metrics(run)
    assert (whole["step"], whole["steps"]) == (12, 20)
    assert whole["best"] == {"step": 4, "value": 6.0, "waited": 4}
    exported = tf.train.load_checkpoint(str(run / "export/1/variables/variables"))
    found = [exported.get_tensor(name) for name in exported.get_variable_to_shape_map()]
    for step, equal in ((4, True), (12, False)):
        kernel = next(value for name, value in checkpoints.read_variables(
            run / "checkpoints", step).items() if name.startswith("model/") and value.ndim == 2)
        assert any(np.array_equal(kernel, array) for array in found) == equal
    code, out, _ = launch(*keep, "--run=whole")
    assert (code, "finished at step 12: nothing to do" in out) == (0, True)
    with monkeypatch.context() as patch:
        stop_at(9, patch)
        assert launch(*keep, "--run=parts")[0] == 143
    assert launch(*keep, "--run=parts")[0] == 0
    parts = _metrics(tmp_path / "dense" / "parts")
    assert {**parts, "seconds": 0} == {**whole, "seconds": 0}
    assert whole["variables_sha256"] != _metrics(tmp_path / "dense" / "plain")["variables_sha256"]


def test_what_cannot_be_kept_is_refused_before_the_first_step(launch, data_dir, tmp_path):
    flags = [*FLAGS, f"--data_dir={data_dir}", f"--logdir={tmp_path}"]
    code, _, err = launch(*flags, "--patience=2")
    assert (code, "expected --keep_best=SCORE with it" in err) == (1, True)
    code, _, err = launch(*flags, "--keep_best=frechet", "--run=a")
    assert (code, "expected a score of the validation split: accuracy, loss" in err) == (1, True)
    assert not (tmp_path / "dense").exists()
