"""keras.io/examples/nlp/neural_machine_translation_with_transformer (Chollet 2021): 30 epochs.

One block of an encoder and one of a decoder: vectors of 256, 8 heads of 256, 2,048 units, dropout
of a half before 15,000 words; texts of 20 words, in lower case and without punctuation; batches of
64, RMSprop. The page trains for one epoch and says that it should be at least 30.

After each epoch the validation texts are translated as the page does it, the likeliest word each
time, while the clock stands still; unknown words are left out, in its favour.
"""

import re
import string

from common import after_each_epoch, arguments

_EPOCHS, _BATCH, _WORDS, _LENGTH = 30, 64, 15_000, 20
_WIDTH, _UNITS, _HEADS = 256, 2048, 8


def main():
    """Trains; writes {source: translation} of the validation texts after each epoch."""
    data, log = arguments()
    import keras
    import numpy as np
    import tensorflow as tf
    from keras import layers, ops

    class PositionalEmbedding(layers.Layer):
        """Maps words [B, T] to vectors [B, T, D]."""

        def __init__(self):
            super().__init__()
            self.words = layers.Embedding(_WORDS, _WIDTH)
            self.places = layers.Embedding(_LENGTH, _WIDTH)

        def call(self, words):
            return self.words(words) + self.places(ops.arange(ops.shape(words)[-1]))

    stripped = "".join(set(string.punctuation + "¿") - set("[]"))

    def standardized(texts):
        return tf.strings.regex_replace(tf.strings.lower(texts, "utf-8"),
                                        f"[{re.escape(stripped)}]", "")
    sources = layers.TextVectorization(_WORDS, output_sequence_length=_LENGTH)
    targets = layers.TextVectorization(_WORDS, output_sequence_length=_LENGTH + 1,
                                       standardize=standardized)

    def marked(part):
        return [f"[start] {text} [end]" for text in data[f"y_{part}"]]
    sources.adapt(data["x_train"])
    targets.adapt(marked("train"))

    def dataset(part):
        def prepare(source, target):
            words = targets(target)
            return (sources(source), words[:, :-1]), words[:, 1:]
        pairs = tf.data.Dataset.from_tensor_slices((data[f"x_{part}"], marked(part)))
        return pairs.batch(_BATCH).map(prepare).cache().shuffle(2048).prefetch(16)

    def attend(x, to, **masks):
        attended = layers.MultiHeadAttention(_HEADS, key_dim=_WIDTH)(x, to, **masks)
        return layers.LayerNormalization()(x + attended)

    def dense(x):
        y = layers.Dense(_WIDTH)(layers.Dense(_UNITS, activation="relu")(x))
        return layers.LayerNormalization()(x + y)
    source, target = (keras.Input([None], dtype="int64") for _ in range(2))
    words = ops.not_equal(source, 0)[:, None]  # [B, 1, T], the others are padding
    x = PositionalEmbedding()(source)
    encoded = dense(attend(x, x, attention_mask=words))
    x = PositionalEmbedding()(target)
    x = attend(x, x, use_causal_mask=True)
    x = layers.Dropout(0.5)(dense(attend(x, encoded, attention_mask=words)))
    model = keras.Model([source, target], layers.Dense(_WORDS, activation="softmax")(x))
    model.compile("rmsprop", loss=keras.losses.SparseCategoricalCrossentropy(ignore_class=0),
                  metrics=["accuracy"])
    vocabulary = targets.get_vocabulary()
    start, end = map(vocabulary.index, ("[start]", "[end]"))
    texts = list(dict.fromkeys(data["x_validation"]))

    def translations():
        return {text: translation for first in range(0, len(texts), _BATCH)
                for text, translation in translated(texts[first:first + _BATCH])}

    def translated(some):
        read = sources(some)
        rows = np.zeros([len(some), _LENGTH + 1], np.int64)
        rows[:, 0] = start
        for place in range(_LENGTH):
            likely = model.predict_on_batch([read, rows[:, :-1]])[:, place]
            rows[:, place + 1] = likely[:, :len(vocabulary)].argmax(-1)
            if (rows == end).any(1).all():
                break
        for text, row in zip(some, rows.tolist(), strict=True):
            written = row[1:row.index(end)] if end in row else row[1:]
            yield text, " ".join(vocabulary[word] for word in written if word > 1)
    model.fit(dataset("train"), epochs=_EPOCHS, validation_data=dataset("validation"),
              callbacks=[after_each_epoch(lambda _: log.to_score(translations))])


if __name__ == "__main__":
    main()
