"""Labelled texts as `keras.datasets.imdb` gives them: each a row of word numbers, and its class."""

_VOCABULARY = 20_000  # num_words
_LENGTH = 200  # maxlen


def load_data(data):
    """Returns (x_train, y_train), (x_validation, y_validation): int32 [N, 200] and int [N].

    The most frequent words count, without case and punctuation; shorter texts have zeros in front,
    longer ones keep their last words, as `pad_sequences` leaves them. Those data are words already;
    here the words are told apart by Keras' layer for it.

    Args:
        data: {"x_train": list of str, "y_train": list of int, and so of validation}.
    """
    import keras
    import numpy as np
    words = keras.layers.TextVectorization(max_tokens=_VOCABULARY, ragged=True)
    words.adapt(data["x_train"])

    def prepared(part):
        rows = words(np.array(data[f"x_{part}"])).to_list()
        return keras.utils.pad_sequences(rows, maxlen=_LENGTH), np.array(data[f"y_{part}"])
    return prepared("train"), prepared("validation")
