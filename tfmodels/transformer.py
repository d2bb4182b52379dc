"""A small Transformer encoder that classifies texts."""
import keras
from keras import layers, ops


@keras.saving.register_keras_serializable("tfmodels")
class TokenEmbedding(layers.Layer):
    """Word vector + vector of the hashed word pair + learned position vector."""

    def __init__(self, vocabulary_size, length, width, buckets, **kwargs):
        super().__init__(**kwargs)
        self.sizes = {"vocabulary_size": vocabulary_size, "length": length, "width": width, "buckets": buckets}
        normal = keras.initializers.RandomNormal
        self.words = layers.Embedding(vocabulary_size, width, normal(stddev=0.05, seed=kwargs.get("seed0", 1)), name="words")
        self.pairs = layers.Embedding(buckets, width, "zeros", name="pairs") if buckets else None
        self.positions = layers.Embedding(length, width, normal(stddev=0.02, seed=3), name="positions")

    def build(self, shape):
        self.words.build(shape)
        if self.pairs: self.pairs.build(shape)
        self.positions.build(shape)

    def call(self, tokens):
        x = self.words(tokens)
        if self.pairs:
            previous = ops.pad(tokens, ((0, 0), (1, 0)))[:, :-1]
            x = x + self.pairs((previous * 8191 + tokens) % self.sizes["buckets"])
        return x + self.positions(ops.arange(ops.shape(tokens)[1]))


def transformer_classifier(vocabulary_size, length, classes, width=128, depth=2, heads=4, buckets=65521,
                           word_dropout=0.3, dropout=0.3, pool="mean", ffn=2, embed_dropout=0.0, attn_dropout=0.0, seed=0):
    seeds = iter(range(seed * 1000, seed * 1000 + 999))
    drop = lambda x: layers.Dropout(dropout, seed=next(seeds))(x)
    tokens = keras.Input((length,), dtype="int32", name="tokens")
    mask = ops.not_equal(tokens, 0)                                   # [B, T]
    x = TokenEmbedding(vocabulary_size, length, width, buckets)(tokens)  # [B, T, D]
    x = layers.Dropout(word_dropout, noise_shape=(None, None, 1), seed=next(seeds))(x)
    if embed_dropout: x = layers.Dropout(embed_dropout, seed=next(seeds))(x)
    for i in range(depth):
        y = layers.LayerNormalization()(x)
        y = layers.MultiHeadAttention(heads, width // heads, dropout=attn_dropout, seed=next(seeds))(
            y, y, attention_mask=ops.expand_dims(mask, 1))
        x = x + drop(y)
        y = layers.LayerNormalization()(x)
        y = layers.Dense(ffn * width, activation="relu")(y)
        x = x + drop(layers.Dense(width)(y))
    x = layers.LayerNormalization()(x)
    m = ops.cast(ops.expand_dims(mask, -1), "float32")
    mean = ops.sum(x * m, 1) / ops.maximum(ops.sum(m, 1), 1)
    if pool == "mean": x = mean
    else: x = layers.Concatenate()([mean, ops.max(x * m - 1e4 * (1 - m), 1)])
    x = drop(x)
    logits = layers.Dense(classes, dtype="float32")(x)
    return keras.Model(tokens, logits)
