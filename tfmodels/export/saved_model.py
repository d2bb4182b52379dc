"""SavedModels that take raw inputs and run with TensorFlow alone: export/1/, export/2/, …"""

import os
import pathlib

import tensorflow as tf

from tfmodels import files
from tfmodels.errors import CheckpointError
from tfmodels.export.versions import versions


def export(signatures, folder, tables=()):
    """Writes the next version, whole or not at all; never touches an existing one.

    Args:
        signatures: name -> tf.function with an input signature.
        folder: holds one numbered folder per version, as TensorFlow Serving expects.
        tables: layers or modules whose lookup tables the signatures use.

    Returns:
        The path of the new version.
    """
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for leftover in folder.glob("tmp-*"):
        files.remove(leftover)
    number = max(versions(folder), default=0) + 1
    functions = {name: function.get_concrete_function() for name, function in signatures.items()}
    checked = {name: _exact(function) for name, function in functions.items()}
    module = tf.Module()
    module.used = [variable for function in functions.values()
                   for variable in function.graph.variables]
    module.tables = list(tables)
    temporary = folder / f"tmp-{number}"
    tf.saved_model.save(module, str(temporary), signatures=checked)
    os.replace(temporary, folder / str(number))
    return folder / str(number)


def _exact(function):
    """Returns a signature that refuses inputs of other shapes than those of a concrete function.

    Of an export TensorFlow looks at their types alone: a model that flattens its images would
    answer for 81 of 8x8 pixels if given 64 of 9x9.
    """
    specs, _ = function.structured_input_signature

    @tf.function(input_signature=specs, autograph=False)
    def call(*inputs):
        return function(*[tf.ensure_shape(value, spec.shape)
                          for value, spec in zip(inputs, specs, strict=True)])
    return call


def load(folder):
    """Loads the newest version and returns its signatures as a dict of functions.

    Each takes its inputs by name and returns a dict of tensors. The loaded object is kept alive
    by the functions.

    Raises:
        CheckpointError: there is no export, or the newest is damaged.
    """
    numbers = versions(folder)
    if not numbers:
        raise CheckpointError(f"no export in {folder}: expected a numbered SavedModel", "export")
    path = pathlib.Path(folder) / str(numbers[-1])
    try:
        loaded = tf.saved_model.load(str(path))
    except (OSError, ValueError, tf.errors.OpError) as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0][:300]
        raise CheckpointError(f"the export {path} is damaged ({reason})", "export") from error
    return {name: _Signature(loaded, function) for name, function in loaded.signatures.items()}


class _Signature:
    """A loaded signature that holds on to the object its variables belong to.

    Attributes:
        inputs: names of what it takes.
    """

    def __init__(self, loaded, function):
        self._loaded = loaded
        self._function = function
        self.inputs = tuple(function.structured_input_signature[1])

    def __call__(self, **inputs):
        return self._function(**{
            name: tf.convert_to_tensor(value) for name, value in inputs.items()})
