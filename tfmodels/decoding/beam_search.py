"""Beam search over an autoregressive decoder, in plain TensorFlow operations.

Shapes: B batch, K beams, V vocabulary, L most tokens of an answer.
"""

import tensorflow as tf


def beam_search(step, state, start, end, length, beams, alpha):
    """Looks for the likeliest sequences, several at a time.

    A finished sequence stays among the beams and competes with those still growing by its score,
    log p / ((5 + tokens) / 6) ** alpha (Wu et al. 2016, equation 14). One beam is greedy decoding;
    as many as there are sequences is exhaustive search.

    Args:
        step: (tokens int32 [N], position int32 [], state) -> (logits float32 [N, V], state); the
            logits are of the token that follows `tokens`.
        state: nested tensors [B, ...], the state before the first token.
        start: id of the token that is read first.
        end: id of the token that finishes a sequence; it counts among the tokens.
        length: int32 [], L, at least 1; sequences that have not ended by then compete as they are.
        beams: int32 [], K, at least 1.
        alpha: float32 [], 0 or more; 0 compares probabilities, which favours short sequences.

    Returns:
        int32 [B, L], the best sequence, its end included and padded with 0; float32 [B], its score.
    """
    batch = tf.shape(tf.nest.flatten(state)[0])[0]
    state = tf.nest.map_structure(lambda s: tf.repeat(s, beams, 0), state)  # [B K, ...]
    # All beams hold the same at first: only one of them may be continued.
    log_p = tf.tile(tf.where(tf.range(beams) > 0, -float("inf"), 0.0)[None], [batch, 1])  # [B, K]
    open_ = tf.ones([batch, beams], tf.bool)
    counts = tf.zeros([batch, beams], tf.int32)
    tokens = tf.fill([batch * beams], start)
    written = tf.zeros([batch, beams, length], tf.int32)
    scores = log_p

    def body(position, tokens, log_p, open_, counts, written, scores, state):
        logits, state = step(tokens, position, state)
        size = tf.shape(logits)[1]
        following = tf.reshape(tf.nn.log_softmax(logits), [batch, beams, size])
        padding_alone = tf.where(tf.range(size) > 0, -float("inf"), 0.0)
        following = tf.where(open_[..., None], following, padding_alone)
        counts += tf.cast(open_, tf.int32)
        total = log_p[..., None] + following  # [B, K, V]
        penalty = ((5.0 + tf.cast(counts, tf.float32)) / 6.0) ** alpha
        scores, chosen = tf.math.top_k(
            tf.reshape(total / penalty[..., None], [batch, beams * size]), beams)
        parent, token = chosen // size, chosen % size  # [B, K]

        def of_parent(values):
            return tf.gather(values, parent, batch_dims=1)

        log_p = tf.gather(tf.reshape(total, [batch, beams * size]), chosen, batch_dims=1)
        written = tf.where(tf.range(length) == position, token[..., None], of_parent(written))
        rows = tf.reshape(tf.range(batch)[:, None] * beams + parent, [-1])
        state = tf.nest.map_structure(lambda s: tf.gather(s, rows), state)
        return (position + 1, tf.reshape(token, [-1]), log_p, of_parent(open_) & (token != end),
                of_parent(counts), written, scores, state)

    def more(position, _, log_p, open_, *rest):
        return (position < length) & tf.reduce_any(open_)

    loop = tf.while_loop(
        more, body, [0, tokens, log_p, open_, counts, written, scores, state],
        parallel_iterations=1, shape_invariants=[
            tf.TensorShape([]), tf.TensorShape([None]), *[tf.TensorShape([None, None])] * 3,
            tf.TensorShape([None, None, None]), tf.TensorShape([None, None]),
            tf.nest.map_structure(lambda s: tf.TensorShape([None, *s.shape[1:]]), state)])
    return loop[5][:, 0], loop[6][:, 0]
