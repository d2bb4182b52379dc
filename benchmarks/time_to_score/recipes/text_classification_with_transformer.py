"""keras.io/examples/nlp/text_classification_with_transformer (Nandan 2020): one block, 2 epochs.

Words of 32 numbers, 2 heads, 32 units, dropout of a tenth; batches of 32, Adam. The page has two
classes, here there are as many as the labels have.
"""

from common import after_each_epoch, arguments
from imdb_words import load_data


def main():
    """Trains; scores are accuracies of the validation texts."""
    data, log = arguments()
    import keras
    from keras import layers, ops

    class TokenAndPositionEmbedding(layers.Layer):
        """Maps words [B, T] to vectors [B, T, D]."""

        def __init__(self, length, words, width):
            super().__init__()
            self.words = layers.Embedding(words, width)
            self.places = layers.Embedding(length, width)

        def call(self, words):
            return self.words(words) + self.places(ops.arange(ops.shape(words)[-1]))

    (x_train, y_train), validation = load_data(data)
    words = keras.Input(shape=(200,), dtype="int32")
    x = TokenAndPositionEmbedding(200, 20_000, 32)(words)
    attended = layers.Dropout(0.1)(layers.MultiHeadAttention(num_heads=2, key_dim=32)(x, x))
    x = layers.LayerNormalization(epsilon=1e-6)(x + attended)
    y = layers.Dense(32)(layers.Dense(32, activation="relu")(x))
    x = layers.LayerNormalization(epsilon=1e-6)(x + layers.Dropout(0.1)(y))
    x = layers.Dropout(0.1)(layers.GlobalAveragePooling1D()(x))
    x = layers.Dropout(0.1)(layers.Dense(20, activation="relu")(x))
    model = keras.Model(words, layers.Dense(int(y_train.max()) + 1, activation="softmax")(x))
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(x_train, y_train, batch_size=32, epochs=2, validation_data=validation,
              callbacks=[after_each_epoch(lambda logs: log.score(logs["val_accuracy"]))])


if __name__ == "__main__":
    main()
