"""Generative adversarial networks: their losses and their training step, for any two networks.

Goodfellow et al. 2014, "Generative Adversarial Nets", arXiv:1406.2661.

A continuous map of one Gaussian cloud has to pass through images between the kinds of images.
Hence part of the noise is a category, which the discriminator has to tell from the image; it uses
no labels: Chen et al. 2016, "InfoGAN: Interpretable Representation Learning by Information
Maximizing Generative Adversarial Nets", arXiv:1606.03657. In a conditional GAN the category is
the label, which the discriminator learns from the real images too: Odena et al. 2017, "Conditional
Image Synthesis with Auxiliary Classifier GANs", arXiv:1610.09585.

Samples come from an exponential moving average of the generator's weights: Yazici et al. 2019,
"The Unusual Effectiveness of Averaging in GAN Training", arXiv:1806.04498. Real and generated
images are shifted at random before the discriminator, against learning a small training set by
heart: Zhao et al. 2020, "Differentiable Augmentation for Data-Efficient GAN Training",
arXiv:2006.10738.

Shapes: B batch, L latent size, K categories, H x W x C image. Images are float32 in [-1, 1]; a
training step takes uint8.
"""

import keras
import tensorflow as tf
from keras import layers

from tfmodels.layers.averaging import averaged_copy, update_average
from tfmodels.layers.noise import next_seeds
from tfmodels.layers.scaling import to_signed

LOSSES = ("non_saturating", "least_squares", "hinge")

def categories_of(noise, categories):
    """Returns the category that noise stands for: the place of the largest of its first K numbers.

    All categories are equally likely under standard normal noise.

    Args:
        noise: float32 [B, L].
        categories: K.

    Returns:
        int32 [B] in [0, K).
    """
    # Not argmax: Keras' one looks at bits, for which LiteRT and ONNX have no operator.
    return keras.ops.top_k(noise[:, :categories], 1)[1][:, 0]


def with_category(noise, category, categories):
    """Returns the noise float32 [B, L] changed to stand for `category`, int [B] in [0, K)."""
    return tf.concat([tf.one_hot(category, categories), noise[:, categories:]], axis=1)


def noise_input(latent_size, categories):
    """Returns a generator's input and the tensor that its first layer takes.

    Args:
        latent_size: L, length of the noise vector.
        categories: K < L; of the first K numbers of the noise only `categories_of` is used. 0 for
            noise without a category.
    """
    noise = keras.Input((latent_size,), dtype="float32", name="noise")
    if not categories:
        return noise, noise
    category = keras.ops.one_hot(categories_of(noise, categories), categories)
    return noise, layers.Concatenate()([category, noise[:, categories:]])


def adversarial_losses(name, real_logits, fake_logits):
    """Returns the losses of the discriminator and of the generator, float32 [] each.

    Args:
        name: `non_saturating`, Goodfellow et al. 2014, equation 1 with D = sigmoid(logit) and,
            from the end of section 3, -log D(G(z)) for the generator, whose gradient does not
            vanish when the discriminator wins; `least_squares`, Mao et al. 2017,
            arXiv:1611.04076, equation 2 with a = 0, b = c = 1; `hinge`, Lim and Ye 2017,
            arXiv:1705.02894, equations 12 and 13.
        real_logits, fake_logits: float32 [B, 1].

    Raises:
        ValueError: another name.
    """
    if name == "non_saturating":
        d_losses = tf.nn.softplus(-real_logits), tf.nn.softplus(fake_logits)
        g_loss = tf.nn.softplus(-fake_logits)
    elif name == "least_squares":
        d_losses = tf.square(real_logits - 1) / 2, tf.square(fake_logits) / 2
        g_loss = tf.square(fake_logits - 1) / 2
    elif name == "hinge":
        d_losses = tf.nn.relu(1 - real_logits), tf.nn.relu(1 + fake_logits)
        g_loss = -fake_logits
    else:
        raise ValueError(f"loss must be one of {', '.join(LOSSES)}, got {name!r}")
    return tf.reduce_mean(d_losses[0]) + tf.reduce_mean(d_losses[1]), tf.reduce_mean(g_loss)


def translate(images, seed, max_shift):
    """Shifts every image by whole pixels of its own, up to `max_shift` either way on both axes.

    Pixels that enter at a border are -1. Differentiable in `images`: a product with two shifted
    identity matrices.

    Args:
        images: float32 [B, H, W, C] in [-1, 1].
        seed: int32 [2], stateless.
        max_shift: pixels, at least 0; 0 returns `images`.

    Returns:
        float32 [B, H, W, C] in [-1, 1].
    """
    if not max_shift:
        return images
    batch_size = tf.shape(images)[0]
    height, columns = images.shape[1:3]
    shifts = tf.random.stateless_uniform(
        (2, batch_size, 1), seed, -max_shift, max_shift + 1, tf.int32)
    # Row i of the result is row i + shift of the image; out of range, a row of zeros.
    # [B, H, H] and [B, W, W]
    rows = tf.one_hot(tf.range(height) + shifts[0], height, dtype=images.dtype)
    cols = tf.one_hot(tf.range(columns) + shifts[1], columns, dtype=images.dtype)
    shifted = tf.einsum("bij,bjwc->biwc", rows, images + 1)
    return tf.einsum("bij,bhjc->bhic", cols, shifted) - 1


class GAN(keras.Model):
    """Generator against discriminator, updated together from one generator pass.

    Calling the model maps noise to images through `averaged_generator`, whose variables (batch
    normalization statistics too) are exponential moving averages of the generator's: use it for
    samples and exports.

    Args:
        generator: `keras.Model`, float32 [B, L] -> float32 [B, H, W, C] in [-1, 1].
        discriminator: `keras.Model`, float32 [B, H, W, C] -> float32 logits [B, 1] and [B, K].
        loss: one of `LOSSES`, see `adversarial_losses`.
        conditional: whether a category is a label, which the training data come with.
        ema: decay of the average per step, in [0, 1); 0 copies the generator.
        max_shift: pixels by which images are shifted at random before the discriminator; 0
            switches it off.
        seed: integer, start of the random sequence of noise and shifts; its state is
            `seed_generator.state`.

    Attributes:
        averaged_generator: of the same shapes as `generator`.
        latent_size: L.
        categories: K.
    """

    def __init__(self, generator, discriminator, loss="non_saturating", conditional=False,
                 ema=0.999, max_shift=1, seed=0):
        super().__init__(name="gan")
        if not 0 <= ema < 1:
            raise ValueError(f"ema must be in [0, 1), got {ema}")
        self.generator = generator
        self.discriminator = discriminator
        self.averaged_generator = averaged_copy(generator)
        self.latent_size = generator.input_shape[-1]
        self.categories = discriminator.output_shape[1][-1]
        self.adversarial_loss = loss
        self.conditional = conditional
        self.ema = ema
        self.max_shift = max_shift
        self.seed_generator = keras.random.SeedGenerator(seed)
        self.d_loss = keras.metrics.Mean("d_loss")
        self.g_loss = keras.metrics.Mean("g_loss")
        self.category_loss = keras.metrics.Mean("category_loss")
        self.d_real_accuracy = keras.metrics.Mean("d_real_accuracy")
        self.d_fake_accuracy = keras.metrics.Mean("d_fake_accuracy")
        self.built = True

    def compile(self, generator_optimizer, discriminator_optimizer):
        """Sets both optimizers and makes their slots, for a restore before the first step."""
        super().compile(optimizer=None)  # Left out, Keras would make an RMSprop.
        self.generator_optimizer = generator_optimizer
        self.discriminator_optimizer = discriminator_optimizer
        generator_optimizer.build(self.generator.trainable_variables)
        discriminator_optimizer.build(self.discriminator.trainable_variables)

    @property
    def metrics(self):
        """The running means that a step updates."""
        return [self.d_loss, self.g_loss, self.category_loss, self.d_real_accuracy,
                self.d_fake_accuracy]

    def call(self, noise, labels=None, training=False):
        """Maps noise [B, L] to images through the averaged generator, of categories `labels`."""
        if labels is not None:
            noise = with_category(noise, labels, self.categories)
        return self.averaged_generator(noise, training=False)

    def train_step(self, data):
        """One simultaneous update of both networks.

        Args:
            data: real images, uint8 [B, H, W, C] in [0, 255]; when conditional, a pair of them
                and their labels, int [B] in [0, K).

        Returns:
            Running means of `d_loss`, `g_loss`, `category_loss` (nats), `d_real_accuracy`,
            `d_fake_accuracy` (shares in [0, 1]).
        """
        real, labels, _ = keras.utils.unpack_x_y_sample_weight(data)
        noise_seed, real_seed, fake_seed = next_seeds(self.seed_generator, 3)
        noise = tf.random.stateless_normal(
            (tf.shape(real)[0], self.latent_size), noise_seed)  # [B, L]
        if self.conditional:
            noise = with_category(noise, labels, self.categories)
        real = translate(to_signed(real), real_seed, self.max_shift)
        with tf.GradientTape(persistent=True) as tape:
            fake = self.generator(noise, training=True)  # [B, H, W, C], one pass for both updates
            shifted = translate(fake, fake_seed, self.max_shift)
            # Real and fake go through separately, each normalized by its own batch statistics.
            real_logits, real_categories = self.discriminator(real, training=True)  # [B, 1], [B, K]
            fake_logits, fake_categories = self.discriminator(shifted, training=True)
            d_loss, g_loss = adversarial_losses(self.adversarial_loss, real_logits, fake_logits)
            # Chen et al. 2016, equation 6 with a weight of 1: both networks make the category of
            # a generated image plain, a lower bound of its mutual information with the image.
            category_loss = _crossentropy(categories_of(noise, self.categories), fake_categories)
            d_total, g_total = d_loss + category_loss, g_loss + category_loss
            if self.conditional:  # Odena et al. 2017, equation 3
                d_total += _crossentropy(labels, real_categories)
        d_weights = self.discriminator.trainable_variables
        g_weights = self.generator.trainable_variables
        d_gradients = tape.gradient(d_total, d_weights)
        g_gradients = tape.gradient(g_total, g_weights)
        self.discriminator_optimizer.apply(d_gradients, d_weights)
        self.generator_optimizer.apply(g_gradients, g_weights)
        update_average(self.averaged_generator, self.generator, self.ema,
                       self.generator_optimizer.iterations)

        self.d_loss.update_state(d_loss)
        self.g_loss.update_state(g_loss)
        self.category_loss.update_state(category_loss)
        middle = 0.5 if self.adversarial_loss == "least_squares" else 0.0
        self.d_real_accuracy.update_state(tf.cast(real_logits > middle, "float32"))
        self.d_fake_accuracy.update_state(tf.cast(fake_logits < middle, "float32"))
        return self.get_metrics_result()


def _crossentropy(labels, logits):
    return tf.reduce_mean(
        tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits))
