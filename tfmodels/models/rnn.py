"""Bidirectional LSTM that classifies texts.

Shapes: B texts of T tokens, D dimension of a token's vector, U units of a direction.
"""

import keras
from keras import layers, ops

from tfmodels.layers.pooling import mean_of_tokens
from tfmodels.layers.token_dropout import TokenDropout


def bidirectional_lstm(vocabulary_size, classes, width=128, units=128, depth=1,
                       dropout=0.2, token_dropout=0.0):
    """Returns a bidirectional LSTM whose mean output is classified.

    Hochreiter & Schmidhuber, "Long Short-Term Memory", Neural Computation 1997; both directions:
    Schuster & Paliwal, "Bidirectional Recurrent Neural Networks", 1997, figure 3.

    Args:
        vocabulary_size: number of token ids.
        classes: number of classes.
        width: D.
        units: U.
        depth: LSTM layers, one upon the other.
        dropout: fraction dropped of each layer's inputs and of the mean vector, in [0, 1).
        token_dropout: probability that a token is hidden in training, in [0, 1).

    Input shape:
        int32 [B, T], token ids, 0 for padding.

    Output shape:
        float32 [B, classes], logits.
    """
    tokens = keras.Input([None], dtype="int32", name="words")
    seen = TokenDropout(token_dropout, name="token_dropout")(tokens)
    real = ops.not_equal(seen, 0)  # [B, T]: padding leaves the states as they are
    x = layers.Embedding(vocabulary_size, width, name="tokens")(seen)  # [B, T, D]
    for number in range(depth):
        lstm = layers.LSTM(units, return_sequences=True)
        x = layers.Bidirectional(lstm, name=f"lstm_{number}")(
            layers.Dropout(dropout)(x), mask=real)  # [B, T, 2 U]
    x = layers.Dropout(dropout)(mean_of_tokens(x, seen))
    return keras.Model(tokens, layers.Dense(classes, dtype="float32", name="logits")(x), name="rnn")
