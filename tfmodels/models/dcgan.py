"""The generator and discriminator of a deep convolutional GAN (DCGAN).

Radford, Metz and Chintala 2016, "Unsupervised Representation Learning with Deep Convolutional
Generative Adversarial Networks", arXiv:1511.06434.

Shapes: B batch, L latent size, K categories, H x W x C image.
"""

import keras
from keras import layers

from tfmodels.layers.batch_norm import BatchNormalization
from tfmodels.models import image_sizes
from tfmodels.models.gan import noise_input

# A kernel that is a multiple of its stride covers every output pixel equally often: no
# checkerboard.
KERNEL, STRIDE = 4, 2


def generator(image_shape, latent_size=16, width=48, categories=0):
    """A transposed-convolution generator with batch normalization.

    It starts from a quarter of the sides up to 32x32 pixels, and with one stage more from an eighth
    up to 64x64, and so on: `image_sizes.halvings`.

    Args:
        image_shape: (H, W, C); H and W at least 8.
        latent_size: L, length of the noise vector.
        width: channels at half resolution; twice as many at each lower one, up to 8 times.
        categories: K < L; of the first K numbers of the noise only `categories_of` is used. 0 for
            noise without a category.

    Input shape: float32 [B, L], standard normal noise.
    Output shape: float32 [B, H, W, C] in [-1, 1].

    Reference: Radford et al. 2016, section 3 and figure 1; the 3x3 convolution at the
        lowest resolution is an addition.
    """
    image_sizes.check_sides(image_shape)
    stages = image_sizes.halvings(image_shape)
    height, columns = image_sizes.halved(image_shape, stages)
    *higher, lowest = image_sizes.channels(width, stages)
    up = dict(kernel_size=KERNEL, strides=STRIDE, padding="same")
    noise, x = noise_input(latent_size, categories)
    x = layers.Dense(height * columns * lowest, use_bias=False)(x)
    x = layers.Reshape((height, columns, lowest))(x)  # [B, H/4, W/4, 2 width] with two stages
    x = layers.ReLU()(_batch_norm()(x))
    x = layers.Conv2D(lowest, 3, padding="same", use_bias=False)(x)
    x = layers.ReLU()(_batch_norm()(x))
    for channels in reversed(higher):  # to [B, H/2, W/2, width]
        x = layers.Conv2DTranspose(channels, use_bias=False, **up)(x)
        x = layers.ReLU()(_batch_norm()(x))
    x = layers.Conv2DTranspose(image_shape[-1], **up)(x)  # [B, H, W, C], the sides rounded up
    images = layers.Activation("tanh", dtype="float32")(x)
    return keras.Model(noise, image_sizes.cropped(images, image_shape), name="generator")


def discriminator(image_shape, width=32, categories=10):
    """A strided-convolution discriminator with LeakyReLU(0.2).

    Args:
        image_shape: (H, W, C); H and W at least 8.
        width: channels of the first layer; doubled at every later one, up to 8 times. There is
            one layer more than the generator has stages.
        categories: K.

    Input shape: float32 [B, H, W, C] in [-1, 1].
    Output shapes: float32 [B, 1], the logit of "this image is real", and float32 [B, K], the
        logits of its category.

    Reference: Radford et al. 2016, section 3: no batch normalization at the first layer; Chen et
        al. 2016, section 6: the category is told by one more layer on the same features. The
        hidden dense layer is an addition.
    """
    down = dict(kernel_size=KERNEL, strides=STRIDE, padding="same")
    image_sizes.check_sides(image_shape)
    first, *later = image_sizes.channels(width, image_sizes.halvings(image_shape) + 1)
    images = keras.Input(image_shape, dtype="float32", name="images")
    x = layers.LeakyReLU(0.2)(layers.Conv2D(first, **down)(images))  # [B, H/2, W/2, width]
    for channels in later:  # [B, H/4, W/4, 2 width], [B, H/8, W/8, 4 width] …
        x = layers.Conv2D(channels, use_bias=False, **down)(x)
        x = layers.LeakyReLU(0.2)(_batch_norm()(x))
    x = layers.LeakyReLU(0.2)(layers.Dense(8 * width)(layers.Flatten()(x)))
    logits = layers.Dense(1, dtype="float32", name="real")(x)
    category_logits = layers.Dense(categories, dtype="float32", name="category")(x)
    return keras.Model(images, [logits, category_logits], name="discriminator")


def _batch_norm():
    # Keras' momentum of 0.99 trails the weights of a GAN, which move fast all through training.
    return BatchNormalization(momentum=0.9)
