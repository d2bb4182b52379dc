"""`--mode=export --format=…`: beside the SavedModel, of its weights, answering as it does."""

import json

import numpy as np
import pytest
import tensorflow as tf

from tfmodels.export import saved_model
from tfmodels.export.runtimes import artefact
from tfmodels.launcher import export


@pytest.mark.parametrize("form", ["litert", "onnx"])
def test_an_artefact_answers_as_the_saved_model(dense_run, launch, form):
    logdir = f"--logdir={dense_run.parents[1]}"
    code, out, _ = launch("--mode=export", "--run=dense/täst", logdir, f"--format={form}")
    assert code == 0
    assert "test_accuracy" in out
    assert "(live " in out
    folder = dense_run / "export" / "1"
    report = json.loads((folder / "report.json").read_text())[form]
    metrics = json.loads((dense_run / "metrics.json").read_text())["metrics"]
    assert report["score"]["accuracy"] == pytest.approx(metrics["test_accuracy"])
    assert sorted(path.name for path in (dense_run / "export").iterdir()) == ["1"]
    images = np.random.default_rng(0).integers(0, 256, (5, 8, 8, 1)).astype(np.uint8)
    expected = saved_model.load(dense_run / "export")["serving_default"](inputs=tf.constant(images))
    path = folder / form / "model.tflite" if form == "litert" else folder / form
    with artefact.opened(form, path) as found:
        answer, _ = found.ask("serving_default", {"inputs": images})
    for name, value in answer.items():
        np.testing.assert_allclose(value, expected[name], rtol=1e-4, atol=1e-5)


def test_a_missing_runtime_gives_the_command(dense_run, launch, monkeypatch):
    monkeypatch.setattr(export.importlib.util, "find_spec", lambda name: None)
    code, _, err = launch("--mode=export", "--run=dense/täst", f"--logdir={dense_run.parents[1]}",
                          "--format=onnx")
    assert code == 1
    assert "tf2onnx is not installed; expected: pip install '.[onnx]'" in err


def test_a_format_is_of_exports_alone(launch):
    code, _, err = launch("--experiment=dense", "--format=litert")
    assert code == 1
    assert "flag --format=litert: expected --mode=export" in err
    code, _, err = launch("--mode=export", "--run=dense/a", "--format=tflite")
    assert code == 1
    assert "litert" in err
