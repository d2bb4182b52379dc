"""The variational autoencoder of keras.io's vae.py: a sampling layer, probabilities as pixels."""

import keras
import tensorflow as tf
from keras import ops


class Sampling(keras.layers.Layer):
    """Draws a latent vector for each mean and log-variance, float32 [B, Z] each."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.seed_generator = keras.random.SeedGenerator(0)

    def call(self, inputs):
        """Returns mean + exp(log-variance / 2) · noise, [B, Z]."""
        mean, log_variance = inputs
        noise = keras.random.normal(ops.shape(mean), seed=self.seed_generator)
        return mean + ops.exp(0.5 * log_variance) * noise


class Vae(keras.Model):
    """The variational autoencoder of keras.io's example.

    Args:
        encoder: images [B, H, W, C] in [0, 1] -> mean, log-variance and latent vector [B, Z] each.
        decoder: latent vectors [B, Z] -> images [B, H, W, C] in [0, 1].
    """

    def __init__(self, encoder, decoder):
        super().__init__()
        self.encoder, self.decoder = encoder, decoder
        self.means = [keras.metrics.Mean(name)
                      for name in ("loss", "reconstruction_loss", "kl_loss")]
        self.built = True

    @property
    def metrics(self):
        """The three running losses."""
        return self.means

    def train_step(self, images):
        """Updates both networks by the negative evidence lower bound."""
        with tf.GradientTape() as tape:
            mean, log_variance, latents = self.encoder(images)
            reconstruction = self.decoder(latents)
            reconstruction_loss = ops.mean(ops.sum(
                keras.losses.binary_crossentropy(images, reconstruction), axis=(1, 2)))
            kl_loss = -0.5 * (1 + log_variance - ops.square(mean) - ops.exp(log_variance))
            kl_loss = ops.mean(ops.sum(kl_loss, axis=1))
            loss = reconstruction_loss + kl_loss
        weights = self.trainable_weights
        self.optimizer.apply_gradients(zip(tape.gradient(loss, weights), weights, strict=True))
        for metric, value in zip(self.means, (loss, reconstruction_loss, kl_loss), strict=True):
            metric.update_state(value)
        return {metric.name: metric.result() for metric in self.means}
