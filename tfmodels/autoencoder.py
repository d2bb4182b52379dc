"""A convolutional autoencoder: images to a short code and back, as two models."""
import keras
from keras import layers


def encoder(image_shape, code_size, filters=(32, 64), width=256, seed=0):
    """Returns the model from an image to its code.

    Each strided convolution halves height and width. Hinton & Salakhutdinov, "Reducing the Dimensionality of
    Data with Neural Networks", Science 2006, with the fully connected layers made convolutional as in
    Masci et al., "Stacked Convolutional Auto-Encoders", ICANN 2011.

    Args:
        image_shape: (H, W, C); H and W must divide by 2 ** len(filters).
        code_size: numbers in a code.
        filters: channels of each strided convolution, first to last.
        width: units of the hidden layer before the code.
        seed: integer; fixes the initial weights.

    Input shape:
        uint8 [B, H, W, C] in [0, 255]; the scaling is part of the model.

    Output shape:
        float32 [B, code_size], unbounded.
    """
    seeds = keras.random.SeedGenerator(seed)
    image = keras.Input(image_shape, dtype="uint8", name="image")
    x = layers.Rescaling(1 / 255)(image)  # [B, H, W, C] in [0, 1]
    for depth, channels in enumerate(filters):
        start = keras.initializers.HeNormal(seed + depth)
        x = layers.Conv2D(channels, 3, 2, "same", activation="relu", kernel_initializer=start)(x)
    x = layers.Flatten()(x)  # [B, H/4 * W/4 * 64]
    x = layers.Dense(width, "relu", kernel_initializer=keras.initializers.HeNormal(seed + 10))(x)
    start = keras.initializers.GlorotUniform(seed + 11)
    code = layers.Dense(code_size, kernel_initializer=start, dtype="float32", name="code")(x)
    return keras.Model(image, code, name="encoder")


def decoder(image_shape, code_size, filters=(64, 32), width=256, seed=0):
    height, last = image_shape[0] >> len(filters), image_shape[1] >> len(filters)
    code = keras.Input((code_size,), name="code")
    x = layers.Dense(width, "relu", kernel_initializer=keras.initializers.HeNormal(seed + 20))(code)
    x = layers.Dense(height * last * filters[0], "relu", kernel_initializer=keras.initializers.HeNormal(seed + 21))(x)
    x = layers.Reshape((height, last, filters[0]))(x)
    for depth, channels in enumerate((*filters[1:], filters[-1])):
        start = keras.initializers.HeNormal(seed + 22 + depth)
        x = layers.Conv2DTranspose(channels, 3, 2, "same", activation="relu", kernel_initializer=start)(x)
    start = keras.initializers.GlorotUniform(seed + 30)
    image = layers.Conv2D(image_shape[-1], 3, padding="same", activation="sigmoid", kernel_initializer=start, dtype="float32")(x)
    return keras.Model(code, image, name="decoder")
