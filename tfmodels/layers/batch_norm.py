"""Batch normalization by one fused operation: Keras' layer, faster on images."""

import keras
import tensorflow as tf


@keras.saving.register_keras_serializable("tfmodels")
class BatchNormalization(keras.layers.BatchNormalization):
    """Normalizes each channel of images by the statistics of the batch.

    Ioffe & Szegedy, "Batch Normalization", ICML 2015, algorithm 1. Same numbers as Keras' layer,
    whose separate mean, variance and scaling each pass over the whole activation; TensorFlow's
    fused operation and its gradient do not.

    Input shape:
        float [B, H, W, C].

    Output shape:
        As the input.
    """

    def build(self, input_shape):
        """Creates the weights; refuses inputs that are no images."""
        if len(input_shape) != 4:
            raise ValueError(f"expected images [B, H, W, C], got inputs of shape {input_shape}; "
                             "keras.layers.BatchNormalization takes others")
        super().build(input_shape)

    def call(self, inputs, training=False):
        """Normalizes by the batch's statistics while training, else by the moving ones."""
        if not (training and self.trainable):
            return super().call(inputs, training=False)
        outputs, mean, variance, *_ = tf.raw_ops.FusedBatchNormV3(
            x=inputs, scale=tf.cast(self.gamma, tf.float32), offset=tf.cast(self.beta, tf.float32),
            mean=tf.zeros([0]), variance=tf.zeros([0]), epsilon=self.epsilon, is_training=True)
        count = tf.cast(tf.reduce_prod(tf.shape(inputs)[:-1]), tf.float32)
        for moving, batch in ((self.moving_mean, mean),
                              (self.moving_variance, variance * (count - 1) / count)):
            moving.assign(moving * self.momentum + batch * (1 - self.momentum))
        return outputs
