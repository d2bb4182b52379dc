"""Self-attention: over a whole text, over what came before, and one token at a time with a cache.

Shapes: B batch, T tokens, D width, H heads, C context.
"""

import keras
import tensorflow as tf
from keras import layers, ops


@keras.saving.register_keras_serializable("tfmodels")
class SelfAttention(layers.Layer):
    """Multi-head attention from each token of a text to all of them, or to those before it.

    Vaswani et al., "Attention Is All You Need", NeurIPS 2017, section 3.2. Queries, keys and values
    come from one matrix product: it trains in two thirds of the time of Keras' MultiHeadAttention.

    Args:
        heads: H, divides the width.
        causal: whether a token attends to itself and those before it alone.
        input_initializer, output_initializer: of the kernels [D, 3 D] and [D, D].
        dropout: fraction of the attention weights dropped in training.
        seed: of the dropout masks.

    Input shape:
        float [B, T, D]; `readable`, bool [B, T], which tokens may be attended to, or None for all.

    Output shape:
        A tuple: float [B, T, D]; the attention weights [B, H, T, T] before dropout, in [0, 1],
        whose rows sum to 1; the keys and the values, [B, H, T, D / H] each.
    """

    def __init__(self, heads, causal=False, input_initializer="glorot_uniform",
                 output_initializer="glorot_uniform", dropout=0.0, seed=0, **kwargs):
        super().__init__(**kwargs)
        self.heads = heads
        self._settings = {"causal": causal, "dropout": dropout, "seed": seed}
        self._initializers = [keras.initializers.get(initializer)
                              for initializer in (input_initializer, output_initializer)]
        self._dropout = layers.Dropout(dropout, seed=seed)

    def build(self, input_shape):
        """Creates both projections."""
        width = input_shape[-1]
        if width % self.heads:
            raise ValueError(f"width must divide by heads, got {width} and {self.heads}")
        inner, outer = self._initializers
        self.project = layers.Dense(3 * width, kernel_initializer=inner, name="project")
        self.combine = layers.Dense(width, kernel_initializer=outer, name="combine")
        self.project.build(input_shape)
        self.combine.build(input_shape)

    def call(self, x, readable=None, training=False):
        """Maps vectors [B, T, D] to the tuple of the class's docstring."""
        queries, keys, values = self._split(x)
        allowed = True if readable is None else readable[:, None, None]  # [B, 1, 1, T]
        if self._settings["causal"]:
            places = ops.arange(ops.shape(x)[1])
            allowed = ops.logical_and(allowed, places[:, None] >= places)  # [T, T]
        return *self._attend(queries, keys, values, allowed, training), keys, values

    def step(self, x, position, cache):
        """Attends from one token, and adds its key and value to those of the tokens before it.

        Args:
            x: the token's vector, float [B, 1, D].
            position: int32 [], its place, below C.
            cache: keys and values, float [B, H, C, D / H]; what lies from `position` on is not
                read.

        Returns:
            float [B, 1, D], and the new cache.
        """
        queries, key, value = self._split(x)
        batch, heads, context, size = ops.shape(cache[0])
        places = (tf.range(batch * heads) * context + position)[:, None]
        keys, values = (
            tf.reshape(tf.tensor_scatter_nd_update(
                tf.reshape(old, [-1, size]), places, tf.reshape(new, [-1, size])), tf.shape(old))
            for old, new in zip(cache, (key, value), strict=True))
        past = tf.range(context) <= position
        return self._attend(queries, keys, values, past, False)[0], (keys, values)

    def _split(self, x):
        """Returns queries, keys and values of vectors [B, T, D], [B, H, T, D / H] each."""
        batch, length, width = ops.shape(x)
        x = ops.reshape(self.project(x), (batch, length, 3, self.heads, width // self.heads))
        return ops.unstack(ops.transpose(x, (2, 0, 3, 1, 4)))

    def _attend(self, queries, keys, values, allowed, training):
        """Returns the output [B, T, D] and the attention weights.

        `allowed` is bool and broadcasts to [B, H, T, keys].
        """
        batch, _, length, size = ops.shape(queries)
        scores = tf.matmul(queries * size**-0.5, keys, transpose_b=True)
        scores = ops.where(allowed, scores, ops.cast(-1e9, scores.dtype))
        weights = tf.nn.softmax(scores)  # [B, H, T, keys]; equation 1
        y = tf.matmul(self._dropout(weights, training=training), values)
        y = ops.reshape(ops.swapaxes(y, 1, 2), (batch, length, self.heads * size))
        return self.combine(y), weights

    def get_config(self):
        """Returns the arguments, for saving."""
        inner, outer = map(keras.initializers.serialize, self._initializers)
        return {**super().get_config(), **self._settings, "heads": self.heads,
                "input_initializer": inner, "output_initializer": outer}


def attention_layers(model):
    """Returns the attention layers of a functional model, first block first."""
    return [layer for layer in model.layers if isinstance(layer, SelfAttention)]


def attention_model(model):
    """Returns the model from a model's inputs to each block's attention; it shares its weights.

    Args:
        model: functional, with layers of `SelfAttention`.

    Returns:
        A Keras model with a dict of one float [B, H, T, T] per block as output, by the layers'
        names, `block_0_attention` first: how much position i (third axis) looks at position j
        (fourth axis), in [0, 1]; each row sums to 1.
    """
    return keras.Model(model.input, {
        layer.name: layer.output[1] for layer in attention_layers(model)}, name="attention")
