"""Wasserstein GAN with gradient penalty (WGAN-GP).

Gulrajani et al. 2017, "Improved Training of Wasserstein GANs", arXiv:1704.00028, algorithm 1. The
critic estimates the Wasserstein-1 distance between real and generated images (Arjovsky et al.
2017, arXiv:1701.07875), so that its curve falls as samples get better. Samples come from an
exponential moving average of the generator's weights: Yazici et al. 2019, arXiv:1806.04498.

Shapes: B batch, L latent size, H x W x C image. Images are float32 in [-1, 1].
"""

import keras
import tensorflow as tf
from keras import layers

from tfmodels.layers.averaging import averaged_copy, update_average
from tfmodels.layers.noise import next_seeds
from tfmodels.layers.scaling import to_signed
from tfmodels.models import image_sizes


def critic(image_shape, width=32):
    """A strided-convolution critic without normalization.

    Args:
        image_shape: (H, W, C); H and W at least 8.
        width: channels of the first layer; doubled at every later one, up to 8 times. There is
            one layer more than `dcgan.generator` has stages.

    Input shape: float32 [B, H, W, C] in [-1, 1].
    Output shape: float32 [B, 1], unbounded; higher for more real images.

    Reference: Gulrajani et al. 2017, section 4: no batch normalization, since the penalty is on
        the gradient of each image by itself.
    """
    image_sizes.check_sides(image_shape)
    images = x = keras.Input(image_shape, dtype="float32", name="images")
    # [B, H/2, W/2, width] to [B, H/8, W/8, 4 width] and lower
    for channels in image_sizes.channels(width, image_sizes.halvings(image_shape) + 1):
        x = layers.LeakyReLU(0.2)(layers.Conv2D(channels, 4, 2, "same")(x))
    scores = layers.Dense(1, dtype="float32")(layers.Flatten()(x))
    return keras.Model(images, scores, name="critic")


def gradient_penalty(critic, real, fake, share):
    """Returns the mean of (|gradient of the critic| - 1)² between real and fake images.

    Gulrajani et al. 2017, equation 3.

    Args:
        critic: float32 [B, H, W, C] -> scores [B, 1].
        real, fake: float32 [B, H, W, C].
        share: float32 [B, 1, 1, 1] in [0, 1], of the real image in each pair's mix.

    Returns:
        float32 [], at least 0.
    """
    mixed = share * real + (1 - share) * fake
    with tf.GradientTape() as tape:
        tape.watch(mixed)
        scores = critic(mixed)
    gradients = tape.gradient(scores, mixed)
    # The root's own gradient is infinite at 0.
    norms = tf.sqrt(tf.reduce_sum(tf.square(gradients), axis=[1, 2, 3]) + 1e-12)
    return tf.reduce_mean(tf.square(norms - 1))


class WGANGP(keras.Model):
    """Generator against critic: several updates of the critic, then one of the generator.

    Calling the model maps noise to images through `averaged_generator`.

    Args:
        generator: `keras.Model`, float32 [B, L] -> float32 [B, H, W, C] in [-1, 1].
        critic: `keras.Model`, float32 [B, H, W, C] -> float32 scores [B, 1].
        latent_size: L.
        critic_steps: updates of the critic in a step, n_critic of algorithm 1.
        penalty_weight: of the gradient penalty, lambda of algorithm 1.
        ema: decay of the average per step, in [0, 1).
        seed: integer, start of the random sequence of noise and mixing shares.
    """

    def __init__(self, generator, critic, latent_size, critic_steps=5, penalty_weight=10.0,
                 ema=0.999, seed=0):
        super().__init__(name="wgan")
        self.generator = generator
        self.critic = critic
        self.averaged_generator = averaged_copy(generator)
        self.latent_size = latent_size
        self.critic_steps = critic_steps
        self.penalty_weight = penalty_weight
        self.ema = ema
        self.seed_generator = keras.random.SeedGenerator(seed)
        self.means = {name: keras.metrics.Mean(name) for name in (
            "critic_loss", "wasserstein_estimate", "gradient_penalty", "g_loss")}
        self.built = True

    def compile(self, generator_optimizer, critic_optimizer):
        """Set both optimizers and create their slots."""
        super().compile(optimizer=None)  # Left out, Keras would make an RMSprop.
        self.generator_optimizer = generator_optimizer
        self.critic_optimizer = critic_optimizer
        generator_optimizer.build(self.generator.trainable_variables)
        critic_optimizer.build(self.critic.trainable_variables)

    @property
    def metrics(self):
        """The running means that a step updates."""
        return list(self.means.values())

    def call(self, noise, training=False):
        """Maps noise [B, L] to images through the averaged generator."""
        return self.averaged_generator(noise, training=False)

    def train_step(self, data):
        """One pass of algorithm 1's outer loop.

        Args:
            data: real images, uint8 [B, H, W, C] in [0, 255]; B is a multiple of `critic_steps`
                and each update of the critic sees its own part of them.

        Returns:
            Running means of `critic_loss`, its parts `wasserstein_estimate` (the mean score of
            real images above that of generated ones) and `gradient_penalty`, and `g_loss`.
        """
        images, _, _ = keras.utils.unpack_x_y_sample_weight(data)
        parts = tf.split(to_signed(images), self.critic_steps)
        seeds = next_seeds(self.seed_generator, 2 * self.critic_steps + 1)
        for step, real in enumerate(parts):
            self._update_critic(real, *seeds[2 * step:2 * step + 2])
        noise = self._noise(parts[0], seeds[-1])
        weights = self.generator.trainable_variables
        with tf.GradientTape() as tape:
            g_loss = -tf.reduce_mean(self.critic(self.generator(noise, training=True)))
        self.generator_optimizer.apply(tape.gradient(g_loss, weights), weights)
        update_average(self.averaged_generator, self.generator, self.ema,
                       self.generator_optimizer.iterations)
        self.means["g_loss"].update_state(g_loss)
        return self.get_metrics_result()

    def _update_critic(self, real, noise_seed, share_seed):
        """Algorithm 1, lines 4 to 9, on real images [B / critic_steps, H, W, C]."""
        fake = self.generator(self._noise(real, noise_seed), training=True)
        share = tf.random.stateless_uniform((tf.shape(real)[0], 1, 1, 1), share_seed)  # U[0, 1]
        weights = self.critic.trainable_variables
        with tf.GradientTape() as tape:
            # Both in one pass: without batch normalization each image is scored by itself.
            real_scores, fake_scores = tf.split(self.critic(tf.concat([real, fake], 0)), 2)
            wasserstein = tf.reduce_mean(real_scores) - tf.reduce_mean(fake_scores)
            penalty = gradient_penalty(self.critic, real, fake, share)
            loss = self.penalty_weight * penalty - wasserstein
        self.critic_optimizer.apply(tape.gradient(loss, weights), weights)
        for name, value in (("critic_loss", loss), ("wasserstein_estimate", wasserstein),
                            ("gradient_penalty", penalty)):
            self.means[name].update_state(value)

    def _noise(self, like, seed):
        return tf.random.stateless_normal((tf.shape(like)[0], self.latent_size), seed)
