"""Text to tokens, in one place, with vocabularies from the training split alone."""

import keras
import tensorflow as tf


def word_tokens(texts, vocabulary_size, length):
    """Makes the layer that cuts texts into lower-case words without punctuation.

    Args:
        texts: the training texts, a sequence of UTF-8 byte strings.
        vocabulary_size: most tokens, 0 (padding) and 1 (unknown word) included.
        length: tokens kept of each text; shorter ones are padded with 0.

    Returns:
        A Keras layer: string [B] -> int32 [B, length].
    """
    layer = keras.layers.TextVectorization(
        max_tokens=vocabulary_size, output_mode="int", output_sequence_length=length,
        name="word_tokens")
    layer.adapt(tf.data.Dataset.from_tensor_slices(list(texts)).batch(1024))
    return layer
