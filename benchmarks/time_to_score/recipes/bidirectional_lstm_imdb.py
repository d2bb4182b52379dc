"""keras.io/examples/nlp/bidirectional_lstm_imdb (Chollet 2020): two bidirectional LSTMs, 2 epochs.

Words of 128 numbers, 64 units each way; batches of 32, Adam. The page tells two classes apart by
one logistic unit, here a softmax has as many units as there are classes.
"""

from common import after_each_epoch, arguments
from imdb_words import load_data


def main():
    """Trains; scores are accuracies of the validation texts."""
    data, log = arguments()
    import keras
    from keras import layers

    (x_train, y_train), validation = load_data(data)
    words = keras.Input(shape=(None,), dtype="int32")
    x = layers.Embedding(20_000, 128)(words)
    x = layers.Bidirectional(layers.LSTM(64, return_sequences=True))(x)
    x = layers.Bidirectional(layers.LSTM(64))(x)
    model = keras.Model(words, layers.Dense(int(y_train.max()) + 1, activation="softmax")(x))
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(x_train, y_train, batch_size=32, epochs=2, validation_data=validation,
              callbacks=[after_each_epoch(lambda logs: log.score(logs["val_accuracy"]))])


if __name__ == "__main__":
    main()
