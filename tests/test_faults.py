"""Faults of the machine and of files: the documented answer, and nothing lost."""

import errno
import json
import os
import resource
import signal
import subprocess
import sys

import numpy as np
import pytest
import tensorflow as tf
from common import DIGITS, ROOT, TINY

from tfmodels import errors
from tfmodels.launcher import advice

MORE = [flag for flag in TINY if not flag.startswith("--steps")]

RECOGNISED = {
    "disk full": (OSError(errno.ENOSPC, "No space left on device", "/x/y"), "/x/y"),
    "quota": (OSError(errno.EDQUOT, "Disk quota exceeded", "/x/y"), "/x/y"),
    "file too large": (OSError(errno.EFBIG, "File too large", "/x/y"), "/x/y"),
    "read-only": (OSError(errno.EROFS, "Read-only file system", "/x/y"), "/x/y"),
    "no right": (PermissionError(errno.EACCES, "Permission denied", "/x/y"), "/x/y"),
    "disk full in TensorFlow": (tf.errors.ResourceExhaustedError(
        None, None, "/x/y; No space left on device"), "/x/y"),
    "file too large in TensorFlow": (tf.errors.UnknownError(
        None, None, "/x/y; File too large"), "/x/y"),
    "out of memory in TensorFlow": (tf.errors.ResourceExhaustedError(
        None, None, "OOM when allocating tensor with shape[9]"), "--batch_size"),
    "out of memory in Python": (MemoryError(), "--batch_size"),
}


@pytest.mark.parametrize("fault", RECOGNISED)
def test_fault_of_the_machine_is_code_5_and_names_what_to_do(fault):
    error, expected = RECOGNISED[fault]
    known = errors.recognise(error)
    assert known.exit_code == 5
    assert expected in advice.message(known)


def test_a_bug_is_not_hidden():
    assert errors.recognise(ValueError("a bug")) is None
    assert errors.recognise(OSError(errno.ENOENT, "No such file", "x")) is None


def _continue(launch, run, data_dir, *flags):
    return launch("--experiment=dense", "--run=täst", f"--logdir={run.parents[1]}",
                  f"--data_dir={data_dir}", DIGITS, *MORE, *flags)


def _content(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("error", [
    tf.errors.ResourceExhaustedError(None, None, "OOM when allocating tensor"), MemoryError(),
    OSError(errno.ENOSPC, "No space left on device", "events"),
    tf.errors.UnknownError(None, None, "File too large")])
def test_fault_while_training_leaves_the_checkpoints_and_the_run_goes_on(
        error, dense_run, launch, data_dir, monkeypatch):
    from tfmodels.training.stepper import Stepper
    before = _content(dense_run / "checkpoints")
    call = Stepper.__call__

    def fail(self, first, end):
        if first >= 6:
            raise error
        call(self, first, end)
    with monkeypatch.context() as patch:
        patch.setattr(Stepper, "__call__", fail)
        code, _, err = _continue(launch, dense_run, data_dir, "--steps=9")
    assert code == 5
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


def test_file_size_limit_of_the_system_is_code_5(data_dir, tmp_path):
    command = [sys.executable, str(ROOT / "launch.py"), "--experiment=dense", "--run=a",
               f"--logdir={tmp_path}", f"--data_dir={data_dir}", DIGITS, *TINY]
    limited = subprocess.run(command, capture_output=True, text=True, preexec_fn=lambda: (
        resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, resource.RLIM_INFINITY))))
    assert limited.returncode == 5, limited.stderr
    assert "no room" in limited.stderr
    assert str(tmp_path) in limited.stderr
    assert "Traceback" not in limited.stderr
    free = subprocess.run(command, capture_output=True, text=True)
    assert free.returncode == 0, free.stderr


def test_memory_that_cannot_be_had_is_code_5(launch, data_dir, tmp_path):
    code, _, err = launch("--experiment=dense", f"--logdir={tmp_path}", f"--data_dir={data_dir}",
                          "--hidden_units=2000000000", "--run=a", DIGITS, *TINY)
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


def test_interrupted_export_leaves_the_served_version_and_is_swept(dense_run, launch, monkeypatch):
    before = _content(dense_run / "export")
    save = tf.saved_model.save

    def interrupted(module, path, **kwargs):
        save(module, path, **kwargs)
        os.kill(os.getpid(), signal.SIGTERM)
    with monkeypatch.context() as patch:
        patch.setattr(tf.saved_model, "save", interrupted)
        code, _, _ = launch("--mode=export", "--run=dense/täst", f"--logdir={dense_run.parents[1]}")
    assert code == 143
    assert {path: path.read_bytes() for path in before} == before
    assert not (dense_run / "export" / "2").exists()
    code, _, _ = launch("--mode=export", "--run=dense/täst", f"--logdir={dense_run.parents[1]}")
    assert code == 0
    assert sorted(path.name for path in (dense_run / "export").iterdir()) == ["1", "2"]


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


def test_weights_that_are_not_finite_never_become_a_checkpoint(dense_run, launch, data_dir,
                                                              monkeypatch):
    from tfmodels.training.stepper import Stepper
    call = Stepper.__call__

    def poison(self, first, end):
        call(self, first, end)
        if end == 8:
            self._task.model.trainable_variables[0].assign(
                self._task.model.trainable_variables[0] * np.inf)
    monkeypatch.setattr(Stepper, "__call__", poison)
    monkeypatch.setattr("tfmodels.training.loop._training_scalars", lambda *_: {"loss": 0.0})
    code, _, err = _continue(launch, dense_run, data_dir, "--steps=8")
    assert code == 4
    assert "norm of all variables" in err
    assert not (dense_run / "checkpoints" / "step-00000008").exists()


def test_a_failing_baseline_picture_or_metric_is_reported_and_costs_nothing_else(
        launch, data_dir, tmp_path, monkeypatch):
    from tfmodels.evaluation import baselines, classification
    from tfmodels.training.events import Events

    def fail(*_, **__):
        raise ValueError("no such thing")
    command = ["--experiment=dense", "--run=a", f"--logdir={tmp_path}", f"--data_dir={data_dir}",
               DIGITS, *TINY]
    monkeypatch.setattr(baselines, "logistic_regression", fail)
    monkeypatch.setattr(classification, "confusion_picture", fail)
    monkeypatch.setattr(Events, "animation", fail)
    code, out, err = launch(*command)
    assert code == 0, err
    run = tmp_path / "dense" / "a"
    metrics = json.loads((run / "metrics.json").read_text())
    assert metrics["errors"] == {"picture mistakes": "ValueError: no such thing",
                                 "baseline logistic_regression": "ValueError: no such thing",
                                 "animation": "ValueError: no such thing"}
    assert metrics["baselines"] == {}
    assert metrics["metrics"]["test_accuracy"] > 0
    assert "not computed: baseline logistic_regression" in out
    assert (run / "export" / "1" / "saved_model.pb").exists()
    monkeypatch.setattr(classification, "scores", fail)
    code, out, err = launch("--mode=evaluate", "--run=dense/a", f"--logdir={tmp_path}")
    assert code == 0, err
    errors_after = json.loads((run / "metrics.json").read_text())["errors"]
    assert errors_after == metrics["errors"] | {"test metrics": "ValueError: no such thing"}


@pytest.mark.parametrize("error", [
    errors.Stopped(signal.SIGTERM, "saved"), errors.DataError("a file is damaged"),
    OSError(errno.ENOSPC, "No space left on device", "x")])
def test_what_ends_a_process_is_not_taken_for_a_failed_score(error):
    def fail():
        raise error
    with pytest.raises(type(error)):
        errors.attempt("baseline x", fail, {})


def test_memory_that_a_baseline_cannot_have_is_its_own_fault():
    def fail():
        raise MemoryError
    found = {}
    assert errors.attempt("baseline x", fail, found) is None
    assert found == {"baseline x": "out of memory"}
