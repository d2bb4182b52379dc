"""A bidirectional LSTM that classifies texts.

Shapes: M members of an ensemble, B texts of T words, of which a member sees S, D numbers in a
word's vector, U units in a direction.
"""

import keras
import numpy as np
import tensorflow as tf
from keras import layers, ops

from tfmodels.layers import ensemble
from tfmodels.layers.word_vectors import embedded


@keras.saving.register_keras_serializable("tfmodels")
class BidirectionalLstm(layers.Layer):
    """Reads a text forwards and backwards, with weights of its own for each member.

    Hochreiter & Schmidhuber, "Long Short-Term Memory", Neural Computation 1997, with the forget
    gate of Gers et al. 2000, whose bias starts at 1; both directions: Schuster & Paliwal,
    "Bidirectional Recurrent Neural Networks", 1997. TensorFlow's own kernel of a whole LSTM runs
    each direction.

    Args:
        units: U.
        seed: integer; fixes the initial weights.

    Input shape:
        float [M, B, S, D]; bool [M, B, S], where there is a word: first words, then padding.

    Output shape:
        float [M, B, S, 2 U]: the states of the forward and of the backward direction, each after
        it read that word. Those at padding mean nothing.
    """

    member_axis = 0  # for transfer from a single member

    def __init__(self, units, seed=0, **kwargs):
        super().__init__(**kwargs)
        self.units, self.seed = units, seed

    def build(self, x_shape, seen_shape):
        """Creates the weights; the gates are in Keras' order: input, forget, cell, output."""
        (members, *_, width), units = x_shape, self.units

        def start(shape, dtype):
            seeds = range(self.seed, self.seed + 4 * members)
            inputs = [keras.initializers.GlorotUniform(seed)((width, 4 * units), dtype)
                      for seed in seeds[::2]]
            recurrent = [keras.initializers.Orthogonal(seed=seed)((units, 4 * units), dtype)
                         for seed in seeds[1::2]]
            return ops.reshape(ops.concatenate([ops.stack(inputs), ops.stack(recurrent)], 1), shape)

        bias = np.zeros((members, 2, 4, units), np.float32)
        bias[:, :, 1] = 1
        self.kernel = self.add_weight((members, 2, width + units, 4 * units), start, name="kernel")
        self.bias = self.add_weight((members, 2, 4 * units),
                                    lambda shape, dtype: bias.reshape(shape), name="bias")

    def call(self, x, seen):
        """Returns the states of both directions."""
        lengths = tf.reduce_sum(tf.cast(seen, "int32"), axis=-1)  # [M, B]
        return tf.stack([self._of_member(*each) for each in zip(
            tf.unstack(x), tf.unstack(lengths), tf.unstack(_reordered(self.kernel)),
            tf.unstack(_reordered(self.bias)), strict=True)])

    def _of_member(self, x, lengths, kernel, bias):
        """Maps [B, S, D] to [B, S, 2 U] by kernels [2, D + U, 4 U] and biases [2, 4 U]."""
        ahead = self._read(x, kernel[0], bias[0])
        # Only the words are turned round: padding stays last, where it changes nothing.
        back = self._read(tf.reverse_sequence(x, lengths, seq_axis=1), kernel[1], bias[1])
        return tf.concat([ahead, tf.reverse_sequence(back, lengths, seq_axis=1)], axis=-1)

    def _read(self, x, kernel, bias):
        """Returns the states [B, S, U] of one direction that reads x [B, S, D] from the left."""
        nothing = tf.zeros((tf.shape(x)[0], self.units), x.dtype)
        peephole = tf.zeros(self.units, x.dtype)  # not used
        read = tf.raw_ops.BlockLSTM(  # of BlockLSTMV2 TensorFlow has a wrong gradient
            seq_len_max=tf.shape(x, tf.int64)[1], x=tf.transpose(x, (1, 0, 2)), cs_prev=nothing,
            h_prev=nothing, w=kernel, wci=peephole, wcf=peephole, wco=peephole, b=bias,
            forget_bias=0, cell_clip=-1, use_peephole=False)
        return tf.transpose(read.h, (1, 0, 2))

    def compute_output_spec(self, x, seen):
        """Returns the shape of the output."""
        return keras.KerasTensor((*x.shape[:-1], 2 * self.units), self.compute_dtype)

    def get_config(self):
        """Returns the arguments, for saving."""
        return {**super().get_config(), "units": self.units, "seed": self.seed}


def _reordered(gates):
    """Returns input, forget, cell and output, [..., 4 U], in the order of TensorFlow's kernel."""
    entering, kept, candidate, leaving = tf.split(ops.convert_to_tensor(gates), 4, axis=-1)
    return tf.concat([entering, candidate, kept, leaving], axis=-1)


def lstm_classifier(vocabulary, length, classes, width=64, units=64, depth=1, dropout=0.4, seed=0,
                    **settings):
    """Returns a bidirectional LSTM whose mean output is classified.

    The layers are pre-norm residual blocks on word vectors, as in `models.transformer`, so that
    the two differ in how words learn of each other. What a block adds starts at zero (Bachlechner
    et al., "ReZero is All You Need", UAI 2021), so that words count before their order does.

    Args:
        vocabulary: the words by token id, padding and the unknown word first; at most 2 ** 18.
        length: tokens of a text, T.
        classes: number of classes.
        width: D, size of a word's vector.
        units: U of each direction.
        depth: LSTM layers.
        dropout: share dropped after each layer and before the classifier, in [0, 1).
        seed: integer; fixes the initial weights and the dropout masks.
        **settings: of `word_vectors.embedded`, such as members and token_dropout.

    Input shape:
        int32 [B, T], token ids, 0 for padding.

    Output shape:
        float32 [B, classes], log-probabilities; for their meaning in training see
        `ensemble.Together`.
    """
    tokens = keras.Input([length], dtype="int32", name="words")
    x, seen = embedded(tokens, vocabulary, width, seed=1000 * seed, **settings)
    for number in range(depth):
        start, block = 1000 * seed + 100 * (number + 1), f"block_{number}_"
        y = BidirectionalLstm(units, start, name=f"{block}lstm")(
            ensemble.normalized(x, f"{block}norm"), seen)
        y = ensemble.linear(width, seed=None, name=f"{block}project")(y)
        x = x + layers.Dropout(dropout, seed=start, name=f"{block}dropout")(y)
    x = ensemble.normalized(x, "encoder_norm")
    return keras.Model(tokens, ensemble.classified(x, seen, classes, dropout, seed), name="rnn")
