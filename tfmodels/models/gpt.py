"""Decoder-only Transformer that predicts the next token, and its generation with a cache.

The architecture is GPT-2's (Radford et al., "Language Models are Unsupervised Multitask Learners",
2019, section 2.3), so that published weights fit. Shapes: B batch, T tokens, D width, H heads,
V vocabulary, C context.
"""

import keras
import tensorflow as tf
from keras import layers, ops

from tfmodels.layers.attention import SelfAttention, attention_layers
from tfmodels.layers.positions import Positions

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

    def normalized(x, name):
        return layers.LayerNormalization(epsilon=EPSILON, name=name)(x)

    residual = 0.02 / (2 * depth) ** 0.5
    tokens = keras.Input([None], dtype="int32", name="inputs")
    embed = layers.ReversibleEmbedding(vocabulary_size, width, embeddings_initializer=normal(),
                                       reverse_dtype="float32", name="tokens")
    x = dropped(Positions(context, normal(), name="positions")(embed(tokens)))  # [B, T, D]
    for block in range(depth):
        attend = SelfAttention(heads, True, normal(), normal(residual), dropout, next(seeds),
                               name=f"block_{block}_attention")
        y, *_ = attend(normalized(x, f"block_{block}_attention_norm"))
        x = x + dropped(y)
        y = normalized(x, f"block_{block}_mlp_norm")
        y = layers.Dense(4 * width, gelu_tanh, kernel_initializer=normal(),
                         name=f"block_{block}_expand")(y)
        y = layers.Dense(width, kernel_initializer=normal(residual),
                         name=f"block_{block}_contract")(y)
        x = x + dropped(y)
    logits = embed(normalized(x, "final_norm"), reverse=True)
    return keras.Model(tokens, logits, name="gpt")


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
        self._attend = attention_layers(model)
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


@keras.saving.register_keras_serializable("tfmodels")
def gelu_tanh(x):
    """GELU in GPT-2's form, by the hyperbolic tangent (Hendrycks and Gimpel 2016)."""
    return ops.gelu(x, approximate=True)
