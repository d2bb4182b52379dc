"""LSTM language model (Graves 2013, arXiv:1308.0850), as a whole and token by token.

B: batch. T: tokens. V: vocabulary. H: width of a layer.
"""

import keras

from tfmodels.layers.lstm import LSTM

_VECTOR = 64  # dimension of a character's vector: English text has about as many different ones


def char_rnn(vocabulary_size, width, depth=1, dropout=0.0, seed=0):
    """Makes the model.

    Args:
        vocabulary_size: V.
        width: H, units of each LSTM layer.
        depth: LSTM layers, one upon the other.
        dropout: fraction of each layer's outputs that is dropped in training, in [0, 1) (Zaremba et
            al. 2014: never along time).
        seed: of the dropout.

    Returns:
        A functional Keras model: int32 [B, T] -> float32 logits [B, T, V] of the next token.
    """
    tokens = keras.Input([None], dtype="int32", name="inputs")
    x = keras.layers.Embedding(vocabulary_size, _VECTOR, name="tokens")(tokens)
    for number in range(depth):
        x = LSTM(width, name=f"lstm_{number}")(x)  # [B, T, H]
        if dropout:
            x = keras.layers.Dropout(dropout, seed=seed + number, name=f"dropout_{number}")(x)
    logits = keras.layers.Dense(vocabulary_size, dtype="float32", name="logits")(x)
    return keras.Model(tokens, logits, name="char_rnn")


class CharRNNDecoder:
    """A `char_rnn` token by token, for `decoding.sampling`; its state is that of the LSTMs."""

    context = None  # the state never fills up

    def __init__(self, model):
        self._embed, self._project = model.get_layer("tokens"), model.get_layer("logits")
        self._layers = [layer for layer in model.layers if isinstance(layer, LSTM)]

    def initial_state(self, batch):
        """Returns the state before the first token."""
        return [layer.initial_state(batch) for layer in self._layers]

    def step(self, tokens, position, state):
        """Reads one token of each row: int32 [B] -> logits [B, V], and the state after it."""
        del position  # the state knows
        x, after = self._embed(tokens), []
        for layer, before in zip(self._layers, state, strict=True):
            x, new = layer.step(x, before)
            after.append(new)
        return self._project(x), after
