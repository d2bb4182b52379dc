"""keras-team/keras 2, examples/mnist_mlp.py: two layers of 512 units, 20 epochs of RMSprop.

669,706 weights; batches of 128, categorical cross-entropy, dropout of a fifth after each layer.
"""

from common import after_each_epoch, arguments


def main():
    """Trains; scores are accuracies of the validation images."""
    arrays, log = arguments()
    import keras
    from keras import layers

    classes = int(arrays["y_train"].max()) + 1

    def prepared(part):
        images = arrays[f"x_{part}"]
        return (images.reshape(len(images), -1).astype("float32") / 255,
                keras.utils.to_categorical(arrays[f"y_{part}"], classes))
    x_train, y_train = prepared("train")
    model = keras.Sequential([
        keras.Input(shape=x_train.shape[1:]),
        layers.Dense(512, activation="relu"),
        layers.Dropout(0.2),
        layers.Dense(512, activation="relu"),
        layers.Dropout(0.2),
        layers.Dense(classes, activation="softmax")])
    model.compile(loss="categorical_crossentropy", optimizer=keras.optimizers.RMSprop(),
                  metrics=["accuracy"])
    model.fit(x_train, y_train, batch_size=128, epochs=20, validation_data=prepared("validation"),
              callbacks=[after_each_epoch(lambda logs: log.score(logs["val_accuracy"]))])


if __name__ == "__main__":
    main()
