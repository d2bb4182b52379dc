"""A fully connected generator and discriminator.

Goodfellow et al. 2014, "Generative Adversarial Nets", arXiv:1406.2661, section 5: rectified
linear generator, dropout in the discriminator; batch normalization (Ioffe and Szegedy 2015) and
leaky rectifiers in the place of maxout are additions.

Images above 64x64 pixels are drawn smaller, with sides of a half (a quarter above 128x128), and
enlarged; the discriminator looks at the mean of as many pixels: `image_sizes.shrinking`. Layers
with weights for each pixel would take gigabytes.

Shapes: B batch, L latent size, K categories, H x W x C image.
"""

import math

import keras
from keras import layers

from tfmodels.models import image_sizes
from tfmodels.models.gan import noise_input


def generator(image_shape, latent_size=26, widths=(256, 512), categories=10):
    """A fully connected generator.

    Args:
        image_shape: (H, W, C).
        latent_size: L, length of the noise vector.
        widths: units of the hidden layers, first to last.
        categories: as of `gan.noise_input`.

    Input shape: float32 [B, L], standard normal noise.
    Output shape: float32 [B, H, W, C] in [-1, 1].
    """
    noise, x = noise_input(latent_size, categories)
    for units in widths:
        x = layers.Dense(units, use_bias=False)(x)
        x = layers.ReLU()(layers.BatchNormalization(momentum=0.9)(x))
    cell = image_sizes.shrinking(image_shape)
    small = (*(-(-side // cell) for side in image_shape[:2]), image_shape[2])
    pixels = layers.Dense(math.prod(small), "tanh", dtype="float32")(x)
    images = layers.Reshape(small)(pixels)
    if cell > 1:
        images = layers.UpSampling2D(cell, interpolation="bilinear", dtype="float32")(images)
    return keras.Model(noise, image_sizes.cropped(images, image_shape), name="generator")


def discriminator(image_shape, widths=(512, 256), categories=10, dropout=0.3, seed=0):
    """A fully connected discriminator with LeakyReLU(0.2).

    Args:
        image_shape: (H, W, C).
        widths: units of the hidden layers, first to last.
        categories: K.
        dropout: fraction of hidden units dropped in training, in [0, 1).
        seed: of the dropout masks.

    Input shape: float32 [B, H, W, C] in [-1, 1].
    Output shapes: float32 [B, 1], the logit of "this image is real", and float32 [B, K], the
        logits of its category.
    """
    images = keras.Input(image_shape, dtype="float32", name="images")
    x, cell = images, image_sizes.shrinking(image_shape)
    if cell > 1:
        x = layers.AveragePooling2D(cell, padding="same")(x)
    x = layers.Flatten()(x)
    for number, units in enumerate(widths):
        x = layers.LeakyReLU(0.2)(layers.Dense(units)(x))
        x = layers.Dropout(dropout, seed=seed + number)(x)
    logits = layers.Dense(1, dtype="float32", name="real")(x)
    category_logits = layers.Dense(categories, dtype="float32", name="category")(x)
    return keras.Model(images, [logits, category_logits], name="discriminator")
