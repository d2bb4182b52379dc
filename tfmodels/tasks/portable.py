"""What of a task runs in runtimes without texts and random numbers, such as LiteRT and ONNX."""

import collections.abc
import contextlib
import dataclasses

import keras
import tensorflow as tf

from tfmodels.export.named_signature import NamedSignature


@dataclasses.dataclass(frozen=True)
class Portable:
    """The signatures of a task that know numbers alone.

    Attributes:
        signatures: name -> tf.function of numbers; what is converted.
        served: (these signatures, as a runtime answers them) -> what `Task.evaluate` takes, so that
            an artefact is scored as the live model is.
        files: {name: text} that stand beside the artefact: what its numbers mean.
    """

    signatures: collections.abc.Mapping
    served: collections.abc.Callable = dict
    files: collections.abc.Mapping = dataclasses.field(default_factory=dict)


def function(call, **inputs):
    """Returns the `NamedSignature` of numbers.

    Args:
        call: (tensors by name) -> {name: tensor}.
        inputs: name -> (shape, dtype).
    """
    specs = [tf.TensorSpec(shape, dtype, name) for name, (shape, dtype) in inputs.items()]
    return NamedSignature(lambda given: call(**given), specs)


def logits_of(answer, names, classes):
    """Returns a function for use in graphs that asks a runtime for the output `logits`.

    Args:
        answer: signature of the runtime, called with arrays by name.
        names: of its inputs, int32 [B, …].
        classes: V, of the logits float32 [B, T, V].

    Returns:
        {name: tensor}, or where there is but one name its tensor, -> logits.
    """
    def ask(*values):
        return answer(**dict(zip(names, values, strict=True)))["logits"].numpy()

    def call(inputs, training=False):
        values = [inputs[name] for name in names] if isinstance(inputs, dict) else [inputs]
        found = tf.numpy_function(ask, values, tf.float32)
        return tf.ensure_shape(found, [None, None, classes])
    return call


@contextlib.contextmanager
def unrolled(model):
    """Has Keras' LSTMs trace every step for itself inside the `with`: LiteRT runs no loop of them.

    Texts must have a length that is known.
    """
    lstms = [layer for layer in model._flatten_layers() if isinstance(layer, keras.layers.LSTM)]
    before = [layer.unroll for layer in lstms]
    for layer in lstms:
        layer.unroll = True
    try:
        yield
    finally:
        for layer, was in zip(lstms, before, strict=True):
            layer.unroll = was


def vocabulary_file(vocabulary):
    """Returns {"vocabulary.txt": the text of each id on a line, as a JSON string}."""
    import json
    return {"vocabulary.txt": "".join(
        json.dumps(token.decode(errors="replace") if isinstance(token, bytes) else token,
                   ensure_ascii=False) + "\n" for token in vocabulary)}
