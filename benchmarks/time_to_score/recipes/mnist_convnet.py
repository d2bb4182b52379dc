"""keras.io/examples/vision/mnist_convnet (Chollet 2015): two convolutions, 15 epochs of Adam.

34,826 weights; batches of 128, categorical cross-entropy, dropout of a half before the last layer.
"""

from common import after_each_epoch, arguments


def main():
    """Trains; scores are accuracies of the validation images."""
    arrays, log = arguments()
    import keras
    import numpy as np
    from keras import layers

    classes = int(arrays["y_train"].max()) + 1

    def prepared(part):
        images = np.expand_dims(arrays[f"x_{part}"].astype("float32") / 255, -1)
        return images, keras.utils.to_categorical(arrays[f"y_{part}"], classes)
    x_train, y_train = prepared("train")
    model = keras.Sequential([
        keras.Input(shape=x_train.shape[1:]),
        layers.Conv2D(32, kernel_size=(3, 3), activation="relu"),
        layers.MaxPooling2D(pool_size=(2, 2)),
        layers.Conv2D(64, kernel_size=(3, 3), activation="relu"),
        layers.MaxPooling2D(pool_size=(2, 2)),
        layers.Flatten(),
        layers.Dropout(0.5),
        layers.Dense(classes, activation="softmax")])
    model.compile(loss="categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
    model.fit(x_train, y_train, batch_size=128, epochs=15, validation_data=prepared("validation"),
              callbacks=[after_each_epoch(lambda logs: log.score(logs["val_accuracy"]))])


if __name__ == "__main__":
    main()
