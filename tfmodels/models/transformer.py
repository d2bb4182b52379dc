"""A small Transformer encoder that classifies texts, and what it attends to.

Shapes: M members of an ensemble, B texts of T words, of which a member sees S, D numbers in a
word's vector.
"""

import keras
from keras import layers, ops

from tfmodels.layers import ensemble
from tfmodels.layers.word_vectors import embedded


@keras.saving.register_keras_serializable("tfmodels")
class SelfAttention(layers.Layer):
    """Multi-head self-attention with weights of its own for each member.

    Vaswani et al., "Attention Is All You Need", NeurIPS 2017, equation 1 and section 3.2.2; the
    projections to queries, keys and values are one matrix product.

    Args:
        heads: H; must divide D.
        seed: integer; fixes the initial weights.

    Input shape:
        float [M, B, S, D]; bool [M, B, S], which positions may be looked at.

    Output shape:
        float [M, B, S, D]; the weights [M, B, H, S, S] with which each position (fourth axis)
        looks at each (fifth axis).
    """

    member_axis = 0  # for transfer from a single member

    def __init__(self, heads, seed=0, **kwargs):
        super().__init__(**kwargs)
        self.heads, self.seed = heads, seed

    def build(self, x_shape, seen_shape):
        """Creates the projections."""
        width = x_shape[-1]
        self.project = ensemble.linear(3 * width, self.seed, name="query_key_value")
        self.output_projection = ensemble.linear(width, self.seed + 1, name="output")
        self.project.build(x_shape)
        self.output_projection.build(x_shape)

    def call(self, x, seen):
        """Returns the attended vectors and the attention weights."""
        members, texts, length, width = ops.shape(x)
        each = width // self.heads
        parts = ops.reshape(self.project(x), (members, texts, length, 3, self.heads, each))
        query, key, value = ops.unstack(ops.transpose(parts, (3, 0, 1, 4, 2, 5)))  # [M,B,H,S,D/H]
        scores = ops.matmul(query * each ** -0.5, ops.swapaxes(key, -1, -2))
        hidden = ops.cast(ops.logical_not(seen), scores.dtype)[:, :, None, None]
        weights = ops.softmax(scores - 1e9 * hidden)  # [M, B, H, S, S]
        found = ops.transpose(ops.matmul(weights, value), (0, 1, 3, 2, 4))
        return self.output_projection(ops.reshape(found, (members, texts, length, width))), weights

    def compute_output_spec(self, x, seen):
        """Returns the shapes of the outputs."""
        members, texts, length, _ = x.shape
        return (keras.KerasTensor(x.shape, self.compute_dtype),
                keras.KerasTensor((members, texts, self.heads, length, length),
                                  self.compute_dtype))

    def get_config(self):
        """Returns the arguments, for saving."""
        return {**super().get_config(), "heads": self.heads, "seed": self.seed}


def encoder(tokens, vocabulary, width=64, depth=1, heads=4, dropout=0.0, seed=0, **settings):
    """Encodes texts by the members of an ensemble of pre-norm Transformers.

    Vaswani et al., "Attention Is All You Need", NeurIPS 2017, with the normalisation in front of
    each sub-layer: Xiong et al., "On Layer Normalization in the Transformer Architecture", ICML
    2020, table 1. A normalisation has no weights of its own: the matrix after it holds them.

    Args:
        tokens: Keras tensor, int32 [B, T], token ids, 0 for padding.
        vocabulary: the words by token id, padding and the unknown word first; at most 2 ** 18.
        width: D, size of a token's vector.
        depth: encoder blocks.
        heads: attention heads; must divide width.
        dropout: share dropped after each sub-layer, in [0, 1).
        seed: integer; fixes the initial weights and the dropout masks.
        **settings: of `word_vectors.embedded`, such as members and token_dropout.

    Returns:
        Keras tensors: vectors float [M, B, S, D] and whether each is a word that was seen, bool
        [M, B, S], as of `word_vectors.embedded`.
    """
    if width % heads:
        raise ValueError(f"width must divide by heads, got width {width} and {heads} heads")
    seeds = iter(range(1000 * seed, 1000 * (seed + 1), 2))

    def linear(units, activation=None, **kwargs):
        return ensemble.linear(units, next(seeds), activation, **kwargs)

    def dropped(x, name):
        return layers.Dropout(dropout, seed=next(seeds), name=name)(x)

    x, seen = embedded(tokens, vocabulary, width, seed=next(seeds), **settings)
    for number in range(depth):
        block = f"block_{number}_"
        y = ensemble.normalized(x, f"{block}attention_norm")
        y, _ = SelfAttention(heads, next(seeds), name=f"{block}attention")(y, seen)
        x = x + dropped(y, f"{block}attention_dropout")
        y = ensemble.normalized(x, f"{block}mlp_norm")
        y = linear(width, name=f"{block}mlp_out")(linear(2 * width, "relu",
                                                         name=f"{block}mlp_in")(y))
        x = x + dropped(y, f"{block}mlp_dropout")
    return ensemble.normalized(x, "encoder_norm"), seen


def transformer_classifier(vocabulary, length, classes, dropout=0.4, seed=0, **settings):
    """Returns a Transformer encoder whose mean output is classified.

    Args:
        vocabulary: the words by token id, padding and the unknown word first; at most 2 ** 18.
        length: tokens of a text, T.
        classes: number of classes.
        dropout: share dropped after each sub-layer and before the classifier, in [0, 1).
        seed: integer; fixes the initial weights and the dropout masks.
        **settings: of `encoder` and of `word_vectors.embedded`.

    Input shape:
        int32 [B, T], token ids, 0 for padding.

    Output shape:
        float32 [B, classes], log-probabilities; for their meaning in training see
        `ensemble.Together`.
    """
    tokens = keras.Input([length], dtype="int32", name="words")
    x, seen = encoder(tokens, vocabulary, dropout=dropout, seed=seed, **settings)
    answer = ensemble.classified(x, seen, classes, dropout, seed)
    return keras.Model(tokens, answer, name="transformer")


def attention_model(model):
    """Returns the model from tokens to each block's attention; it shares `model`'s weights.

    Args:
        model: made by `transformer_classifier`, or loaded from its file.

    Input shape:
        int32 [B, T], token ids, 0 for padding.

    Output shape:
        A dict of one float32 [B, M * H, T, T] per block, `attention_0` first: how much position i
        (third axis) looks at position j (fourth axis), in [0, 1], the members' heads in turn; each
        row sums to 1 and padding gets 0.
    """
    found = [layer.output[1] for layer in model.layers if isinstance(layer, SelfAttention)]
    return keras.Model(model.input, {f"attention_{number}": ops.concatenate(
        ops.unstack(weights), axis=1) for number, weights in enumerate(found)}, name="attention")
