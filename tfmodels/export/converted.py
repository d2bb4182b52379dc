"""Artefacts for other runtimes: converted, opened there, fed the test split; or refused."""

import os
import shutil

import numpy as np
import tensorflow as tf

from tfmodels import files
from tfmodels.errors import CheckpointError, InputError
from tfmodels.evaluation import held_out
from tfmodels.export import litert, onnx
from tfmodels.export.runtimes.artefact import opened

FORMATS = {"litert": litert, "onnx": onnx}
TOLERANCE = 1e-3  # of a number, as a share of the largest of its output; of uint8 one step
_FED = 64  # examples that a signature is fed which no score needs
_TIMED = {1: 50, 64: 10}  # batch size -> calls


def write(task, version, form):
    """Writes a task's portable signatures in some format beside its SavedModel.

    Args:
        task: the `Task`, in float32.
        version: Path of its export; the artefact is its folder `form`.
        form: one of `FORMATS`.

    Returns:
        The report, which stands in `report.json` of the version under `form` too.

    Raises:
        InputError: it cannot be converted.
        CheckpointError: it does not run, or answers otherwise than the live model; no file of it
            is left.
    """
    if task.portable is None:
        raise InputError(f"flag --format={form}: nothing of this experiment runs without texts; "
                         "expected --format=saved_model")
    temporary, final = version / f"tmp-{form}", version / form
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir()
    try:
        FORMATS[form].convert(task.portable.signatures, temporary)
        for name, text in task.portable.files.items():
            (temporary / name).write_text(text, "utf-8")
        with opened(form, FORMATS[form].opened(temporary)) as artefact:
            report = _report(task, artefact)
        report["bytes"] = {path.name: path.stat().st_size for path in sorted(temporary.iterdir())}
        report["sha256"] = {name: files.sha256(temporary / name) for name in report["bytes"]}
        if final.exists():
            shutil.rmtree(final)
        os.replace(temporary, final)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    reports = files.read_json(version / "report.json") or {}
    files.write_json(version / "report.json", reports | {form: report})
    return report


def _report(task, artefact):
    """Feeds an artefact and the live model the same, and says how they compare."""
    live, split = dict(task.portable.signatures), task.data.splits["test"]
    pairs = _Pairs(live, artefact)
    score = task.evaluate(task.portable.served(pairs.functions()), split)
    for name in live.keys() - pairs.fed.keys():
        pairs.ask(name, **_inputs(live[name], split))
    apart = {name: value for name, value in pairs.differences.items() if value > TOLERANCE}
    if apart:
        worst = max(apart, key=apart.get)
        raise CheckpointError(
            f"{artefact.path} answers otherwise than the live model: {worst} differs by "
            f"{apart[worst]:.2g} of its largest number, expected at most {TOLERANCE:g}", "export")
    latency = {}
    for name, inputs in pairs.fed.items():
        for size, calls in _TIMED.items():
            some = {key: np.resize(value, (size, *value.shape[1:]))
                    for key, value in inputs.items()}
            artefact.ask(name, some)
            _, seconds = artefact.ask(name, some, calls)
            latency[f"{name}, batch {size}"] = {
                "median_ms": 1e3 * float(np.median(seconds)),
                "p99_ms": 1e3 * float(np.quantile(seconds, 0.99))}
    return {"largest_difference": pairs.differences, "tolerance": TOLERANCE,
            "score": score, "live_score": task.evaluate(task.portable.served(live), split),
            "latency": latency, "peak_bytes": artefact.peak_bytes,
            "operators": artefact.operators, "versions": artefact.versions}


class _Pairs:
    """Asks a live model and an artefact the same.

    Attributes:
        fed: {signature: the first inputs that it was asked with}.
        differences: {"signature/output": the largest difference so far, a share of the largest
            number of the live answer}.
    """

    def __init__(self, live, artefact):
        self._live, self._artefact = live, artefact
        self.fed, self.differences = {}, {}

    def functions(self):
        """Returns {signature: function of inputs by name}, as `Portable.served` takes them."""
        return {name: lambda _name=name, **inputs: self.ask(_name, **inputs) for name in self._live}

    def ask(self, name, **inputs):
        """Returns the artefact's answer, {name: tensor}."""
        arrays = {key: np.asarray(value) for key, value in inputs.items()}
        self.fed.setdefault(name, arrays)
        found, _ = self._artefact.ask(name, arrays)
        expected = self._live[name](**{key: tf.constant(value) for key, value in arrays.items()})
        if found.keys() != expected.keys():
            raise CheckpointError(f"{self._artefact.path} answers {name} with {', '.join(found)}: "
                                  f"expected {', '.join(expected)}", "export")
        for key, value in expected.items():
            place = f"{name}/{key}"
            self.differences[place] = max(self.differences.get(place, 0.0),
                                          difference(found[key], value.numpy()))
        return {key: tf.constant(value) for key, value in found.items()}


def difference(found, expected):
    """Returns the largest difference of two arrays as a share of the largest number; uint8: of 255.

    One step of uint8, which rounding decides, is none. Of other integers it is the share that
    differs; of arrays of other shapes, or with numbers that are not finite in one alone, infinity.
    """
    if found.shape != expected.shape:
        return np.inf
    if expected.dtype == np.uint8:
        apart = np.abs(found.astype(int) - expected).max(initial=0)
        return 0.0 if apart <= 1 else apart / 255
    if not np.issubdtype(expected.dtype, np.floating):
        return float(np.mean(found != expected))
    if not np.array_equal(np.isfinite(found), np.isfinite(expected)):
        return np.inf
    apart = np.abs(found.astype(np.float64) - expected).max(initial=0)
    return float(apart / max(np.abs(expected).max(initial=0), 1e-12))


def _inputs(function, split):
    """Returns inputs for a signature that no score needs: images, normal numbers, first ids."""
    specs, _ = function.get_concrete_function().structured_input_signature
    images = held_out.first(split, _FED, 1 << 28).get("image")
    rng = np.random.default_rng(0)

    def some(spec):
        shape = (_FED, *spec.shape[1:])
        if spec.dtype == tf.uint8:
            return images
        return (rng.standard_normal(shape).astype(np.float32) if spec.dtype.is_floating
                else rng.integers(0, 2, shape).astype(spec.dtype.as_numpy_dtype))
    return {spec.name: some(spec) for spec in specs}
