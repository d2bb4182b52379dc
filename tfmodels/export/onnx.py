"""ONNX files of signatures: NAME.onnx for each."""

import contextlib
import logging

import tensorflow as tf

from tfmodels import files
from tfmodels.errors import InputError

_OPSET = 17


def convert(signatures, folder):
    """Writes each signature as `NAME.onnx` into a folder, which is there.

    Args:
        signatures: name -> tf.function of numbers.

    Raises:
        InputError: tf2onnx is not there, or an operator has no counterpart in ONNX.
    """
    try:
        import tf2onnx
    except ImportError:
        raise InputError("flag --format=onnx needs tf2onnx and onnxruntime: "
                         "pip install '.[onnx]'") from None
    logging.getLogger("tf2onnx").setLevel(logging.CRITICAL)
    for name, function in signatures.items():
        try:
            model = _converted(tf2onnx, function.get_concrete_function())
        except Exception as error:  # of many kinds, all about operators
            raise InputError(f"ONNX lacks an operator of {name!r}: {str(error)[:300]}") from error
        with files.replacing(folder / f"{name}.onnx") as file:
            file.write(model.SerializeToString())


def _converted(tf2onnx, concrete):
    """Returns the ONNX model of a concrete function."""
    import onnx
    specs = list(concrete.structured_input_signature[0])

    @tf.function(input_signature=specs, autograph=False)
    def call(*inputs):
        return concrete(*inputs)
    with contextlib.redirect_stdout(None):
        model, _ = tf2onnx.convert.from_function(call, input_signature=specs, opset=_OPSET)
    onnx.checker.check_model(model)  # tf2onnx leaves operators in that ONNX does not have
    return model


def opened(folder):
    """Returns the path that the runtime opens: the folder of all signatures."""
    return folder
