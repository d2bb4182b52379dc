"""A small convolutional image classifier."""
import keras
from keras import layers


def cnn(image_shape, classes, filters=(24, 48, 64), dropout=0.3, seed=0):
    x = inputs = keras.Input(image_shape, dtype="uint8", name="image")
    x = layers.Rescaling(1 / 255)(x)
    for i, n in enumerate(filters):
        for j in range(2 if i < len(filters) - 1 else 1):
            x = layers.Conv2D(n, 3, padding="same", use_bias=False, kernel_initializer=keras.initializers.HeNormal(seed + 10 * i + j))(x)
            x = layers.BatchNormalization(momentum=0.9)(x)
            x = layers.Activation("relu")(x)
        if i < len(filters) - 1:
            x = layers.MaxPooling2D()(x)
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dropout(dropout, seed=seed)(x)
    return keras.Model(inputs, layers.Dense(classes, dtype="float32")(x), name="cnn")
