"""LSTM encoder-decoder with attention, and its decoder one token at a time.

Shapes: B batch, S source tokens, T target tokens, D width, V vocabulary.
"""

import keras
from keras import layers, ops


def lstm_seq2seq(vocabulary_size, width=256, dropout=0.2, seed=0):
    """Returns a bidirectional LSTM encoder with an LSTM decoder that attends to it.

    Sutskever et al., "Sequence to Sequence Learning with Neural Networks", NIPS 2014, with the
    global attention of Luong et al., "Effective Approaches to Attention-based Neural Machine
    Translation", EMNLP 2015, section 3.1: scores of the form `general` (equation 8), without input
    feeding. One table of vectors serves both texts.

    Args:
        vocabulary_size: V.
        width: size D of token vectors and states; even.
        dropout: fraction dropped of token vectors and before the logits, in [0, 1).
        seed: integer; fixes the initial weights and the dropout masks.

    Input shape:
        A dict of int32 `source` [B, S] and `target` [B, T], the tokens before those to predict;
        0 is padding.

    Output shape:
        float32 [B, T, V], logits of the token after each of `target`.

    Returns:
        That model, and one from the same inputs to the attention, float32 [B, T, S], rows of which
        sum to 1 with 0 at padding.
    """
    seeds = iter(range(1000 * seed, 1000 * (seed + 1)))

    def start():
        return keras.initializers.GlorotUniform(next(seeds))

    def lstm(units, name):
        return layers.LSTM(units, return_sequences=True, return_state=True, name=name,
                           kernel_initializer=start(), seed=next(seeds),
                           recurrent_initializer=keras.initializers.Orthogonal(seed=next(seeds)))

    source = keras.Input([None], dtype="int32", name="source")
    target = keras.Input([None], dtype="int32", name="target")
    embed = layers.Embedding(vocabulary_size, width, name="tokens",
                             embeddings_initializer=keras.initializers.RandomNormal(
                                 stddev=1.0, seed=next(seeds)))
    real = ops.not_equal(source, 0)  # [B, S]
    encode = layers.Bidirectional(lstm(width // 2, "forward"), name="encoder")
    vectors = layers.Dropout(dropout, seed=next(seeds))(embed(source))
    # [B, S, D], and h and c of both directions, [B, D / 2] each
    memory, *ends = encode(vectors, mask=real)
    hidden, cell = ops.concatenate(ends[::2], -1), ops.concatenate(ends[1::2], -1)  # [B, D]
    vectors = layers.Dropout(dropout, seed=next(seeds))(embed(target))
    states, *_ = lstm(width, "decoder")(vectors, initial_state=[hidden, cell])  # [B, T, D]
    logits, attention = _attending_head(width, vocabulary_size, dropout, start, next(seeds))(
        [states, memory, real])
    inputs = {"source": source, "target": target}
    return keras.Model(inputs, logits, name="lstm_seq2seq"), keras.Model(inputs, attention)


def _attending_head(width, vocabulary_size, dropout, start, seed):
    """Returns the model (decoder states, memory, bool [B, S]) -> (logits, attention)."""
    states = keras.Input([None, width], name="states")
    memory = keras.Input([None, width], name="memory")
    real = keras.Input([None], dtype="bool", name="real")
    # Luong et al. 2015, equation 8: score(h, s) = h' W s, here over the root of the width: large
    # scores leave one token all the attention and no gradient to the others.
    queries = layers.Dense(width, use_bias=False, kernel_initializer=start(), name="score")(
        states) * width ** -0.5
    context, attention = layers.Attention(name="attention")(  # equation 7 and the sum after it
        [queries, memory], mask=[None, real], return_attention_scores=True)
    # equation 5: the attentional state
    mixed = layers.Dense(width, "tanh", kernel_initializer=start(), name="combine")(
        ops.concatenate([context, states], -1))
    logits = layers.Dense(vocabulary_size, dtype="float32", kernel_initializer=start(),
                          name="logits")(layers.Dropout(dropout, seed=seed)(mixed))
    head = keras.Model([states, memory, real], [logits, attention], name="head")
    head.supports_masking = True  # Keras' own mask of the memory is not needed beside `real`
    return head


class LstmDecoder:
    """Writes with a model of `lstm_seq2seq`, one token after the other."""

    def __init__(self, model):
        self._embed = model.get_layer("tokens")
        self._encode = model.get_layer("encoder")
        self._cell = model.get_layer("decoder").cell
        self._head = model.get_layer("head")

    def initial_state(self, source):
        """Reads int32 [B, S]; returns the state before the first token, nested [B, ...]."""
        real = ops.not_equal(source, 0)
        memory, *ends = self._encode(self._embed(source), mask=real)
        return memory, real, ops.concatenate(ends[::2], -1), ops.concatenate(ends[1::2], -1)

    def step(self, tokens, position, state):
        """Reads int32 [B] and returns the logits of what follows, float32 [B, V], and the state."""
        del position  # the state knows
        memory, real, hidden, cell = state
        hidden, (hidden, cell) = self._cell(self._embed(tokens), [hidden, cell])
        logits, _ = self._head([hidden[:, None], memory, real])
        return logits[:, 0], (memory, real, hidden, cell)
