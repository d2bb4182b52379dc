"""Artefacts for other runtimes: the same answers there as here, or no file."""

import json
import types

import numpy as np
import pytest
import tensorflow as tf

from tfmodels.errors import CheckpointError, InputError
from tfmodels.export import converted
from tfmodels.export.runtimes import artefact
from tfmodels.tasks.portable import Portable, function

KERNEL = np.random.default_rng(0).standard_normal((12, 3)).astype(np.float32)
IMAGES = np.random.default_rng(1).integers(0, 256, (30, 2, 3, 2)).astype(np.uint8)


class _Split(types.SimpleNamespace):
    __hash__ = object.__hash__


@pytest.fixture
def task():
    """A linear classifier of images, whose answers NumPy knows."""
    kernel, two = tf.Variable(KERNEL), tf.Variable(2.0)

    def answer(inputs):
        return {"logits": tf.reshape(tf.cast(inputs, tf.float32), [-1, 12]) / 255 @ kernel}

    def evaluate(signatures, split):
        logits = signatures["serving_default"](inputs=split.arrays()["image"])["logits"].numpy()
        return {"accuracy": float(np.mean(logits.argmax(1) == split.arrays()["label"]))}
    labels = _logits(IMAGES).argmax(1)
    labels[:3] = (labels[:3] + 1) % 3
    split = _Split(resident=True, size=30, arrays=lambda: {"image": IMAGES, "label": labels},
                   head=lambda count: {"image": IMAGES[:count]}, nbytes=lambda: 360)
    portable = Portable({
        "serving_default": function(answer, inputs=([None, 2, 3, 2], tf.uint8)),
        "doubled": function(lambda codes: {"twice": two * codes}, codes=([None, 4], tf.float32)),
        "named": function(lambda ids: {"rows": tf.gather(kernel, ids)}, ids=([None], tf.int32))},
        files={"labels.txt": "a\nb\nc\n"})
    return types.SimpleNamespace(portable=portable, evaluate=evaluate,
                                 data=types.SimpleNamespace(splits={"test": split}))


def _logits(images):
    return images.reshape(-1, 12) / np.float32(255) @ KERNEL


@pytest.mark.parametrize("form", converted.FORMATS)
def test_an_artefact_answers_as_numpy_does_and_is_scored(tmp_path, task, form):
    report = converted.write(task, tmp_path, form)
    assert report["score"] == report["live_score"] == {"accuracy": 0.9}
    assert json.loads((tmp_path / "report.json").read_text())[form]["score"] == {"accuracy": 0.9}
    assert (tmp_path / form / "labels.txt").read_text() == "a\nb\nc\n"
    assert set(report["largest_difference"]) == {
        "serving_default/logits", "doubled/twice", "named/rows"}
    assert {*report["bytes"]} == {path.name for path in (tmp_path / form).iterdir()}
    with artefact.opened(form, converted.FORMATS[form].opened(tmp_path / form)) as found:
        assert {name: set(inputs) for name, inputs in found.signatures.items()} == {
            "serving_default": {"inputs"}, "doubled": {"codes"}, "named": {"ids"}}
        for count in (1, 7):
            answer, seconds = found.ask("serving_default", {"inputs": IMAGES[:count]}, repeat=3)
            np.testing.assert_allclose(answer["logits"], _logits(IMAGES[:count]), rtol=1e-4)
            assert len(seconds) == 3
        with pytest.raises(CheckpointError, match="does not run: another"):
            found.ask("another", {"inputs": IMAGES})
        with pytest.raises(CheckpointError, match="does not run: serving_default"):
            found.ask("serving_default", {"inputs": IMAGES[:1, :1]})
        assert len(found.ask("doubled", {"codes": np.ones((2, 4), np.float32)})[0]["twice"]) == 2


def test_what_answers_otherwise_is_refused_and_leaves_no_file(tmp_path, task, monkeypatch):
    def convert(signatures, folder):
        other = function(lambda inputs: {"logits": 1.01 * signatures["serving_default"](
            inputs=inputs)["logits"]}, inputs=([None, 2, 3, 2], tf.uint8))
        converted.onnx.convert(signatures | {"serving_default": other}, folder)
    monkeypatch.setitem(converted.FORMATS, "onnx", types.SimpleNamespace(
        convert=convert, opened=converted.onnx.opened))
    with pytest.raises(CheckpointError, match="serving_default/logits differs by 0.01 of its"):
        converted.write(task, tmp_path, "onnx")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("form", converted.FORMATS)
def test_an_operator_that_a_runtime_lacks_is_named(tmp_path, task, form):
    one = tf.Variable(1.0)
    task.portable.signatures["doubled"] = function(
        lambda codes: {"twice": one * tf.cast(tf.strings.length(tf.strings.as_string(codes)),
                                              tf.float32)}, codes=([None, 4], tf.float32))
    with pytest.raises(InputError, match="lacks an operator.*(?:AsString|StringLength)"):
        converted.write(task, tmp_path, form)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("form", "content"), [
    ("litert", b""), ("litert", b"not a model"), ("litert", b"\x1c\x00\x00\x00TFL3" + bytes(99)),
    ("onnx", b""), ("onnx", b"not a model"), ("onnx", b"\x08\x08" + bytes(99))])
def test_a_foreign_file_does_not_open(tmp_path, form, content):
    path = tmp_path / ("model.tflite" if form == "litert" else "serving_default.onnx")
    path.write_bytes(content)
    with (pytest.raises(CheckpointError, match=f"does not open as {form}"),
          artefact.opened(form, path if form == "litert" else tmp_path)):
        pass


@pytest.mark.parametrize(("found", "expected", "apart"), [
    ([1.0, 2.0], [1.0, 2.0], 0), ([1.0, 2.1], [1.0, 2.0], 0.05), ([1.0], [1.0, 2.0], np.inf),
    ([np.nan, 1.0], [2.0, 1.0], np.inf), ([], [], 0), ([0.0], [0.0], 0)])
def test_a_difference_is_a_share_of_the_largest_number(found, expected, apart):
    assert converted.difference(np.array(found, np.float32), np.array(expected, np.float32)) == (
        pytest.approx(apart, rel=1e-5))


@pytest.mark.parametrize(("dtype", "found", "apart"), [
    (np.uint8, [0, 101], 0), (np.uint8, [0, 151], 51 / 255), (np.int64, [0, 101], 0.5),
    (np.int64, [0, 100], 0)])
def test_a_difference_of_integers(dtype, found, apart):
    assert converted.difference(np.array(found, dtype), np.array([0, 100], dtype)) == apart
