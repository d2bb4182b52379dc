"""Runs an artefact in its own runtime, as a program that imports nothing else of this package.

    python -m tfmodels.export.runtimes.worker FORMAT PATH

Reads questions from its input, {"signature", "repeat", "input/NAME": array, …}, and answers each
with {"output/NAME": array, …, "seconds": float64 [repeat], "peak_bytes"} or {"error": text}. The
first answer, without a question, is {"about": JSON of versions, signatures and operators}.
"""

import json
import os
import resource
import sys
import time

import numpy as np

from tfmodels.export.runtimes import frames


class LiteRT:
    """A .tflite file in ai-edge-litert's interpreter."""

    def __init__(self, path):
        import importlib.metadata

        from ai_edge_litert.interpreter import Interpreter
        self._interpreter = Interpreter(model_path=path, num_threads=os.cpu_count())
        self._runners = {}
        self.signatures = {name: list(known["inputs"]) for name, known in
                           self._interpreter.get_signature_list().items()}
        self.versions = {"ai-edge-litert": importlib.metadata.version("ai-edge-litert")}
        self.operators = sorted({op["op_name"] for op in self._interpreter._get_ops_details()})

    def run(self, name, inputs):
        """Answers a signature, {name: array} -> {name: array}."""
        if name not in self._runners:
            self._runners[name] = self._interpreter.get_signature_runner(name)
        return self._runners[name](**inputs)


class Onnx:
    """A folder of .onnx files, one for each signature, in onnxruntime on the processor."""

    def __init__(self, path):
        import onnxruntime
        self._sessions = {
            entry.removesuffix(".onnx"): onnxruntime.InferenceSession(
                os.path.join(path, entry), providers=["CPUExecutionProvider"])
            for entry in sorted(os.listdir(path)) if entry.endswith(".onnx")}
        self.signatures = {name: [given.name for given in session.get_inputs()]
                           for name, session in self._sessions.items()}
        self.versions = {"onnxruntime": onnxruntime.__version__}
        self.operators = []

    def run(self, name, inputs):
        """Answers a signature, {name: array} -> {name: array}."""
        session = self._sessions[name]
        return dict(zip([found.name for found in session.get_outputs()],
                        session.run(None, inputs), strict=True))


class SavedModel:
    """A SavedModel in TensorFlow alone."""

    def __init__(self, path):
        import tensorflow as tf
        self._loaded = tf.saved_model.load(path)
        self._constant = tf.constant
        self.signatures = {name: list(function.structured_input_signature[1])
                           for name, function in self._loaded.signatures.items()}
        self.versions = {"tensorflow": tf.__version__}
        self.operators = sorted({node.type for function in self._loaded.signatures.values()
                                 for node in function.graph.get_operations()})

    def run(self, name, inputs):
        """Answers a signature, {name: array} -> {name: array}."""
        answer = self._loaded.signatures[name](**{
            key: self._constant(value) for key, value in inputs.items()})
        return {key: value.numpy() for key, value in answer.items()}


RUNTIMES = {"litert": LiteRT, "onnx": Onnx, "saved_model": SavedModel}


def main():
    """Answers until its input ends."""
    kind, path = sys.argv[1:]
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what a runtime prints is no answer
    runtime = RUNTIMES[kind](path)
    frames.write(answers, {"about": np.array(json.dumps({
        "versions": runtime.versions, "signatures": runtime.signatures,
        "operators": runtime.operators}))})
    while (question := frames.read(sys.stdin.buffer)) is not None:
        try:
            answer = _answer(runtime, question)
        except Exception as error:  # whatever a runtime raises, of a question or an artefact
            answer = {"error": np.array(f"{type(error).__name__}: {error}"[:2000])}
        frames.write(answers, answer)


def _answer(runtime, question):
    name, inputs = str(question["signature"]), {
        key.removeprefix("input/"): value for key, value in question.items()
        if key.startswith("input/")}
    seconds = []
    for _ in range(int(question["repeat"])):
        began = time.perf_counter()
        outputs = runtime.run(name, inputs)
        seconds.append(time.perf_counter() - began)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return {"seconds": np.array(seconds), "peak_bytes": np.array(peak),
            **{f"output/{key}": np.asarray(value) for key, value in outputs.items()
               if np.asarray(value).dtype != object}}


if __name__ == "__main__":
    main()
