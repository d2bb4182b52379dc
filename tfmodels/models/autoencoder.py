"""A convolutional autoencoder: images to a short code and back, as two models.

Both have two strided convolutions up to 32x32 pixels, three up to 64x64, and so on, so that about
8x8 places are left for the dense layers: `image_sizes.halvings`.
"""

import keras
from keras import layers

from tfmodels.models import image_sizes


def encoder(image_shape, code_size, filters=32, width=256, seed=0):
    """Returns the model from an image to its code.

    Each strided convolution halves height and width. Hinton & Salakhutdinov, "Reducing the
    Dimensionality of Data with Neural Networks", Science 2006, with the fully connected layers
    made convolutional as in Masci et al., "Stacked Convolutional Auto-Encoders", ICANN 2011.

    Args:
        image_shape: (H, W, C); H and W at least 8.
        code_size: dimension of a code.
        filters: channels of the first convolution; doubled at every later one, up to 8 times.
        width: units of the hidden layer before the code.
        seed: integer; fixes the initial weights.

    Input shape:
        uint8 [B, H, W, C] in [0, 255]; the scaling is part of the model.

    Output shape:
        float32 [B, code_size], unbounded.
    """
    image_sizes.check_sides(image_shape)
    stages = image_sizes.halvings(image_shape)
    image = keras.Input(image_shape, dtype="uint8", name="image")
    x = layers.Rescaling(1 / 255)(image)  # [B, H, W, C] in [0, 1]
    for depth, channels in enumerate(image_sizes.channels(filters, stages)):
        start = keras.initializers.HeNormal(seed + depth)
        x = layers.Conv2D(channels, 3, 2, "same", activation="relu", kernel_initializer=start)(x)
    x = layers.Flatten()(x)  # [B, H / 4 * W / 4 * 64] with two stages
    start = keras.initializers.HeNormal(seed + stages)
    x = layers.Dense(width, "relu", kernel_initializer=start)(x)
    start = keras.initializers.GlorotUniform(seed + stages + 1)
    code = layers.Dense(code_size, kernel_initializer=start, dtype="float32", name="code")(x)
    return keras.Model(image, code, name="encoder")


def decoder(image_shape, code_size, filters=32, width=256, activation="sigmoid", seed=0):
    """Returns the model from a code back to an image: the encoder in reverse.

    Transposed convolutions: Dumoulin & Visin, "A guide to convolution arithmetic for deep
    learning", 2016, chapter 4; each doubles height and width. Their kernels are a multiple of the
    stride, so that all pixels are covered equally often.

    Args:
        image_shape: (H, W, C); H and W at least 8.
        code_size: dimension of a code.
        filters: channels that the last convolution takes; doubled at every earlier one, up to 8
            times.
        width: units of the hidden layer after the code.
        activation: of the last layer; the sigmoid keeps pixels in their range.
        seed: integer; fixes the initial weights.

    Input shape:
        float32 [B, code_size], unbounded.

    Output shape:
        float32 [B, H, W, C]; pixels in [0, 1] with the sigmoid.
    """
    image_sizes.check_sides(image_shape)
    stages = image_sizes.halvings(image_shape)
    height, across = image_sizes.halved(image_shape, stages)
    *higher, lowest = image_sizes.channels(filters, stages)
    start = keras.initializers.HeNormal
    code = keras.Input([code_size], name="code")
    x = layers.Dense(width, "relu", kernel_initializer=start(seed))(code)
    x = layers.Dense(height * across * lowest, "relu", kernel_initializer=start(seed + 1))(x)
    x = layers.Reshape([height, across, lowest])(x)  # [B, H / 4, W / 4, 64] with two stages
    for depth, channels in enumerate(reversed(higher)):
        x = layers.Conv2DTranspose(channels, 4, 2, "same", activation="relu",
                                   kernel_initializer=start(seed + 2 + depth))(x)
    glorot = keras.initializers.GlorotUniform(seed + 2 + stages)
    image = layers.Conv2DTranspose(image_shape[-1], 4, 2, "same", activation=activation,
                                   kernel_initializer=glorot, dtype="float32", name="image")(x)
    return keras.Model(code, image_sizes.cropped(image, image_shape), name="decoder")
