"""The GAN of keras.io's dcgan_overriding_train_step.py: two generator passes in a step."""

import keras
import tensorflow as tf


class Gan(keras.Model):
    """The GAN of keras.io's example.

    Its networks have no batch normalization; these may, so `training=True` is passed, without
    which Keras 3 would use and never update the moving statistics.

    Args:
        discriminator: images [B, H, W, C] -> the logit of "this image is generated" [B, 1].
        generator: noise [B, L] -> images.
        latent_size: L.
        real_target: what the discriminator is to answer for real images; 1 is for generated ones.
        target_noise: upper end of the uniform noise on both targets.
    """

    def __init__(self, discriminator, generator, latent_size, real_target=0.0, target_noise=0.05):
        super().__init__()
        self.discriminator, self.generator = discriminator, generator
        self.latent_size = latent_size
        self.real_target, self.target_noise = real_target, target_noise
        self.seed_generator = keras.random.SeedGenerator(0)
        self.built = True

    def compile(self, d_optimizer, g_optimizer, loss_fn):
        """Keeps both optimizers and the loss."""
        super().compile(optimizer=None)
        self.d_optimizer, self.g_optimizer, self.loss_fn = d_optimizer, g_optimizer, loss_fn
        self.d_loss_metric = keras.metrics.Mean(name="d_loss")
        self.g_loss_metric = keras.metrics.Mean(name="g_loss")

    @property
    def metrics(self):
        """The two running losses."""
        return [self.d_loss_metric, self.g_loss_metric]

    def train_step(self, real_images):
        """Updates the discriminator, then the generator on other noise."""
        count = tf.shape(real_images)[0]
        noise = keras.random.normal((count, self.latent_size), seed=self.seed_generator)
        images = tf.concat([self.generator(noise, training=True), real_images], 0)
        labels = tf.concat([tf.ones((count, 1)), tf.fill((count, 1), self.real_target)], 0)
        labels += self.target_noise * tf.random.uniform(tf.shape(labels))
        with tf.GradientTape() as tape:
            d_loss = self.loss_fn(labels, self.discriminator(images, training=True))
        weights = self.discriminator.trainable_weights
        self.d_optimizer.apply_gradients(
            zip(tape.gradient(d_loss, weights), weights, strict=True))

        noise = keras.random.normal((count, self.latent_size), seed=self.seed_generator)
        with tf.GradientTape() as tape:
            fakes = self.generator(noise, training=True)
            g_loss = self.loss_fn(tf.zeros((count, 1)), self.discriminator(fakes, training=True))
        weights = self.generator.trainable_weights
        self.g_optimizer.apply_gradients(
            zip(tape.gradient(g_loss, weights), weights, strict=True))

        self.d_loss_metric.update_state(d_loss)
        self.g_loss_metric.update_state(g_loss)
        return {"d_loss": self.d_loss_metric.result(), "g_loss": self.g_loss_metric.result()}
