"""LiteRT (TensorFlow Lite) files of signatures: one .tflite with all of them."""

import tempfile

import tensorflow as tf

from tfmodels import files
from tfmodels.errors import InputError
from tfmodels.export import saved_model

NAME = "model.tflite"


def convert(signatures, folder):
    """Writes the signatures as `model.tflite` into a folder, which is there.

    Only LiteRT's own operators are taken, so that the file runs in every LiteRT.

    Args:
        signatures: name -> tf.function of numbers.

    Raises:
        InputError: an operator has no counterpart in LiteRT.
    """
    with tempfile.TemporaryDirectory() as scratch:
        path = saved_model.export(signatures, scratch)
        converter = tf.lite.TFLiteConverter.from_saved_model(
            str(path), signature_keys=list(signatures))
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS]
        try:
            content = converter.convert()
        except Exception as error:  # ConverterError, and what MLIR raises besides
            raise InputError(f"LiteRT lacks an operator of this model: {_reason(error)}") from error
    with files.replacing(folder / NAME) as file:
        file.write(content)


def opened(folder):
    """Returns the path that the runtime opens."""
    return folder / NAME


def _reason(error):
    """Returns the line of a converter's message that names the operator."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    named = [line for line in lines if "tf." in line or "error" in line.lower()]
    return (named or lines or [type(error).__name__])[0][:300]
