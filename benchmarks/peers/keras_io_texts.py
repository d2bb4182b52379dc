"""The pages that classify texts, of the layers that keras.io's examples have for them.

text_classification_with_transformer.py for attention, bidirectional_lstm_imdb.py for recurrence:
Keras has no layer for several members at once, so there is one network for each, and hidden words
are masked as padding is. Vectors of words, n-grams and pairs, for which it has no layer either,
come from the page's own, and so does the mean of the members.
"""

import keras
import numpy as np
from keras import layers, ops

from tfmodels.layers.ensemble import Together
from tfmodels.models.lstm_classifier import BidirectionalLstm
from tfmodels.models.transformer import SelfAttention


class Members:
    """The networks and where their weights belong.

    Args:
        page: made by `transformer_classifier` or `lstm_classifier`.

    Attributes:
        model: the network of the page's model with its weights; the table of words is shared.
    """

    def __init__(self, page):
        self._page, self._pairs = page, []
        self._dropout = page.get_layer("mean_dropout").rate
        self._mains = [layer for layer in page.layers
                       if isinstance(layer, (SelfAttention, BidirectionalLstm))]
        tokens = keras.Input(page.input_shape[1:], dtype="int32")
        embed = page.get_layer("tokens")
        members = embed.settings["members"]
        positions = ops.zeros_like(tokens) + ops.arange(tokens.shape[1])  # each looks at all
        vectors = embed(tokens, ops.stack([positions] * members))
        real = ops.cast(ops.not_equal(tokens, 0), "float32")
        logits = []
        for member in range(members):
            hidden = layers.Dropout(page.get_layer("seen_words").settings["hidden"])(real)
            logits.append(self._classified(vectors[member], hidden > 0, member))
        self.model = keras.Model(tokens, Together()(ops.stack(logits)))
        for theirs, ours, member in self._pairs:
            to_theirs, _ = _conversion(theirs)
            theirs.set_weights(to_theirs(theirs, *(w[member] for w in ours.get_weights())))

    def get_weights(self):
        """Writes the weights to the page's model and returns them, in its order."""
        for theirs, ours, member in self._pairs:
            _, to_ours = _conversion(theirs)
            values = ours.get_weights()
            for whole, value in zip(values, to_ours(*theirs.get_weights()), strict=True):
                whole[member] = value.reshape(whole[member].shape)
            ours.set_weights(values)
        return self._page.get_weights()

    def _like(self, layer, name, member):
        """Notes that a layer has the weights of a member of the page's; returns the layer."""
        self._pairs.append((layer, self._page.get_layer(name), member))
        return layer

    def _classified(self, x, seen, member):
        """Returns the logits [B, C] of one member for its vectors [B, T, D]."""
        def dense(name):
            page = self._page.get_layer(name)
            return self._like(layers.Dense(page.kernel.shape[-1], page.activation), name, member)

        for main in self._mains:
            if isinstance(main, SelfAttention):
                attend = layers.MultiHeadAttention(main.heads, x.shape[-1] // main.heads)
                y = _normalized(x)
                y = self._like(attend, main.name, member)(y, y, attention_mask=seen[:, None])
                x = x + layers.Dropout(self._dropout)(y)
                block = main.name.removesuffix("attention")
                y = dense(f"{block}mlp_out")(dense(f"{block}mlp_in")(_normalized(x)))
            else:
                read = layers.Bidirectional(layers.LSTM(main.units, return_sequences=True))
                y = self._like(read, main.name, member)(_normalized(x), mask=seen)
                y = dense(main.name.removesuffix("lstm") + "project")(y)
            x = x + layers.Dropout(self._dropout)(y)
        # GlobalAveragePooling1D would divide by 0 where all words of a text are hidden.
        weight = ops.cast(seen, x.dtype)[:, :, None]
        x = ops.sum(_normalized(x) * weight, 1) / ops.maximum(ops.sum(weight, 1), 1)
        return dense("logits")(layers.Dropout(self._dropout)(x))


def _normalized(x):
    """Returns the vectors with mean 0 and variance 1 each."""
    return layers.LayerNormalization(center=False, scale=False)(x)


def _conversion(layer):
    """Returns (to Keras' order of the weights of such a layer, back to the page's)."""
    if isinstance(layer, layers.MultiHeadAttention):
        return _heads, _together
    if isinstance(layer, layers.Bidirectional):
        return _directions, _joined
    return (lambda _, kernel, bias: [kernel, bias.ravel()]), (lambda *weights: weights)


def _heads(layer, project, project_bias, combine, combine_bias):
    """Returns four projections, [D, H, D / H] and [H, D / H, D], and their biases."""
    width = len(combine)
    heads = layer.num_heads, width // layer.num_heads
    parts = zip(np.split(project, 3, 1), np.split(project_bias.ravel(), 3), strict=True)
    return [*(value for kernel, bias in parts
              for value in (kernel.reshape(width, *heads), bias.reshape(heads))),
            combine.reshape(*heads, width), combine_bias.ravel()]


def _together(*weights):
    """Returns the two projections, [D, 3 D] and [D, D], and their biases: back from `_heads`."""
    *parts, combine, combine_bias = weights
    width = len(combine_bias)
    return [np.concatenate([kernel.reshape(width, width) for kernel in parts[::2]], 1),
            np.concatenate([bias.ravel() for bias in parts[1::2]]), combine, combine_bias]


def _directions(layer, kernels, biases):
    """Returns kernel [D, 4 U], recurrent kernel [U, 4 U] and bias of both directions."""
    units = layer.forward_layer.units
    return [part for kernel, bias in zip(kernels, biases, strict=True)
            for part in (kernel[:-units], kernel[-units:], bias)]


def _joined(*weights):
    """Returns the kernels [2, D + U, 4 U] and biases [2, 4 U]: back from `_directions`."""
    return [np.stack([np.concatenate(weights[:2]), np.concatenate(weights[3:5])]),
            np.stack(weights[2::3])]
