"""Texts token by token from an autoregressive model, in plain TensorFlow operations.

A decoder is what each model gives to be written with:
    initial_state(batch: int32 []) -> nested tensors [batch, ...].
    step(tokens: int32 [B], position: int32 [], state) -> (logits [B, V], state); logits are of the
        token that follows, `position` counts from 0 in a fresh state.
    context: most positions that a state holds, None without a limit.
"""

import math

import tensorflow as tf

from tfmodels.export.checks import checked

# What every signature `generate` takes, see `continue_tokens` and `pick`.
INPUTS = (
    tf.TensorSpec([None], tf.string, "prompt"), tf.TensorSpec([], tf.int32, "length"),
    tf.TensorSpec([], tf.int32, "seed"), tf.TensorSpec([], tf.float32, "temperature"),
    tf.TensorSpec([], tf.int32, "top_k"), tf.TensorSpec([], tf.float32, "top_p"))


def check_inputs(length, temperature, top_k, top_p):
    """Returns these inputs of `generate`, of which nothing is written if one is out of range."""
    return (checked(length, length >= 1, "length: expected at least 1"),
            checked(temperature, (temperature >= 0) & (temperature < math.inf),
                    "temperature: expected 0 or more"),
            checked(top_k, top_k >= 0, "top_k: expected 0 or more"),
            checked(top_p, (top_p > 0) & (top_p <= 1), "top_p: expected above 0, at most 1"))


def continue_tokens(decoder, prompts, length, choose):
    """Writes `length` tokens after each prompt.

    One loop over the columns of all rows: while a row's prompt lasts its own tokens are taken, then
    the chosen ones. A full context is emptied, and half of it read again.

    Args:
        decoder: see above.
        prompts: int32 RaggedTensor [B, None], at least one token each.
        length: int32 [], how many tokens to write.
        choose: (logits float32 [B, V], column int32 []) -> int32 [B]; the column is that of the
            token chosen, counted from the first of its prompt.

    Returns:
        int32 [B, length], what follows each prompt.
    """
    batch = tf.cast(prompts.nrows(), tf.int32)
    given = tf.cast(prompts.row_lengths(), tf.int32)  # [B]
    written = tf.transpose(tf.pad(prompts.to_tensor(), [[0, 0], [0, length]]))  # [columns, B]
    columns = tf.shape(written)[0]

    def body(known, column, position, written, state):
        logits, state = decoder.step(written[column], position, state)
        column, position = column + 1, position + 1
        fixed = (column < given) | (column < known)
        token = tf.where(fixed, written[column], choose(tf.cast(logits, tf.float32), column))
        written = tf.tensor_scatter_nd_update(written, [[column]], token[None])
        known = tf.maximum(known, column + 1)
        if decoder.context is not None:
            full = position >= decoder.context
            column = tf.where(full, column + 1 - max(decoder.context // 2, 1), column)
            position = tf.where(full, 0, position)
            state = tf.cond(full, lambda: decoder.initial_state(batch), lambda: state)
        return known, column, position, written, state

    zero = tf.constant(0)
    written = tf.while_loop(
        lambda known, *_: (known < columns) & (batch > 0), body,
        [zero + 1, zero, zero, written, decoder.initial_state(batch)], parallel_iterations=1)[3]
    places = given[:, None] + tf.range(length)
    return tf.gather(tf.transpose(written), places, batch_dims=1)


def sampler(seed, temperature, top_k, top_p, forbidden=()):
    """Returns the `choose` of `continue_tokens` that draws at random, equally for equal seeds.

    What row i draws depends on the seed, on i and on its own text, not on the rows beside it.

    Args:
        seed: int32 [].
        temperature, top_k, top_p: see `pick`.
        forbidden: ids that are never drawn.
    """
    def choose(logits, column):
        allowed = tf.reduce_all(tf.range(tf.shape(logits)[1])[:, None] != tf.constant(
            forbidden, tf.int32, [len(forbidden)]), 1)
        # One number a row, by its place in the counter-based generator's stream.
        uniform = tf.random.stateless_uniform(
            tf.shape(logits)[:1], tf.stack([seed, column]), alg="philox")
        return pick(tf.where(allowed, logits, logits.dtype.min), uniform, temperature, top_k, top_p)
    return choose


def pick(logits, uniform, temperature, top_k, top_p):
    """Picks a token of each row from its distribution, cut and sharpened.

    Args:
        logits: float32 [B, V].
        uniform: float32 [B] in [0, 1); the place in the cumulative distribution.
        temperature: float32 []; logits are divided by it. 0 takes the likeliest token.
        top_k: int32 []; only the k likeliest tokens are left (Fan et al. 2018), 0 for all.
        top_p: float32 [] in (0, 1]; only the fewest tokens that have this probability together
            are left (Holtzman et al. 2020, section 3.1), counted after temperature and top_k.

    Returns:
        int32 [B].
    """
    order = tf.argsort(logits, direction="DESCENDING", stable=True)
    ranked = tf.gather(logits, order, batch_dims=1)
    scaled = (ranked - ranked[:, :1]) / tf.maximum(temperature, 1e-10)
    size = tf.shape(logits)[1]
    among = tf.range(size) < tf.where(top_k > 0, top_k, size)
    probabilities = tf.nn.softmax(tf.where(among, scaled, scaled.dtype.min))
    before = tf.cumsum(probabilities, axis=1, exclusive=True)
    left = tf.where((before < top_p) | (top_p >= 1), probabilities, 0.0)
    cumulative = tf.cumsum(left, axis=1)
    passed = tf.cast(cumulative <= uniform[:, None] * cumulative[:, -1:], tf.int32)
    place = tf.where(temperature > 0, tf.minimum(tf.reduce_sum(passed, 1), size - 1), 0)
    return tf.gather(order, place, batch_dims=1)
