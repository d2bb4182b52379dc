"""Variational autoencoder: a latent variable model trained by a bound on its likelihood.

Kingma and Welling 2014, "Auto-Encoding Variational Bayes", arXiv:1312.6114. A weight beta on the
Kullback-Leibler term: Higgins et al. 2017, "beta-VAE", ICLR, equation 4. The importance-weighted
bound: Burda, Grosse and Salakhutdinov 2016, "Importance Weighted Autoencoders", arXiv:1509.00519.

Shapes: B batch, Z latent size, H x W x C image. All log-likelihoods and divergences are in nats
per image.
"""

import math

import keras
import tensorflow as tf

from tfmodels.layers.noise import next_seeds
from tfmodels.layers.scaling import to_unit

LIKELIHOODS = ("bernoulli", "gaussian")


def kl_to_normal(mean, log_variance):
    """Returns KL(N(mean, exp(log_variance)) || N(0, 1)), summed over the last axis.

    Kingma and Welling 2014, appendix B.

    Args:
        mean, log_variance: float [..., Z].

    Returns:
        float [...], at least 0.
    """
    return 0.5 * tf.reduce_sum(
        tf.square(mean) + tf.exp(log_variance) - log_variance - 1, axis=-1)


def log_normal(x, mean, log_variance):
    """Returns log N(x; mean, exp(log_variance)), summed over the last axis."""
    return -0.5 * tf.reduce_sum(
        math.log(2 * math.pi) + log_variance + tf.square(x - mean) * tf.exp(-log_variance), axis=-1)


class VAE(keras.Model):
    """An encoder of images to Gaussians and a decoder back, trained on the evidence lower bound.

    Calling the model maps latent vectors [B, Z] to the mean images, float32 [B, H, W, C] in [0, 1].

    Args:
        encoder: `keras.Model`, uint8 [B, H, W, C] -> float32 [B, 2 Z], mean and log-variance.
        decoder: `keras.Model`, float32 [B, Z] -> float32 [B, H, W, C], unbounded: the mean
            image's logits.
        likelihood: `bernoulli`, whose pixels in [0, 1] are the probabilities of an observed value
            that may be grey (Kingma and Welling 2014, appendix C.1), or `gaussian`, with one
            learned variance for all pixels (ibid., C.2).
        beta: weight of the KL term in the loss, at least 0; 1 for the bound itself.
        seed: integer, start of the random sequence of latent noise.
    """

    def __init__(self, encoder, decoder, likelihood="bernoulli", beta=1.0, seed=0):
        super().__init__(name="vae")
        if likelihood not in LIKELIHOODS:
            raise ValueError(f"likelihood must be one of {LIKELIHOODS}, got {likelihood!r}")
        self.encoder = encoder
        self.decoder = decoder
        self.likelihood = likelihood
        self.beta = beta
        if likelihood == "gaussian":
            self.log_variance = self.add_weight(
                shape=(), initializer=keras.initializers.Constant(math.log(0.1)),
                dtype="float32", name="log_variance")
        self.seed_generator = keras.random.SeedGenerator(seed)
        self.means = {name: keras.metrics.Mean(name)
                      for name in ("loss", "elbo", "log_likelihood", "kl")}
        self.built = True

    @property
    def metrics(self):
        """The running means that a step updates."""
        return list(self.means.values())

    def call(self, latents, training=False):
        """Maps latent vectors [B, Z] to mean images, float32 [B, H, W, C] in [0, 1]."""
        return tf.sigmoid(self.decoder(latents, training=training))

    def encode(self, images, training=False):
        """Maps images uint8 [B, H, W, C] to mean and log-variance, float32 [B, Z] each."""
        return tf.split(tf.cast(self.encoder(images, training=training), tf.float32), 2, axis=-1)

    def log_likelihood(self, images, latents, training=False):
        """Returns log p(images | latents), float32 [B] in nats.

        Args:
            images: uint8 [B, H, W, C]; their values in [0, 1] are what is modelled.
            latents: float32 [B, Z].
        """
        logits = tf.cast(self.decoder(latents, training=training), tf.float32)
        pixels, logits = (tf.reshape(value, [tf.shape(value)[0], -1])
                          for value in (to_unit(images), logits))
        if self.likelihood == "gaussian":
            return log_normal(pixels, tf.sigmoid(logits), tf.convert_to_tensor(self.log_variance))
        return -tf.reduce_sum(
            tf.nn.sigmoid_cross_entropy_with_logits(labels=pixels, logits=logits), axis=-1)

    def train_step(self, data):
        """One step up the evidence lower bound (Kingma and Welling 2014, equation 10).

        Args:
            data: images, uint8 [B, H, W, C].

        Returns:
            Running means of `loss`, `elbo`, `log_likelihood` and `kl` (nats per image).
        """
        images, _, _ = keras.utils.unpack_x_y_sample_weight(data)
        seed, = next_seeds(self.seed_generator, 1)
        with tf.GradientTape() as tape:
            mean, log_variance = self.encode(images, training=True)
            # The reparameterization trick, ibid., section 2.4.
            noise = tf.random.stateless_normal(tf.shape(mean), seed)
            latents = mean + tf.exp(0.5 * log_variance) * noise  # [B, Z]
            likelihood = tf.reduce_mean(self.log_likelihood(images, latents, training=True))
            kl = tf.reduce_mean(kl_to_normal(mean, log_variance))
            loss = self.beta * kl - likelihood
        self.optimizer.apply(tape.gradient(loss, self.trainable_variables),
                             self.trainable_variables)
        for name, value in (("loss", loss), ("elbo", likelihood - kl),
                            ("log_likelihood", likelihood), ("kl", kl)):
            self.means[name].update_state(value)
        return self.get_metrics_result()

    def bounds(self, images, seed, samples):
        """Returns bounds on log p(images), each float32 [B] in nats.

        Args:
            images: uint8 [B, H, W, C].
            seed: int32 [2], stateless.
            samples: latent vectors drawn for each image, K.

        Returns:
            `log_likelihood` (the reconstruction term) and `kl` of the evidence lower bound, and
            `importance_bound`, log (1/K) sum_k p(x, z_k) / q(z_k | x): Burda et al. 2016,
            equation 8, at least as tight on average.
        """
        mean, log_variance = self.encode(images)

        def step(k, likelihoods, log_weights):
            noise = tf.random.stateless_normal(tf.shape(mean), seed + [0, k])
            latents = mean + tf.exp(0.5 * log_variance) * noise
            likelihood = self.log_likelihood(images, latents)
            weight = (likelihood + log_normal(latents, 0.0, 0.0)
                      - log_normal(latents, mean, log_variance))
            return k + 1, likelihoods + likelihood, tf.reduce_logsumexp([log_weights, weight], 0)

        nothing = tf.zeros_like(mean[:, 0])
        _, likelihoods, log_weights = tf.while_loop(
            lambda k, *_: k < samples, step, [0, nothing, nothing - math.inf])
        return {"log_likelihood": likelihoods / samples, "kl": kl_to_normal(mean, log_variance),
                "importance_bound": log_weights - math.log(samples)}
