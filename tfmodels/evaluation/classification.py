"""Scores and pictures of classifiers, from what their `serving_default` signature answers."""

import numpy as np
import sklearn.metrics
import tensorflow as tf

from tfmodels.evaluation import pictures

_BATCH = 500


def predict(signatures, inputs):
    """Returns the class probabilities, float32 [N, classes], of raw inputs.

    Args:
        signatures: of a live task or a loaded export; `serving_default` takes `inputs`.
        inputs: uint8 [N, H, W, C] or an object array of N byte strings.
    """
    serve = signatures["serving_default"]
    return np.concatenate([
        serve(inputs=_tensor(inputs[first:first + _BATCH]))["probabilities"].numpy()
        for first in range(0, len(inputs), _BATCH)])


def scores(probabilities, labels):
    """Returns accuracy and cross-entropy (`loss`, nats) of probabilities [N, classes]."""
    chosen = probabilities[np.arange(len(labels)), labels]
    return {"accuracy": float(sklearn.metrics.accuracy_score(labels, probabilities.argmax(1))),
            "loss": float(-np.log(np.maximum(chosen, 1e-12)).mean())}


def confusion_picture(probabilities, labels, class_names):
    """Returns the confusion matrix as a picture: shares of each true class, row by row."""
    matrix = sklearn.metrics.confusion_matrix(
        labels, probabilities.argmax(1), labels=range(len(class_names)), normalize="true")
    return pictures.heat_map(matrix, class_names, class_names,
                             title="rows: true class; columns: predicted class")


def worst_mistakes(probabilities, labels, count=20):
    """Returns the indices of the wrong answers that were given with the most confidence."""
    wrong = np.flatnonzero(probabilities.argmax(1) != labels)
    return wrong[np.argsort(-probabilities[wrong].max(1), kind="stable")][:count]


def mistake_captions(probabilities, labels, class_names, indices):
    """Returns `true > predicted 98%` for each index."""
    return [f"{class_names[labels[i]]} > {class_names[probabilities[i].argmax()]} "
            f"{probabilities[i].max():.0%}" for i in indices]


def _tensor(inputs):
    """Returns a tensor; TensorFlow takes byte strings from a list only."""
    return tf.constant(inputs.tolist() if inputs.dtype == object else inputs)
