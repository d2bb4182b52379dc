"""Dense."""
import keras
from keras import layers


def dense(image_shape, classes, hidden=(512, 512), dropout=0.3, seed=0):
    x = inputs = keras.Input(image_shape, dtype="uint8")
    x = layers.Flatten()(layers.Rescaling(1 / 255)(x))
    for i, units in enumerate(hidden):
        x = layers.Dense(units, activation="relu")(x)
        x = layers.Dropout(dropout, seed=seed + i)(x)
    return keras.Model(inputs, layers.Dense(classes, dtype="float32")(x), name="dense")
