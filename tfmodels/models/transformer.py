"""Transformer encoder (Vaswani et al. 2017), and a classifier of texts built upon it.

Shapes: B texts of T tokens, D dimension of a token's vector, H attention heads.
"""

import keras
from keras import layers, ops

from tfmodels.layers.attention import SelfAttention
from tfmodels.layers.pooling import mean_of_tokens
from tfmodels.layers.positions import Positions
from tfmodels.layers.token_dropout import TokenDropout


def transformer_classifier(vocabulary_size, length, classes, width=128, depth=2, heads=4,
                           dropout=0.2, token_dropout=0.0):
    """Returns a Transformer encoder whose mean output is classified.

    Args:
        vocabulary_size: number of token ids.
        length: most tokens of a text.
        classes: number of classes.
        width, depth, heads, dropout: of the encoder; dropout is also that of the mean vector.
        token_dropout: probability that a token is hidden in training, in [0, 1).

    Input shape:
        int32 [B, T], token ids, 0 for padding.

    Output shape:
        float32 [B, classes], logits.
    """
    tokens = keras.Input([None], dtype="int32", name="words")
    seen = TokenDropout(token_dropout, name="token_dropout")(tokens)
    x = encoder(seen, vocabulary_size, length, width, depth, heads, dropout)  # [B, T, D]
    x = layers.Dropout(dropout)(mean_of_tokens(x, seen))  # [B, D]
    return keras.Model(tokens, layers.Dense(classes, dtype="float32", name="logits")(x),
                       name="transformer")


def encoder(tokens, vocabulary_size, length, width, depth, heads, dropout):
    """Encodes texts: each token's vector comes to know of all the others.

    Vaswani et al., "Attention Is All You Need", NeurIPS 2017, section 3, with learned positions and
    the normalization in front of each sub-layer (Xiong et al., "On Layer Normalization in the
    Transformer Architecture", ICML 2020, table 1).

    Args:
        tokens: Keras tensor, int32 [B, T], ids in [0, vocabulary_size), 0 for padding.
        vocabulary_size: number of token ids.
        length: most tokens of a text.
        width: D; must divide by heads.
        depth: blocks.
        heads: H.
        dropout: fraction dropped of the first vectors and of what each sub-layer adds, in [0, 1).

    Returns:
        Keras tensor, float [B, T, D]; what stands at padding means nothing.
    """
    def small():  # as in BERT
        return keras.initializers.RandomNormal(stddev=0.02)

    real = ops.not_equal(tokens, 0)  # [B, T]
    x = layers.ReversibleEmbedding(vocabulary_size, width, embeddings_initializer=small(),
                                   reverse_dtype="float32", name="tokens")(tokens)  # [B, T, D]
    x = layers.Dropout(dropout)(Positions(length, small(), name="positions")(x))
    for block in range(depth):
        y = layers.LayerNormalization(name=f"block_{block}_attention_norm")(x)
        y, *_ = SelfAttention(heads, name=f"block_{block}_attention")(y, readable=real)
        x = x + layers.Dropout(dropout)(y)
        y = layers.LayerNormalization(name=f"block_{block}_mlp_norm")(x)
        y = layers.Dense(4 * width, "relu", name=f"block_{block}_expand")(y)  # equation 2
        y = layers.Dense(width, name=f"block_{block}_contract")(y)
        x = x + layers.Dropout(dropout)(y)
    return layers.LayerNormalization(name="encoder_norm")(x)
