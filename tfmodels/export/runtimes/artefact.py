"""An artefact that answers in a process of its own."""

import contextlib
import functools
import json
import os
import subprocess
import sys
import tempfile

import numpy as np
import tensorflow as tf

from tfmodels.errors import CheckpointError
from tfmodels.export.runtimes import frames


@contextlib.contextmanager
def opened(form, path):
    """Yields the `Artefact` of a file or folder, open in its runtime, a process inside the `with`.

    Args:
        form: one of `worker.RUNTIMES`.
        path: of the file or folder.

    Raises:
        CheckpointError: the runtime does not take it.
    """
    folders = os.pathsep.join(filter(None, [os.fspath(_ROOT), *sys.path]))
    with (tempfile.TemporaryFile() as said,  # a pipe that nobody reads would fill
          subprocess.Popen([sys.executable, "-m", "tfmodels.export.runtimes.worker", form,
                            os.fspath(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                           stderr=said, env=os.environ | {
                               "TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONPATH": folders}) as process):
        about = frames.read(process.stdout)
        if about is None:
            process.wait()
            said.seek(0)
            why = said.read().decode(errors="replace").strip().splitlines()
            raise CheckpointError(f"{path} does not open as {form}: {(why or ['no answer'])[-1]}",
                                  "export")
        yield Artefact(path, process, **json.loads(str(about["about"])))


_ROOT = __file__.rsplit("/tfmodels/", 1)[0]


class Artefact:
    """A file or folder of some format, open in its runtime.

    Attributes:
        path: of it.
        signatures: {name: names of its inputs}.
        versions: {package: version} of the runtime.
        operators: names of those that the artefact uses, where the runtime tells.
        peak_bytes: most memory of the process so far, in bytes.
    """

    def __init__(self, path, process, signatures, versions, operators):
        self.path, self._process, self.peak_bytes = path, process, 0
        self.signatures, self.versions, self.operators = signatures, versions, operators

    def ask(self, signature, inputs, repeat=1):
        """Returns ({name: array}, seconds float64 [repeat]) of a signature.

        Raises:
            CheckpointError: the runtime failed.
        """
        try:
            frames.write(self._process.stdin, {
                "signature": np.array(signature), "repeat": np.array(repeat),
                **{f"input/{name}": np.asarray(value) for name, value in inputs.items()}})
            answer = frames.read(self._process.stdout)
        except BrokenPipeError:
            answer = None
        if answer is None or "error" in answer:
            why = answer["error"] if answer else "its process ended"
            raise CheckpointError(f"{self.path} does not run: {signature}: {why}", "export")
        self.peak_bytes = int(answer.pop("peak_bytes"))
        seconds = answer.pop("seconds")
        return {name.removeprefix("output/"): value for name, value in answer.items()}, seconds

    def functions(self):
        """Returns {signature: function of inputs by name -> {name: tensor}}."""
        return {name: functools.partial(self._call, name) for name in self.signatures}

    def _call(self, signature, **inputs):
        outputs, _ = self.ask(signature, {name: np.asarray(value)
                                          for name, value in inputs.items()})
        return {name: tf.constant(value) for name, value in outputs.items()}
