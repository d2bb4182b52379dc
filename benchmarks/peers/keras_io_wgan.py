"""The WGAN-GP of keras.io's wgan_gp.py: raw losses, everything in one tape."""

import keras
import tensorflow as tf


class WganGp(keras.Model):
    """The WGAN-GP of keras.io's example.

    There every update of the critic sees the whole batch; here each sees its own part of it, as
    ours does, so that both sides see as many images.

    Args:
        discriminator: images [B, H, W, C] -> scores [B, 1].
        generator: noise [B, L] -> images.
        latent_size: L.
        d_steps: updates of the discriminator for one of the generator.
        gp_weight: of the gradient penalty.
    """

    def __init__(self, discriminator, generator, latent_size, d_steps, gp_weight):
        super().__init__()
        self.discriminator, self.generator = discriminator, generator
        self.latent_size, self.d_steps, self.gp_weight = latent_size, d_steps, gp_weight
        self.built = True

    def compile(self, d_optimizer, g_optimizer):
        """Keeps both optimizers."""
        super().compile(optimizer=None)
        self.d_optimizer, self.g_optimizer = d_optimizer, g_optimizer

    def gradient_penalty(self, real_images, fake_images):
        """Returns the mean of (|gradient| - 1)² at images between the real and the fake ones."""
        share = tf.random.uniform((tf.shape(real_images)[0], 1, 1, 1))
        between = real_images + share * (fake_images - real_images)
        with tf.GradientTape() as tape:
            tape.watch(between)
            scores = self.discriminator(between, training=True)
        gradients = tape.gradient(scores, [between])[0]
        norms = tf.sqrt(tf.reduce_sum(tf.square(gradients), axis=[1, 2, 3]))
        return tf.reduce_mean(tf.square(norms - 1))

    def train_step(self, real_images):
        """Updates the discriminator `d_steps` times, then the generator."""
        parts = tf.split(real_images, self.d_steps)
        count = tf.shape(parts[0])[0]
        for real in parts:
            noise = tf.random.normal((count, self.latent_size))
            with tf.GradientTape() as tape:
                fake = self.generator(noise, training=True)
                fake_scores = self.discriminator(fake, training=True)
                real_scores = self.discriminator(real, training=True)
                d_loss = tf.reduce_mean(fake_scores) - tf.reduce_mean(real_scores)
                d_loss += self.gp_weight * self.gradient_penalty(real, fake)
            weights = self.discriminator.trainable_variables
            self.d_optimizer.apply_gradients(
                zip(tape.gradient(d_loss, weights), weights, strict=True))

        noise = tf.random.normal((count, self.latent_size))
        with tf.GradientTape() as tape:
            fake = self.generator(noise, training=True)
            g_loss = -tf.reduce_mean(self.discriminator(fake, training=True))
        weights = self.generator.trainable_variables
        self.g_optimizer.apply_gradients(zip(tape.gradient(g_loss, weights), weights, strict=True))
        return {"d_loss": d_loss, "g_loss": g_loss}
