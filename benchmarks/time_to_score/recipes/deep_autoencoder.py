"""blog.keras.io/building-autoencoders-in-keras, deep autoencoder (Chollet 2016): a code of 32.

Layers of 128, 64 and 32 units and back; 100 epochs of Adam on binary cross-entropy, batches of 256.
"""

import math

from common import after_each_epoch, arguments


def main():
    """Trains; scores are mean squared errors of validation pixels in [0, 1]."""
    arrays, log = arguments()
    import keras
    from keras import layers

    def prepared(part):
        images = arrays[f"x_{part}"]
        return images.reshape(len(images), math.prod(images.shape[1:])).astype("float32") / 255
    x_train, x_validation = prepared("train"), prepared("validation")
    image = keras.Input(shape=x_train.shape[1:])
    x = layers.Dense(128, activation="relu")(image)
    x = layers.Dense(64, activation="relu")(x)
    code = layers.Dense(32, activation="relu")(x)
    x = layers.Dense(64, activation="relu")(code)
    x = layers.Dense(128, activation="relu")(x)
    model = keras.Model(image, layers.Dense(x_train.shape[1], activation="sigmoid")(x))
    model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["mse"])
    model.fit(x_train, x_train, epochs=100, batch_size=256, shuffle=True,
              validation_data=(x_validation, x_validation),
              callbacks=[after_each_epoch(lambda logs: log.score(logs["val_mse"]))])


if __name__ == "__main__":
    main()
