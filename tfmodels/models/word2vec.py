"""Skip-gram word vectors with negative sampling, and the pairs of words that they learn from.

Mikolov et al., "Distributed Representations of Words and Phrases and their Compositionality",
NeurIPS 2013 (arXiv:1310.4546); its equations are cited below.

Shapes: R frames, S words of a frame (`FRAME`), W words in the largest window, N noise words of a
frame, C = S + 2 W + N candidates, D the dimension of a vector, V words in the vocabulary.
"""

import keras
import tensorflow as tf
from keras import layers, ops

FRAME = 32  # words whose scores are one matrix product


def word2vec(vocabulary_size, width, frame, candidates, seed=0):
    """Returns the skip-gram model: how well words predict other words near them.

    The score of a word and a candidate is the product of the word's vector and the candidate's
    context vector, v'ᵀ v of equation 4. Vectors start as in the authors' program: uniform, and
    context vectors at zero.

    Args:
        vocabulary_size: V; ids 0 and 1 are padding and the unknown word.
        width: D.
        frame: S.
        candidates: C.
        seed: integer; fixes the initial vectors.

    Input shape:
        A dict of `centres`, int32 [R, S], and `candidates`, int32 [R, C].

    Output shape:
        float32 [R, S, C].
    """
    start = keras.initializers.RandomUniform(-0.5 / width, 0.5 / width, seed)
    centres = keras.Input([frame], dtype="int32", name="centres")
    others = keras.Input([candidates], dtype="int32", name="candidates")
    words = layers.Embedding(vocabulary_size, width, start, name="tokens")(centres)  # [R, S, D]
    contexts = layers.Embedding(vocabulary_size, width, "zeros", name="contexts")(others)
    scores = ops.matmul(words, ops.swapaxes(contexts, 1, 2))  # [R, S, C]
    return keras.Model({"centres": centres, "candidates": others}, scores, name="word2vec")


def negative_sampling_loss(targets, scores):
    """Returns the mean over the true pairs of the negated objective of equation 4, in nats.

    Args:
        targets: float32 [R, S, C], see `SkipGrams`.
        scores: float32 [R, S, C].
    """
    signs = ops.sign(targets)
    total = ops.sum(ops.abs(targets) * ops.softplus(-signs * scores))  # -log σ(x) = softplus(-x)
    return total / ops.maximum(ops.sum(ops.relu(targets)), 1.0)


def keep_probabilities(counts, threshold):
    """Returns the fraction of a word's occurrences that is kept: at most 1, and √(t / f) + t / f.

    That is how the authors' program drops words, and gensim; equation 5 is √(t / f) alone.

    Args:
        counts: float [V], occurrences in the training texts; 0 is kept.
        threshold: t, a relative frequency; 0 keeps everything.
    """
    if not threshold:
        return tf.ones_like(counts)
    ratio = threshold * tf.reduce_sum(counts) / tf.maximum(counts, 1.0)
    return tf.minimum(1.0, tf.sqrt(ratio) + ratio)


def noise_probabilities(counts, power=0.75):
    """Returns the distribution of noise words, float [V]: count^(3/4), section 2.2."""
    weights = tf.pow(counts, power)
    return weights / tf.reduce_sum(weights)


class SkipGrams:
    """Turns texts into training examples; everything random follows from a stateless seed.

    Occurrences of frequent words are dropped at random, as if they were not in the text (section
    2.3). The window of each remaining word is drawn from 1 to W, so that near words
    count more (Mikolov et al. 2013a, arXiv:1301.3781, section 3.2). Noise words are drawn for a
    whole frame instead of each of its pairs (Ji et al., "Parallelizing Word2Vec in Shared and
    Distributed Memory", arXiv:1604.04661, section III.B): with a weight of k / N each, their
    expectation is that of equation 4, and all scores of a frame are one matrix product.

    Args:
        counts: int [V], occurrences in the training texts by id; 0 for ids that never stand in a
            text, such as padding.
        window: W, at least 1.
        threshold: of `keep_probabilities`.
        negatives: k, noise words of a pair.
        noise: N.

    Attributes:
        candidates: C.
        negatives: k.
        noise_probabilities: the distribution of noise words, float32 [V].
    """

    def __init__(self, counts, window, threshold, negatives, noise):
        counts = tf.cast(counts, tf.float32)
        self._keep = keep_probabilities(counts, threshold)
        self.noise_probabilities = noise_probabilities(counts)
        cumulative = tf.cumsum(tf.cast(self.noise_probabilities, tf.float64))
        # The last one is exactly 1: a number drawn from [0, 1) is always below it.
        self._cumulative = tf.cast(cumulative / cumulative[-1], tf.float32)
        self._window, self._noise = window, noise
        self.negatives = negatives
        self.candidates = FRAME + 2 * window + noise

    def __call__(self, tokens, seed):
        """Makes the examples of a batch of texts.

        Args:
            tokens: int32 [B, T], 0 for padding behind a text's words.
            seed: int64 [2].

        Returns:
            The model's inputs, `centres` int32 [R, S] and `candidates` int32 [R, C], and its
            targets, float32 [R, S, C]: 1 for a pair of words within the window, minus the weight
            of a noise word, 0 for what is neither. R depends on the words that are kept.
        """
        keep, reach, noise = tf.unstack(tf.random.experimental.stateless_split(seed, 3))
        words, text = self.subsample(tokens, keep)  # [n]
        reach = tf.random.stateless_uniform(tf.shape(words), reach, 1, self._window + 1, tf.int32)
        words, text, reach = (self._frames(*value) for value in (
            (words, 0), (text, -1), (reach, 0)))  # [R, S + 2 W]
        inside = slice(self._window, self._window + FRAME)
        pairs = self._within(text[:, inside], text, reach[:, inside])  # [R, S, S + 2 W]
        drawn = self.draw_noise(tf.stack([tf.shape(words)[0], self._noise]), noise)
        weight = tf.reduce_sum(pairs, -1, keepdims=True) * (self.negatives / self._noise)
        against = tf.tile(-weight, [1, 1, self._noise])  # [R, S, N]
        return ({"centres": words[:, inside], "candidates": tf.concat([words, drawn], 1)},
                tf.concat([pairs, against], 2))

    def subsample(self, tokens, seed):
        """Returns the words that are kept, int32 [n], and the row of each; tokens [B, T]."""
        chances = tf.random.stateless_uniform(tf.shape(tokens), seed)
        kept = (chances < tf.gather(self._keep, tokens)) & (tokens > 0)
        return tokens[kept], tf.cast(tf.where(kept)[:, 0], tf.int32)

    def draw_noise(self, shape, seed):
        """Draws ids of noise words, int32 of a shape."""
        chances = tf.random.stateless_uniform(shape, seed)
        found = tf.searchsorted(self._cumulative, tf.reshape(chances, [-1]), side="right")
        return tf.reshape(found, shape)

    def pairs(self, tokens, seed):
        """Returns all true pairs of some texts [B, T]: ids of words and of contexts, int32 [P]."""
        inputs, targets = self(tokens, seed)
        frame, place, candidate = tf.unstack(tf.where(targets > 0), axis=1)
        return (tf.gather_nd(inputs["centres"], tf.stack([frame, place], 1)),
                tf.gather_nd(inputs["candidates"], tf.stack([frame, candidate], 1)))

    def _frames(self, values, filling):
        """Cuts values [n] into frames of S with the W before and behind, [R, S + 2 W]."""
        padded = tf.pad(values, [[self._window, 0]], constant_values=filling)
        return tf.signal.frame(padded, FRAME + 2 * self._window, FRAME, pad_end=True,
                               pad_value=filling)

    def _within(self, text, texts, reach):
        """Returns 1.0 where a word of the frame and its neighbour are a pair, [R, S, S + 2 W]."""
        places = tf.range(FRAME)[:, None] + self._window
        distance = tf.abs(tf.range(FRAME + 2 * self._window)[None] - places)  # [S, S + 2 W]
        return tf.cast((distance > 0) & (distance <= reach[..., None]) & (text[..., None] >= 0)
                       & (text[..., None] == texts[:, None]), tf.float32)
