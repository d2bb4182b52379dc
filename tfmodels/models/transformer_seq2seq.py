"""Transformer encoder-decoder (Vaswani et al. 2017), and its decoder one token at a time.

Shapes: B batch, S source tokens, T target tokens, D width, V vocabulary.
"""

import keras
import numpy as np
from keras import layers, ops


def transformer_seq2seq(vocabulary_size, length, width=128, depth=2, heads=4, dropout=0.1, seed=0):
    """Returns a Transformer that maps a source text to a target text.

    Vaswani et al., "Attention Is All You Need", NeurIPS 2017, with the normalization in front of
    each sub-layer: Xiong et al., "On Layer Normalization in the Transformer Architecture", ICML
    2020, table 1. One table of vectors serves both texts and the logits (section 3.4).

    Args:
        vocabulary_size: V.
        length: most tokens of a text.
        width: size D of a token's vector; even.
        depth: blocks of the encoder, and of the decoder.
        heads: attention heads of a block; must divide width.
        dropout: fraction dropped of the first vectors and after each sub-layer, in [0, 1).
        seed: integer; fixes the initial weights and the dropout masks, except that attention's
            projections start from `keras.utils.set_random_seed`.

    Input shape:
        A dict of int32 `source` [B, S] and `target` [B, T], the tokens before those to predict;
        0 is padding.

    Output shape:
        float32 [B, T, V], logits of the token after each of `target`.

    Returns:
        That model, and one from the same inputs to the attention of the last block, the mean of
        its heads, float32 [B, T, S], rows of which sum to 1 with 0 at padding.
    """
    if width % heads:
        raise ValueError(f"width must divide by heads, got width {width} and {heads} heads")
    seeds = iter(range(1000 * seed, 1000 * (seed + 1)))
    source = keras.Input([None], dtype="int32", name="source")
    target = keras.Input([None], dtype="int32", name="target")
    embed = layers.ReversibleEmbedding(
        vocabulary_size, width, name="tokens", reverse_dtype="float32",
        embeddings_initializer=keras.initializers.RandomNormal(
            stddev=width ** -0.5, seed=next(seeds)))
    place = SinusoidalPositions(length, name="positions")

    def vectors(tokens):
        return layers.Dropout(dropout, seed=next(seeds))(place(embed(tokens)))

    real = ops.expand_dims(ops.not_equal(source, 0), 1)  # [B, 1, S]
    x = vectors(source)  # [B, S, D]
    for block in range(depth):
        x, _ = Block(heads, dropout, next(seeds), name=f"encoder_{block}")(x, readable=real)
    memory = layers.LayerNormalization(name="encoder_norm")(x)
    x = vectors(target)  # [B, T, D]
    for block in range(depth):
        x, attention = Block(heads, dropout, next(seeds), crossing=True, name=f"decoder_{block}")(
            x, memory=memory, memory_mask=real)
    logits = embed(layers.LayerNormalization(name="decoder_norm")(x), reverse=True)
    inputs = {"source": source, "target": target}
    return (keras.Model(inputs, logits, name="transformer_seq2seq"),
            keras.Model(inputs, ops.mean(attention, 1)))


@keras.saving.register_keras_serializable("tfmodels")
class SinusoidalPositions(layers.Layer):
    """Scales token vectors by the root of their size and adds a wave per position (section 3.4, 5).

    Args:
        length: most positions.

    Input shape, output shape:
        float [B, T, D].
    """

    def __init__(self, length, **kwargs):
        super().__init__(**kwargs)
        self.length = length

    def call(self, x, first=0):
        """Adds the positions from `first` on."""
        width = x.shape[-1]
        waves = ops.cast(sinusoids(self.length, width), x.dtype)
        places = ops.minimum(first + ops.arange(ops.shape(x)[1]), self.length - 1)
        return x * width ** 0.5 + ops.take(waves, places, 0)

    def get_config(self):
        """Returns the arguments, for saving."""
        return {**super().get_config(), "length": self.length}


def sinusoids(length, width):
    """Returns float32 [length, width]: Vaswani et al. 2017, section 3.5, sines at even columns."""
    columns = np.arange(width)
    angles = np.arange(length)[:, None] / 10000 ** (2 * (columns // 2) / width)
    return np.where(columns % 2, np.cos(angles), np.sin(angles)).astype(np.float32)


@keras.saving.register_keras_serializable("tfmodels")
class Block(layers.Layer):
    """One pre-norm block: attention to its own text, to a memory if `crossing`, and two layers.

    Args:
        heads: attention heads (Vaswani et al. 2017, section 3.2.2).
        dropout: fraction dropped after each sub-layer.
        seed: integer; fixes initial weights and dropout, attention's projections apart.
        crossing: whether it is a decoder's: it reads a memory, and of its text only the past.

    Input shape:
        x float [B, T, D], readable bool [B, 1, T], what may be read of it; with `crossing` memory
        [B, S, D] and memory_mask bool [B, 1, S].

    Output shape:
        float [B, T, D], and the attention to the memory, without one to itself, [B, heads, T, S].
    """

    def __init__(self, heads, dropout, seed, crossing=False, **kwargs):
        super().__init__(**kwargs)
        self.settings = {"heads": heads, "dropout": dropout, "seed": seed, "crossing": crossing}

    def build(self, input_shape):
        """Creates the sub-layers."""
        width, settings = input_shape[-1], self.settings
        starts = iter(range(settings["seed"] * 10, settings["seed"] * 10 + 10))

        def attend(name):
            # No initializer with a seed: its projections would all start from the same numbers.
            return layers.MultiHeadAttention(settings["heads"], width // settings["heads"],
                                             seed=next(starts), name=name)

        def linear(units, activation, name):
            start = keras.initializers.GlorotUniform(next(starts))
            return layers.Dense(units, activation, kernel_initializer=start, name=name)

        names = ("attention", *(["crossing"] if settings["crossing"] else []))
        self.norms = [layers.LayerNormalization(name=f"norm_{name}") for name in (*names, "mlp")]
        self.attends = [attend(name) for name in names]
        self.expand, self.contract = linear(4 * width, "relu", "expand"), linear(
            width, None, "contract")  # equation 2
        self.drop = layers.Dropout(settings["dropout"], seed=next(starts))
        vectors, texts = (None, None, width), [(None, None, width)] * 2
        for norm in self.norms:
            norm.build(vectors)
        for layer in self.attends:
            layer.build(*texts)
        self.expand.build(vectors)
        self.contract.build((None, None, 4 * width))

    def call(self, x, memory=None, readable=None, memory_mask=None, past=None):
        """Runs the block; `past` replaces the normalized x that is read, to write by steps."""
        y = self.normalized(x)
        causal = self.settings["crossing"] and past is None
        y, attention = self.attends[0](y, y if past is None else past, attention_mask=readable,
                                       use_causal_mask=causal, return_attention_scores=True)
        x = x + self.drop(y)
        if self.settings["crossing"]:
            y, attention = self.attends[1](self.norms[1](x), memory, attention_mask=memory_mask,
                                           return_attention_scores=True)
            x = x + self.drop(y)
        y = self.contract(self.expand(self.norms[-1](x)))
        return x + self.drop(y), attention

    def normalized(self, x):
        """Returns what the first attention reads of x."""
        return self.norms[0](x)

    def get_config(self):
        """Returns the arguments, for saving."""
        return {**super().get_config(), **self.settings}


class TransformerDecoder:
    """Writes with a model of `transformer_seq2seq`, one token after the other.

    What each block read of the tokens so far is kept, so that a step computes one position only.
    """

    def __init__(self, model):
        self._embed, self._place = model.get_layer("tokens"), model.get_layer("positions")
        blocks = [layer for layer in model.layers if isinstance(layer, Block)]
        self._encoders = [block for block in blocks if not block.settings["crossing"]]
        self._decoders = [block for block in blocks if block.settings["crossing"]]
        self._norms = [model.get_layer(f"{part}_norm") for part in ("encoder", "decoder")]

    def initial_state(self, source):
        """Reads int32 [B, S]; returns the state before the first token, nested [B, ...]."""
        real = ops.expand_dims(ops.not_equal(source, 0), 1)
        x = self._place(self._embed(source))
        for block in self._encoders:
            x, _ = block(x, readable=real)
        batch, width = ops.shape(x)[0], x.shape[-1]
        empty = ops.zeros((batch, self._place.length, width), x.dtype)
        return self._norms[0](x), real, tuple(empty for _ in self._decoders)

    def step(self, tokens, position, state):
        """Reads int32 [B] and returns the logits of what follows, float32 [B, V], and the state."""
        memory, real, pasts = state
        x = self._place(self._embed(tokens[:, None]), first=position)  # [B, 1, D]
        places = ops.arange(self._place.length)
        here, known = (places == position)[None, :, None], (places <= position)[None, None]
        written = []
        for block, past in zip(self._decoders, pasts, strict=True):
            past = ops.where(here, block.normalized(x), past)  # [B, T, D]
            x, _ = block(x, memory=memory, readable=known, memory_mask=real, past=past)
            written.append(past)
        logits = self._embed(self._norms[1](x), reverse=True)
        return logits[:, 0], (memory, real, tuple(written))
