"""Decoder-only Transformer that predicts the next token, and its generation with a cache.

The architecture is GPT-2's (Radford et al., "Language Models are Unsupervised Multitask Learners",
2019, section 2.3), so that published weights fit. Shapes: B batch, T tokens, D width, H heads,
V vocabulary, C context.
"""

import keras
import tensorflow as tf
from keras import layers, ops

EPSILON = 1e-5  # of the layer normalizations


def gpt(vocabulary_size, context, width, depth, heads, dropout=0.0, seed=0):
    """Returns a pre-norm decoder-only Transformer whose output is tied to its token vectors.

    Weights start from a normal distribution of deviation 0.02, those of the 2 * depth projections
    that add to the residual stream from 0.02 / sqrt(2 * depth) (Radford et al. 2019, section 2.3).

    Args:
        vocabulary_size: V.
        context: most tokens that are seen at a time, C.
        width: dimension of a token's vector, D.
        depth: blocks.
        heads: attention heads of a block, H; must divide width.
        dropout: fraction dropped of the first vectors, of attention's weights and of what each
            sub-layer adds, in training, in [0, 1).
        seed: integer; fixes the initial weights and the dropout masks.

    Input shape:
        int32 [B, T], token ids in [0, V), with T from 1 to C.

    Output shape:
        float32 [B, T, V], logits of the token that comes after each.
    """
    seeds = iter(range(1000 * seed, 1000 * (seed + 1)))

    def normal(stddev=0.02):
        return keras.initializers.RandomNormal(stddev=stddev, seed=next(seeds))

    def dropped(x):
        return layers.Dropout(dropout, seed=next(seeds))(x)

    def normalised(x, name):
        return layers.LayerNormalization(epsilon=EPSILON, name=name)(x)

    residual = 0.02 / (2 * depth) ** 0.5
    tokens = keras.Input([None], dtype="int32", name="inputs")
    embed = layers.ReversibleEmbedding(vocabulary_size, width, embeddings_initializer=normal(),
                                       reverse_dtype="float32", name="tokens")
    x = dropped(Positions(context, normal(), name="positions")(embed(tokens)))  # [B, T, D]
    for block in range(depth):
        attend = CausalAttention(heads, normal(), normal(residual), dropout, next(seeds),
                                 name=f"block_{block}_attention")
        y, *_ = attend(normalised(x, f"block_{block}_attention_norm"))
        x = x + dropped(y)
        y = normalised(x, f"block_{block}_mlp_norm")
        y = layers.Dense(4 * width, gelu_tanh, kernel_initializer=normal(),
                         name=f"block_{block}_expand")(y)
        y = layers.Dense(width, kernel_initializer=normal(residual),
                         name=f"block_{block}_contract")(y)
        x = x + dropped(y)
    logits = embed(normalised(x, "final_norm"), reverse=True)
    return keras.Model(tokens, logits, name="gpt")


@keras.saving.register_keras_serializable("tfmodels")
class Positions(layers.Layer):
    """Adds a learned vector per position.

    Args:
        context: most positions, C.
        initializer: of the table [C, D].

    Input shape, output shape:
        float [B, T, D], T at most C.
    """

    def __init__(self, context, initializer="zeros", **kwargs):
        super().__init__(**kwargs)
        self.context = context
        self._initializer = keras.initializers.get(initializer)

    def build(self, input_shape):
        """Creates the table."""
        self.table = self.add_weight((self.context, input_shape[-1]), self._initializer,
                                     name="table")

    def call(self, x):
        """Maps vectors [B, T, D] to vectors [B, T, D]."""
        if x.shape[1] is not None and x.shape[1] > self.context:
            raise ValueError(f"expected at most {self.context} tokens, got {x.shape[1]}")
        return x + ops.convert_to_tensor(self.table)[:ops.shape(x)[1]]

    def get_config(self):
        """Returns the arguments, for saving."""
        return {**super().get_config(), "context": self.context,
                "initializer": keras.initializers.serialize(self._initializer)}


@keras.saving.register_keras_serializable("tfmodels")
class CausalAttention(layers.Layer):
    """Multi-head attention from each token to itself and those before it.

    Vaswani et al., "Attention Is All You Need", NeurIPS 2017, section 3.2. Queries, keys and values
    come from one matrix product.

    Args:
        heads: H, divides the width.
        input_initializer, output_initializer: of the kernels [D, 3 D] and [D, D].
        dropout: fraction of the attention weights dropped in training.
        seed: of the dropout masks.

    Input shape:
        float [B, T, D].

    Output shape:
        A tuple: float [B, T, D]; the attention weights [B, H, T, T] before dropout, in [0, 1],
        whose rows sum to 1; the keys and the values, [B, H, T, D / H] each.
    """

    def __init__(self, heads, input_initializer="glorot_uniform",
                 output_initializer="glorot_uniform", dropout=0.0, seed=0, **kwargs):
        super().__init__(**kwargs)
        self.heads = heads
        self._settings = {"dropout": dropout, "seed": seed}
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

    def call(self, x, training=False):
        """Maps vectors [B, T, D] to the tuple of the class's docstring."""
        queries, keys, values = self._split(x)
        length = ops.shape(x)[1]
        past = ops.arange(length)[:, None] >= ops.arange(length)  # [T, T]
        return *self._attend(queries, keys, values, past, training), keys, values

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
        """Returns the output [B, T, D] and the attention weights; `allowed` is bool [T, keys]."""
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


class CachedGPT:
    """A model token by token; the keys and values of the tokens before are kept in a cache.

    It is a decoder of `decoding.sampling`, which empties a full cache and reads the last half of
    the context again: so a text may be longer than the context.

    Args:
        model: made by `gpt`.

    Attributes:
        context: C, most tokens that a cache holds.
    """

    def __init__(self, model):
        self._layer = model.get_layer
        self._embed, self._positions = self._layer("tokens"), self._layer("positions")
        self._attend = _attention_layers(model)
        self.context = self._positions.context

    def initial_state(self, batch):
        """Returns the cache before the first token of B texts: keys and values of each block."""
        _, heads, _, size = self._attend[0].output[2].shape
        empty = tf.zeros([batch, heads, self.context, size], self._attend[0].compute_dtype)
        return [(empty, empty) for _ in self._attend]

    def step(self, tokens, position, state):
        """Reads one more token of each text.

        Args:
            tokens: int32 [B].
            position: int32 [], how many tokens the cache holds, below C.
            state: what `initial_state` or the step before returned.

        Returns:
            float32 [B, V], the logits of the next token, and the new state.
        """
        x = self._embed(tokens[:, None]) + tf.cast(
            tf.gather(self._positions.table, position), self._embed.compute_dtype)  # [B, 1, D]
        filled = []
        for block, (attend, cache) in enumerate(zip(self._attend, state, strict=True)):
            y, cache = attend.step(self._layer(f"block_{block}_attention_norm")(x), position, cache)
            filled.append(cache)
            x = x + y
            y = self._layer(f"block_{block}_mlp_norm")(x)
            x = x + self._layer(f"block_{block}_contract")(
                self._layer(f"block_{block}_expand")(y))
        return self._embed(self._layer("final_norm")(x), reverse=True)[:, 0], filled


def attention_model(model):
    """Returns the model from tokens to each block's attention; it shares `model`'s weights.

    Args:
        model: made by `gpt`.

    Input shape:
        int32 [B, T].

    Output shape:
        A dict of one float [B, H, T, T] per block, `block_0_attention` first: how much position i
        (third axis) looks at position j (fourth axis), in [0, 1]; each row sums to 1.
    """
    return keras.Model(model.input, {
        layer.name: layer.output[1] for layer in _attention_layers(model)}, name="attention")


def _attention_layers(model):
    """Returns the attention layers of a model made by `gpt`, first block first."""
    return [layer for layer in model.layers if isinstance(layer, CausalAttention)]


@keras.saving.register_keras_serializable("tfmodels")
def gelu_tanh(x):
    """GELU in GPT-2's form, by the hyperbolic tangent (Hendrycks and Gimpel 2016)."""
    return ops.gelu(x, approximate=True)
