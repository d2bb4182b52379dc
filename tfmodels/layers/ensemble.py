"""Several members of one architecture trained as one model, and what they answer together.

The members share nothing but the batches: each has weights and dropout masks of its own, on a
leading axis M of every tensor and weight, so that one matrix product serves them all.
"""

import math

import keras
from keras import layers, ops


def linear(units, seed, activation=None, **kwargs):
    """Returns a dense layer with weights of its own for each member.

    Args:
        units: numbers in an output vector.
        seed: integer; fixes the initial weights, Glorot's uniform ones in each member; None: zeros.
        activation: name of the activation, or None.
        **kwargs: of `keras.layers.Layer`.

    Input shape:
        [M, B, S, D].

    Output shape:
        [M, B, S, units].
    """
    # By itself Keras would take the members for outputs.
    start = "zeros" if seed is None else keras.initializers.GlorotUniform(
        seed, input_axes=[1], output_axes=[2])
    layer = layers.EinsumDense("mbsd,mde->mbse", (None, None, units), activation=activation,
                               bias_axes="me", kernel_initializer=start, **kwargs)
    layer.member_axis = 0  # for transfer from a single member
    return layer


def normalized(x, name):
    """Returns the vectors with mean 0 and variance 1 each, by a layer of that name."""
    return layers.LayerNormalization(center=False, scale=False, name=name)(x)


def mean_of_seen(x, seen):
    """Returns the mean [M, B, 1, D] of the vectors [M, B, S, D] where `seen`, bool [M, B, S]."""
    weight = ops.expand_dims(ops.cast(seen, x.dtype), -1)
    # At least 1: a text without words has a mean of 0.
    return (ops.sum(x * weight, axis=2, keepdims=True)
            / ops.maximum(ops.sum(weight, axis=2, keepdims=True), 1.0))


@keras.saving.register_keras_serializable("tfmodels")
class Together(layers.Layer):
    """What the members answer together: the logarithm of the mean of their probabilities.

    In training it is the mean of their log-probabilities instead: a cross-entropy is linear in
    these, so that it becomes the mean of the members' own and each learns as if it were alone
    (Lakshminarayanan et al., "Simple and Scalable Predictive Uncertainty Estimation using Deep
    Ensembles", NeurIPS 2017, algorithm 1). The loss must take them as they are; as logits they
    would train the members' product.

    Input shape:
        [M, B, C], logits.

    Output shape:
        [B, C], log-probabilities.
    """

    def call(self, logits, training=False):
        """Returns the log-probabilities."""
        each = ops.log_softmax(logits)
        if training:
            return ops.mean(each, axis=0)
        return ops.logsumexp(each, axis=0) - math.log(logits.shape[0])

    def compute_output_shape(self, input_shape):
        """Returns the shape of the log-probabilities."""
        return input_shape[1:]


def classified(x, seen, classes, dropout, seed):
    """Returns the log-probabilities [B, classes] of an ensemble, from what each member saw.

    Args:
        x: Keras tensor, float [M, B, S, D].
        seen: Keras tensor, bool [M, B, S], which of the vectors count.
        classes: number of classes.
        dropout: share of the mean vector's numbers dropped in training, in [0, 1).
        seed: integer; fixes the initial weights and the dropout masks.
    """
    x = layers.Dropout(dropout, seed=seed + 1, name="mean_dropout")(mean_of_seen(x, seen))
    logits = linear(classes, seed, dtype="float32", name="logits")(x)[:, :, 0]
    return Together(name="together", dtype="float32")(logits)
