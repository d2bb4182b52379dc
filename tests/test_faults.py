"""Faults of the machine and of files: the documented answer, and nothing lost."""

import errno
import json
import operator
import resource
import subprocess
import sys

import numpy as np
import pytest
import tensorflow as tf
from common import DIGITS, ROOT, TINY

MORE = [flag for flag in TINY if not flag.startswith("--steps")]


def _continue(launch, run, data_dir, *flags):
    return launch("--experiment=dense", "--run=täst", f"--logdir={run.parents[1]}",
                  f"--data_dir={data_dir}", DIGITS, *MORE, *flags)


def _content(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


FAULTS = [
    tf.errors.ResourceExhaustedError(None, None, "OOM when allocating tensor"), MemoryError(),
    OSError(errno.ENOSPC, "No space left on device", "events"),
    tf.errors.UnknownError(None, None, "File too large")]


def test_fault_while_training_leaves_the_checkpoints_and_the_run_goes_on(
        dense_run, launch, data_dir, monkeypatch):
    from tfmodels.training.stepper import Stepper
    before = _content(dense_run / "checkpoints")
    for error in FAULTS:
        def fail(*_, error=error):
            raise error
        with monkeypatch.context() as patch:
            patch.setattr(Stepper, "__call__", fail)
            code, _, err = _continue(launch, dense_run, data_dir, "--steps=9")
        assert code == 5, error
        assert "Traceback" not in err
        assert _content(dense_run / "checkpoints") == before
    assert _continue(launch, dense_run, data_dir, "--steps=9")[0] == 0


def test_disk_full_while_saving_keeps_the_checkpoint_before(dense_run, launch, data_dir,
                                                            monkeypatch):
    from tfmodels.training import checkpoints

    def fail(path):
        raise OSError(errno.ENOSPC, "No space left on device", str(path))
    before = _content(dense_run / "checkpoints")
    with monkeypatch.context() as patch:
        patch.setattr(checkpoints, "_sync", fail)
        code, _, err = _continue(launch, dense_run, data_dir, "--steps=8")
    assert code == 5
    assert "variables" in err
    after = _content(dense_run / "checkpoints")
    assert {path: after[path] for path in before} == before
    code, out, _ = _continue(launch, dense_run, data_dir, "--steps=8")
    assert code == 0
    assert "continuing at step 6" in out
    assert not list(dense_run.glob("checkpoints/tmp-*"))


def test_file_size_limit_of_the_system_is_code_5(launch, data_dir, tmp_path):
    command = [sys.executable, str(ROOT / "launch.py"), "--experiment=dense", "--run=a",
               f"--logdir={tmp_path}", f"--data_dir={data_dir}", DIGITS, *TINY]
    limited = subprocess.run(command, capture_output=True, text=True, preexec_fn=lambda: (
        resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, resource.RLIM_INFINITY))))
    assert limited.returncode == 5, limited.stderr
    assert "no room" in limited.stderr
    assert str(tmp_path) in limited.stderr
    assert "Traceback" not in limited.stderr
    code, _, err = launch(*command[2:])
    assert code == 0, err


def test_memory_that_cannot_be_had_is_code_5(launch, data_dir, tmp_path):
    """More than any processor can address, so that no system promises it."""
    code, _, err = launch("--experiment=dense", f"--logdir={tmp_path}", f"--data_dir={data_dir}",
                          f"--hidden_units={10**14}", "--run=a", DIGITS, *TINY)
    assert code == 5
    assert "out of memory" in err


def test_all_checkpoints_damaged_is_code_7_and_touches_nothing_else(dense_run, launch, data_dir):
    for path in dense_run.glob("checkpoints/step-*/variables.data*"):
        path.write_bytes(b"damaged")
    metrics = (dense_run / "metrics.json").read_bytes()
    code, _, err = _continue(launch, dense_run, data_dir, "--steps=8")
    assert code == 7
    assert "--overwrite" in err
    assert (dense_run / "metrics.json").read_bytes() == metrics
    assert _continue(launch, dense_run, data_dir, "--steps=8")[0] == 7  # and not a silent restart


def test_newest_checkpoint_damaged_continues_from_the_one_before(dense_run, launch, data_dir):
    newest = dense_run / "checkpoints" / "step-00000006"
    (newest / "variables.index").write_bytes(b"")
    code, out, _ = _continue(launch, dense_run, data_dir, "--steps=8")
    assert code == 0
    assert "checkpoint of step 6 is damaged" in out
    assert "continuing at step 4" in out


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b'{"settings": 3}', b'{"settings": {}}',
                                    b'{"settings": {"steps": {"value": "many"}}}'])
@pytest.mark.parametrize("mode", ["evaluate", "export", "reproduce"])
def test_damaged_manifest_is_a_message(mode, damage, dense_run, launch):
    (dense_run / "manifest.json").write_bytes(damage)
    code, _, err = launch(f"--mode={mode}", "--run=dense/täst", f"--logdir={dense_run.parents[1]}")
    assert code in (1, 7)
    assert err.startswith("error: ")
    assert "Traceback" not in err


def test_damaged_export_is_a_message(dense_run, launch):
    (dense_run / "export" / "1" / "saved_model.pb").write_bytes(b"damaged")
    for mode in ("evaluate", "sample"):
        code, _, err = launch(f"--mode={mode}", "--run=dense/täst",
                              f"--logdir={dense_run.parents[1]}")
        assert code == 7, mode
        assert "export" in err


def test_changed_data_set_is_refused_by_name(dense_run, launch, data_dir):
    manifest = json.loads((dense_run / "manifest.json").read_text())
    manifest["data"]["splits"]["train"]["fingerprint"] = "0" * 64
    (dense_run / "manifest.json").write_text(json.dumps(manifest))
    code, _, err = _continue(launch, dense_run, data_dir, "--steps=8")
    assert code == 3
    assert "tiny_digits" in err
    code, _, err = launch("--mode=evaluate", "--run=dense/täst",
                          f"--logdir={dense_run.parents[1]}")
    assert code == 3
    assert "tiny_digits" in err


def test_nan_in_any_metric_stops_with_its_name_and_step(dense_run, launch, data_dir, monkeypatch):
    from tfmodels.training import loop
    metrics = loop._metrics
    before = _content(dense_run / "checkpoints")
    monkeypatch.setattr(loop, "_metrics", lambda model: metrics(model) | {"d_loss": float("nan")})
    code, _, err = _continue(launch, dense_run, data_dir, "--steps=8")
    assert code == 4
    assert "d_loss is nan at step 8" in err
    assert _content(dense_run / "checkpoints") == before


@pytest.mark.parametrize(("of", "message"), [
    ("trainable_variables", "at step 8"),  # which number shows it depends on the processor
    ("optimizer.variables", "norm of all variables is inf at step 8")])  # no score shows it
def test_weights_that_are_not_finite_never_become_a_checkpoint(
        of, message, dense_run, launch, data_dir, monkeypatch):
    from tfmodels.training.stepper import Stepper
    call = Stepper.__call__

    def poison(self, first, end):
        call(self, first, end)
        if end == 8:
            variable = operator.attrgetter(of)(self._task.model)[-1]
            variable.assign(variable + np.inf)
    before = _content(dense_run / "checkpoints")
    monkeypatch.setattr(Stepper, "__call__", poison)
    monkeypatch.setattr("tfmodels.training.loop._training_scalars", lambda *_: {"loss": 0.0})
    code, _, err = _continue(launch, dense_run, data_dir, "--steps=8")
    assert code == 4
    assert message in err
    assert _content(dense_run / "checkpoints") == before


def test_a_failing_baseline_picture_or_metric_is_reported_and_costs_nothing_else(
        launch, data_dir, tmp_path, monkeypatch):
    from tfmodels.evaluation import baselines, classification

    def fail(*_, **__):
        raise ValueError("no such thing")
    command = ["--experiment=dense", "--run=a", f"--logdir={tmp_path}", f"--data_dir={data_dir}",
               DIGITS, *TINY]
    monkeypatch.setattr(baselines, "logistic_regression", fail)
    monkeypatch.setattr(classification, "confusion_picture", fail)
    code, out, err = launch(*command)
    assert code == 0, err
    run = tmp_path / "dense" / "a"
    metrics = json.loads((run / "metrics.json").read_text())
    assert metrics["errors"] == {"picture mistakes": "ValueError: no such thing",
                                 "baseline logistic_regression": "ValueError: no such thing"}
    assert metrics["baselines"] == {}
    assert metrics["metrics"]["test_accuracy"] > 0
    assert "not computed: baseline logistic_regression" in out
    assert (run / "export" / "1" / "saved_model.pb").exists()
    monkeypatch.setattr(classification, "scores", fail)
    code, out, err = launch("--mode=evaluate", "--run=dense/a", f"--logdir={tmp_path}")
    assert code == 0, err
    errors_after = json.loads((run / "metrics.json").read_text())["errors"]
    assert errors_after == metrics["errors"] | {"test metrics": "ValueError: no such thing"}
