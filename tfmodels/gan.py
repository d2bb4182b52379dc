"""Deep convolutional generative adversarial network (DCGAN) with categories of its own (InfoGAN).

Radford, Metz and Chintala 2016, "Unsupervised Representation Learning with Deep Convolutional
Generative Adversarial Networks", arXiv:1511.06434, trained with the non-saturating loss of
Goodfellow et al. 2014, arXiv:1406.2661.

A continuous map of one Gaussian cloud has to pass through images between the kinds of images.
Hence part of the noise is a category, which the discriminator has to tell from the image; it uses
no labels: Chen et al. 2016, "InfoGAN: Interpretable Representation Learning by Information
Maximizing Generative Adversarial Nets", arXiv:1606.03657.

Samples come from an exponential moving average of the generator's weights: Yazici et al. 2019,
"The Unusual Effectiveness of Averaging in GAN Training", arXiv:1806.04498. Real and generated
images are shifted at random before the discriminator, against learning a small training set by
heart: Zhao et al. 2020, "Differentiable Augmentation for Data-Efficient GAN Training",
arXiv:2006.10738.

Shapes: B batch, L latent size, K categories, H x W x C image. Images are float32 in [-1, 1].
"""

import keras
import tensorflow as tf
from keras import layers

from tfmodels.averaging import averaged_copy, update_average
from tfmodels.batch_norm import BatchNormalization
from tfmodels.noise import next_seeds

# A kernel that is a multiple of its stride covers every output pixel equally often: no
# checkerboard.
KERNEL, STRIDE = 4, 2


def categories_of(noise, categories):
    """Returns the category that noise stands for: the place of the largest of its first K numbers.

    All categories are equally likely under standard normal noise.

    Args:
        noise: float32 [B, L].
        categories: K.

    Returns:
        int32 [B] in [0, K).
    """
    return keras.ops.argmax(noise[:, :categories], axis=-1)


def generator(image_shape, latent_size=16, width=48, categories=0):
    """A transposed-convolution generator with batch normalization.

    Args:
        image_shape: (H, W, C); H and W are multiples of 4.
        latent_size: L, length of the noise vector.
        width: channels at half resolution; twice as many at quarter resolution.
        categories: K < L; of the first K numbers of the noise only `categories_of` is used. 0 for
            noise without a category.

    Input shape: float32 [B, L], standard normal noise.
    Output shape: float32 [B, H, W, C] in [-1, 1].

    Reference: Radford et al. 2016, section 3 and figure 1; the 3x3 convolution at quarter
        resolution is an addition.
    """
    height, columns, channels = image_shape
    if height % 4 or columns % 4:
        raise ValueError(f"image height and width must be multiples of 4, got {height}x{columns}")
    up = dict(kernel_size=KERNEL, strides=STRIDE, padding="same")
    noise = keras.Input((latent_size,), dtype="float32", name="noise")
    x = noise
    if categories:
        category = keras.ops.one_hot(categories_of(noise, categories), categories)
        x = layers.Concatenate()([category, noise[:, categories:]])
    x = layers.Dense(height // 4 * (columns // 4) * 2 * width, use_bias=False)(x)
    x = layers.Reshape((height // 4, columns // 4, 2 * width))(x)  # [B, H/4, W/4, 2 width]
    x = layers.ReLU()(_batch_norm()(x))
    x = layers.Conv2D(2 * width, 3, padding="same", use_bias=False)(x)
    x = layers.ReLU()(_batch_norm()(x))
    x = layers.Conv2DTranspose(width, use_bias=False, **up)(x)  # [B, H/2, W/2, width]
    x = layers.ReLU()(_batch_norm()(x))
    x = layers.Conv2DTranspose(channels, **up)(x)  # [B, H, W, C]
    images = layers.Activation("tanh", dtype="float32")(x)
    return keras.Model(noise, images, name="generator")


def discriminator(image_shape, width=32, categories=10):
    """A strided-convolution discriminator with LeakyReLU(0.2).

    Args:
        image_shape: (H, W, C).
        width: channels of the first layer; doubled at every later one.
        categories: K.

    Input shape: float32 [B, H, W, C] in [-1, 1].
    Output shapes: float32 [B, 1], the logit of "this image is real", and float32 [B, K], the
        logits of its category.

    Reference: Radford et al. 2016, section 3: no batch normalization at the first layer; Chen et
        al. 2016, section 6: the category is told by one more layer on the same features. The
        hidden dense layer is an addition.
    """
    down = dict(kernel_size=KERNEL, strides=STRIDE, padding="same")
    images = keras.Input(image_shape, dtype="float32", name="images")
    x = layers.LeakyReLU(0.2)(layers.Conv2D(width, **down)(images))  # [B, H/2, W/2, width]
    for channels in (2 * width, 4 * width):  # [B, H/4, W/4, 2 width], [B, H/8, W/8, 4 width]
        x = layers.Conv2D(channels, use_bias=False, **down)(x)
        x = layers.LeakyReLU(0.2)(_batch_norm()(x))
    x = layers.LeakyReLU(0.2)(layers.Dense(8 * width)(layers.Flatten()(x)))
    logits = layers.Dense(1, dtype="float32", name="real")(x)
    category_logits = layers.Dense(categories, dtype="float32", name="category")(x)
    return keras.Model(images, [logits, category_logits], name="discriminator")


def _batch_norm():
    # Keras' momentum of 0.99 trails the weights of a GAN, which move fast all through training.
    return BatchNormalization(momentum=0.9)


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

    def __init__(self, generator, discriminator, ema=0.999, max_shift=1, seed=0):
        super().__init__(name="gan")
        if not 0 <= ema < 1:
            raise ValueError(f"ema must be in [0, 1), got {ema}")
        self.generator = generator
        self.discriminator = discriminator
        self.averaged_generator = averaged_copy(generator)
        self.latent_size = generator.input_shape[-1]
        self.categories = discriminator.output_shape[1][-1]
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

    def call(self, noise, training=False):
        """Maps noise [B, L] to images through the averaged generator."""
        return self.averaged_generator(noise, training=False)

    def train_step(self, data):
        """One simultaneous update of both networks.

        Args:
            data: real images, float32 [B, H, W, C] in [-1, 1].

        Returns:
            Running means of `d_loss`, `g_loss`, `category_loss` (nats), `d_real_accuracy`,
            `d_fake_accuracy` (shares in [0, 1]).
        """
        real, _, _ = keras.utils.unpack_x_y_sample_weight(data)
        noise_seed, real_seed, fake_seed = next_seeds(self.seed_generator, 3)
        noise = tf.random.stateless_normal(
            (tf.shape(real)[0], self.latent_size), noise_seed)  # [B, L]
        real = translate(real, real_seed, self.max_shift)
        with tf.GradientTape(persistent=True) as tape:
            fake = self.generator(noise, training=True)  # [B, H, W, C], one pass for both updates
            shifted = translate(fake, fake_seed, self.max_shift)
            # Real and fake go through separately, each normalized by its own batch statistics.
            real_logits, _ = self.discriminator(real, training=True)  # [B, 1]
            fake_logits, category_logits = self.discriminator(shifted, training=True)  # and [B, K]
            # Goodfellow et al. 2014, equation 1, with D = sigmoid(logit):
            # -log D(x) - log(1 - D(G(z))).
            d_loss = (tf.reduce_mean(tf.nn.softplus(-real_logits))
                      + tf.reduce_mean(tf.nn.softplus(fake_logits)))
            # Ibid., end of section 3: minimize -log D(G(z)), whose gradient does not vanish when
            # D wins.
            g_loss = tf.reduce_mean(tf.nn.softplus(-fake_logits))
            # Chen et al. 2016, equation 6 with a weight of 1: both networks make the category of
            # a generated image plain, a lower bound of its mutual information with the image.
            category_loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(
                categories_of(noise, self.categories), category_logits))
            d_total, g_total = d_loss + category_loss, g_loss + category_loss
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
        self.d_real_accuracy.update_state(tf.cast(real_logits > 0, "float32"))
        self.d_fake_accuracy.update_state(tf.cast(fake_logits < 0, "float32"))
        return self.get_metrics_result()
