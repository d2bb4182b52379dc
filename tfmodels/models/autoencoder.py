"""A convolutional autoencoder: images to a short code and back, as two models."""

import keras
from keras import layers

from tfmodels.models.image_sizes import check_sides


def encoder(image_shape, code_size, filters=(32, 64), width=256, seed=0):
    """Returns the model from an image to its code.

    Each strided convolution halves height and width. Hinton & Salakhutdinov, "Reducing the
    Dimensionality of Data with Neural Networks", Science 2006, with the fully connected layers
    made convolutional as in Masci et al., "Stacked Convolutional Auto-Encoders", ICANN 2011.

    Args:
        image_shape: (H, W, C); H and W are multiples of 2 ** len(filters).
        code_size: dimension of a code.
        filters: channels of each strided convolution, first to last.
        width: units of the hidden layer before the code.
        seed: integer; fixes the initial weights.

    Input shape:
        uint8 [B, H, W, C] in [0, 255]; the scaling is part of the model.

    Output shape:
        float32 [B, code_size], unbounded.
    """
    check_sides(image_shape, 2 ** len(filters))
    image = keras.Input(image_shape, dtype="uint8", name="image")
    x = layers.Rescaling(1 / 255)(image)  # [B, H, W, C] in [0, 1]
    for depth, channels in enumerate(filters):
        start = keras.initializers.HeNormal(seed + depth)
        x = layers.Conv2D(channels, 3, 2, "same", activation="relu", kernel_initializer=start)(x)
    x = layers.Flatten()(x)  # [B, H / 4 * W / 4 * 64]
    start = keras.initializers.HeNormal(seed + len(filters))
    x = layers.Dense(width, "relu", kernel_initializer=start)(x)
    start = keras.initializers.GlorotUniform(seed + len(filters) + 1)
    code = layers.Dense(code_size, kernel_initializer=start, dtype="float32", name="code")(x)
    return keras.Model(image, code, name="encoder")


def decoder(image_shape, code_size, filters=(64, 32), width=256, activation="sigmoid", seed=0):
    """Returns the model from a code back to an image: the encoder in reverse.

    Transposed convolutions: Dumoulin & Visin, "A guide to convolution arithmetic for deep
    learning", 2016, chapter 4; each doubles height and width. Their kernels are a multiple of the
    stride, so that all pixels are covered equally often.

    Args:
        image_shape: (H, W, C); H and W are multiples of 2 ** len(filters).
        code_size: dimension of a code.
        filters: channels that each transposed convolution takes, first to last.
        width: units of the hidden layer after the code.
        activation: of the last layer; the sigmoid keeps pixels in their range.
        seed: integer; fixes the initial weights.

    Input shape:
        float32 [B, code_size], unbounded.

    Output shape:
        float32 [B, H, W, C]; pixels in [0, 1] with the sigmoid.
    """
    check_sides(image_shape, 2 ** len(filters))
    start = keras.initializers.HeNormal
    height, across = image_shape[0] >> len(filters), image_shape[1] >> len(filters)
    code = keras.Input([code_size], name="code")
    x = layers.Dense(width, "relu", kernel_initializer=start(seed))(code)
    x = layers.Dense(height * across * filters[0], "relu", kernel_initializer=start(seed + 1))(x)
    x = layers.Reshape([height, across, filters[0]])(x)  # [B, H / 4, W / 4, 64]
    for depth, channels in enumerate(filters[1:]):
        x = layers.Conv2DTranspose(channels, 4, 2, "same", activation="relu",
                                   kernel_initializer=start(seed + 2 + depth))(x)
    glorot = keras.initializers.GlorotUniform(seed + 2 + len(filters))
    image = layers.Conv2DTranspose(image_shape[-1], 4, 2, "same", activation=activation,
                                   kernel_initializer=glorot, dtype="float32", name="image")(x)
    return keras.Model(code, image, name="decoder")
