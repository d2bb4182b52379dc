"""A multi-layer perceptron, and a linear model beside it, for rows of a table."""

import keras
from keras import layers

from tfmodels.layers.standardization import Standardization
from tfmodels.models.dense import perceptron

_WIDEST = 16  # vector of a category


def tabular(statistics, outputs, widths=(64, 64), dropout=0.2, seed=0):
    """Returns the sum of a perceptron and a linear model of numbers and vectors of categories.

    The sum is that of Cheng et al., "Wide & Deep Learning for Recommender Systems",
    arXiv:1606.07792: what is linear, as much of small tables is, need not be learnt by the
    perceptron. The vectors are those of Guo & Berkhahn, "Entity Embeddings of Categorical
    Variables", arXiv:1604.06737; the layers behind are as in `tfmodels.models.dense`.

    Args:
        statistics: `Statistics` of the training rows.
        outputs: number of classes, 1 for a number.
        widths, dropout, seed: as of `dense`.

    Input shape:
        {"numbers": float32 [B, n], NaN where one is missing; "categories": int32 [B, m], ids}, of
        these what the table has.

    Output shape:
        float32 [B, outputs], logits, or the number in units of its spread from its mean.
    """
    inputs, parts = {}, []
    if len(statistics.mean):
        inputs["numbers"] = keras.Input(statistics.mean.shape, dtype="float32", name="numbers")
        parts.append(Standardization(statistics.mean, statistics.spread, statistics.lacking,
                                     name="standardization")(inputs["numbers"]))
    sizes = statistics.sizes
    if sizes:
        inputs["categories"] = keras.Input((len(sizes),), dtype="int32", name="categories")
    for place, size in enumerate(sizes):
        start = keras.initializers.RandomUniform(-0.05, 0.05, seed + place)
        vector = layers.Embedding(size, min(_WIDEST, size // 2 + 1), start,
                                  name=f"category_{place}")
        parts.append(vector(inputs["categories"][:, place]))
    x = layers.Concatenate(name="features")(parts) if len(parts) > 1 else parts[0]
    linear = layers.Dense(outputs, kernel_initializer="zeros", use_bias=False, dtype="float32",
                          name="linear")(x)
    outputs = layers.Add(dtype="float32", name="sum")([
        linear, perceptron(x, outputs, widths, dropout, seed)])
    return keras.Model(inputs, outputs, name="tabular")
