"""A small Transformer encoder that classifies texts, and what it attends to."""

import keras
from keras import layers, ops


@keras.saving.register_keras_serializable("tfmodels")
class TokenEmbedding(layers.Layer):
    """Sums three vectors per token: its word, its pair with the word before, its position.

    Pairs are hashed into a table of fixed size, as the word n-grams of Joulin et al., "Bag of
    Tricks for Efficient Text Classification", EACL 2017, section 2.1. The table starts at zero, so
    a pair never seen in training adds nothing.

    Args:
        vocabulary_size: number of token ids, padding included.
        length: positions of a text.
        width: size of a vector.
        buckets: rows of the table of pairs; a prime spreads the hashes best.
        seed: integer; fixes the initial vectors.

    Input shape:
        int32 [B, T], token ids, 0 for padding.

    Output shape:
        float [B, T, width].
    """

    def __init__(self, vocabulary_size, length, width, buckets, seed=0, **kwargs):
        super().__init__(**kwargs)
        self.settings = {"vocabulary_size": vocabulary_size, "length": length, "width": width,
                         "buckets": buckets, "seed": seed}
        normal = keras.initializers.RandomNormal
        self.words = layers.Embedding(
            vocabulary_size, width, normal(stddev=0.05, seed=seed), name="words")
        self.pairs = layers.Embedding(buckets, width, "zeros", name="pairs")
        self.positions = layers.Embedding(
            length, width, normal(stddev=0.02, seed=seed + 1), name="positions")

    def build(self, input_shape):
        """Creates the three tables."""
        self.words.build(input_shape)
        self.pairs.build(input_shape)
        self.positions.build(input_shape[1:])

    def call(self, tokens):
        """Maps tokens [B, T] to vectors [B, T, width]."""
        # The first word comes after "padding".
        before = ops.pad(tokens, [[0, 0], [1, 0]])[:, :-1]  # [B, T]
        # 8191: with ids below 2 ** 18 the product stays inside int32.
        pair = (before * 8191 + tokens) % self.settings["buckets"]
        positions = ops.arange(self.settings["length"])
        return self.words(tokens) + self.pairs(pair) + self.positions(positions)

    def compute_output_shape(self, input_shape):
        """Returns the shape of the vectors."""
        return (*input_shape, self.settings["width"])

    def get_config(self):
        """Returns the arguments, for saving."""
        return {**super().get_config(), **self.settings}


def transformer_classifier(vocabulary_size, length, classes, width=128, depth=1, heads=4,
                           buckets=131071, token_dropout=0.5, dropout=0.4, seed=0):
    """Returns a pre-norm Transformer encoder whose mean output is classified.

    Vaswani et al., "Attention Is All You Need", NeurIPS 2017, equation 1 and section 3.3, with the
    normalisation in front of each sub-layer: Xiong et al., "On Layer Normalization in the
    Transformer Architecture", ICML 2020, table 1. Token dropout hides whole words from attention
    and mean alike (Iyyer et al., "Deep Unordered Composition Rivals Syntactic Methods", ACL 2015,
    section 3.1).

    Args:
        vocabulary_size: number of token ids, padding included; at most 2 ** 18.
        length: tokens of a text, T.
        classes: number of classes.
        width: size D of a token's vector.
        depth: encoder blocks.
        heads: attention heads; must divide width.
        buckets: rows of the hashed table of word pairs.
        token_dropout: fraction of words hidden while training, in [0, 1).
        dropout: fraction dropped after each sub-layer and before the classifier, in [0, 1).
        seed: integer; fixes the initial weights and the dropout masks.

    Input shape:
        int32 [B, T], token ids, 0 for padding.

    Output shape:
        float32 [B, classes], logits.
    """
    if width % heads:
        raise ValueError(f"width must divide by heads, got width {width} and {heads} heads")
    seeds = iter(range(1000 * seed, 1000 * (seed + 1)))

    def dropped(x):
        return layers.Dropout(dropout, seed=next(seeds))(x)

    def linear(units, activation=None, **kwargs):
        start = keras.initializers.GlorotUniform(next(seeds))
        return layers.Dense(units, activation, kernel_initializer=start, **kwargs)

    tokens = keras.Input([length], dtype="int32", name="tokens")
    real = ops.cast(ops.not_equal(tokens, 0), "float32")
    seen = layers.Dropout(token_dropout, seed=next(seeds), dtype="float32",
                          name="token_dropout")(real) > 0  # [B, T]
    embed = TokenEmbedding(vocabulary_size, length, width, buckets, seed=next(seeds))
    x = embed(tokens)  # [B, T, D]
    for block in range(depth):
        y = layers.LayerNormalization()(x)
        start = keras.initializers.GlorotUniform(next(seeds))
        attend = layers.MultiHeadAttention(heads, width // heads, kernel_initializer=start,
                                           seed=next(seeds), name=f"attention_{block}")
        y, _ = attend(y, y, attention_mask=ops.expand_dims(seen, 1), return_attention_scores=True)
        x = x + dropped(y)
        y = layers.LayerNormalization()(x)
        x = x + dropped(linear(width)(linear(2 * width, "relu")(y)))
    x = layers.LayerNormalization()(x)
    weight = ops.expand_dims(ops.cast(seen, "float32"), -1)  # [B, T, 1]
    # At least 1: while training, a short text can lose all its words.
    x = ops.sum(x * weight, axis=1) / ops.maximum(ops.sum(weight, axis=1), 1.0)  # [B, D]
    logits = linear(classes, dtype="float32", name="logits")(dropped(x))
    return keras.Model(tokens, logits, name="transformer")


def attention_model(model):
    """Returns the model from tokens to each block's attention; it shares `model`'s weights.

    Args:
        model: made by `transformer_classifier`, or loaded from its file.

    Input shape:
        int32 [B, T], token ids, 0 for padding.

    Output shape:
        A list with one float32 [B, heads, T, T] per block: how much position i (third axis) looks
        at position j (fourth axis), in [0, 1]; each row sums to 1 and padding gets 0.
    """
    attends = [layer for layer in model.layers if isinstance(layer, layers.MultiHeadAttention)]
    return keras.Model(model.input, [attend.output[1] for attend in attends], name="attention")
