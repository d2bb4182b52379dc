"""The miniature GPT of keras.io's text_generation_with_miniature_gpt.py, with the page's network.

The example's own layers and input pipeline; the network is the page's: normalized before each
sub-layer, with narrow heads, and with logits from the table of token vectors.
"""

import keras
import numpy as np
import tensorflow as tf
from keras import layers, ops

from tfmodels.data.sources import joiner
from tfmodels.layers.attention import SelfAttention
from tfmodels.models.gpt import EPSILON, gelu_tanh

_TEXTS = 1024  # encoded at a time


def token_stream(task):
    """Returns the running text that a task of a language model trains on, int32 [N]."""
    texts = task.data.splits["train"].arrays()["text"]
    join = joiner(task.tables[0])
    return np.concatenate([join(tf.constant(texts[first:first + _TEXTS])).numpy()
                           for first in range(0, len(texts), _TEXTS)])


def windows_of(task):
    """Returns every window that the task of a `gpt` trains on, int32 [N, T + 1], a view."""
    length = task.model.get_layer("positions").context + 1
    return np.lib.stride_tricks.sliding_window_view(token_stream(task), length)


def feed(windows, batch_size):
    """Returns the arguments of `fit` on windows [N, T + 1]."""
    dataset = tf.data.Dataset.from_tensor_slices(windows).shuffle(buffer_size=256)
    dataset = dataset.batch(batch_size).map(lambda text: (text[:, :-1], text[:, 1:]),
                                            num_parallel_calls=tf.data.AUTOTUNE)
    return {"x": dataset.prefetch(buffer_size=tf.data.AUTOTUNE)}


def miniature_gpt(page):
    """Returns the network of the page's model, with its weights, of stock layers.

    Args:
        page: made by `tfmodels.models.gpt.gpt`.
    """
    embed, context = page.get_layer("tokens"), page.get_layer("positions").context
    rate = next(layer.rate for layer in page.layers if isinstance(layer, layers.Dropout))
    tokens = keras.Input([context], dtype="int32")
    embedding = TokenAndPositionEmbedding(context, embed.input_dim, embed.output_dim,
                                          name="embedding")
    x = layers.Dropout(rate)(embedding(tokens))
    for layer in page.layers:
        if isinstance(layer, SelfAttention):
            name = layer.name.removesuffix("_attention")
            x = TransformerBlock(embed.output_dim, layer.heads, rate, gelu_tanh, EPSILON, rate,
                                 name=name)(x)
    x = layers.LayerNormalization(epsilon=EPSILON, name="final_norm")(x)
    model = keras.Model(tokens, embedding.token_emb(x, reverse=True))
    for theirs, ours in _pairs(model, page):
        if isinstance(theirs, layers.MultiHeadAttention):
            set_attention(theirs, ours)
        else:
            theirs.set_weights(ours.get_weights())
    return model


class TokenAndPositionEmbedding(layers.Layer):
    """The example's layer."""

    def __init__(self, maxlen, vocab_size, embed_dim, **kwargs):
        super().__init__(**kwargs)
        self.token_emb = layers.ReversibleEmbedding(vocab_size, embed_dim)
        self.pos_emb = layers.Embedding(maxlen, embed_dim)

    def call(self, x):
        """Maps tokens [B, T] to vectors [B, T, D]."""
        return self.token_emb(x) + self.pos_emb(ops.arange(ops.shape(x)[-1]))


class TransformerBlock(layers.Layer):
    """The example's block, normalized before each sub-layer."""

    def __init__(self, embed_dim, num_heads, rate, activation, epsilon, attention_rate, **kwargs):
        super().__init__(**kwargs)
        self.att = layers.MultiHeadAttention(num_heads, embed_dim // num_heads,
                                             dropout=attention_rate)
        self.expand = layers.Dense(4 * embed_dim, activation)
        self.contract = layers.Dense(embed_dim)
        self.layernorm1 = layers.LayerNormalization(epsilon=epsilon)
        self.layernorm2 = layers.LayerNormalization(epsilon=epsilon)
        self.dropout1 = layers.Dropout(rate)
        self.dropout2 = layers.Dropout(rate)

    def parts(self):
        """Returns the layers with weights by the end of the name of the page's layer."""
        return {"attention": self.att, "attention_norm": self.layernorm1,
                "mlp_norm": self.layernorm2, "expand": self.expand, "contract": self.contract}

    def call(self, x, mask=None):
        """Maps vectors [B, T, D] to vectors [B, T, D]; the mask is the causal one unless given."""
        batch, length, _ = ops.shape(x)
        if mask is None:
            mask = causal_attention_mask(batch, length, length, "bool")
        y = self.layernorm1(x)
        x = x + self.dropout1(self.att(y, y, attention_mask=mask))
        return x + self.dropout2(self.contract(self.expand(self.layernorm2(x))))


def causal_attention_mask(batch_size, n_dest, n_src, dtype):
    """The example's mask: 1 in the lower triangle, counting from the lower right corner."""
    i = ops.arange(n_dest)[:, None]
    j = ops.arange(n_src)
    mask = ops.reshape(ops.cast(i >= j - n_src + n_dest, dtype), [1, n_dest, n_src])
    return ops.tile(mask, [batch_size, 1, 1])


class InPage:
    """The trained weights in the order of the page's model.

    Args:
        model: made by `miniature_gpt`.
        page: the model it was made of.
    """

    def __init__(self, model, page):
        self._model, self._page = model, page

    def get_weights(self):
        """Writes the weights to the page's model and returns them."""
        for theirs, ours in _pairs(self._model, self._page):
            if isinstance(theirs, layers.MultiHeadAttention):
                ours.set_weights(attention_weights(theirs))
            else:
                ours.set_weights(theirs.get_weights())
        return self._page.get_weights()


def _pairs(model, page):
    """Yields (layer, the page's layer) of equal weights."""
    embedding = model.get_layer("embedding")
    yield embedding.token_emb, page.get_layer("tokens")
    yield embedding.pos_emb, page.get_layer("positions")
    yield model.get_layer("final_norm"), page.get_layer("final_norm")
    blocks = [layer for layer in model.layers if isinstance(layer, TransformerBlock)]
    for block in blocks:
        for name, part in block.parts().items():
            yield part, page.get_layer(f"{block.name}_{name}")


def set_attention(attention, page):
    """Sets the four projections, [D, H, D / H] and [H, D / H, D], from the page's two."""
    project, project_bias, combine, combine_bias = page.get_weights()
    width = len(project)
    heads = attention.num_heads, width // attention.num_heads
    attention.set_weights([
        value for kernel, bias in zip(np.split(project, 3, 1), np.split(project_bias, 3),
                                      strict=True)
        for value in (kernel.reshape(width, *heads), bias.reshape(heads))
    ] + [combine.reshape(*heads, width), combine_bias])


def attention_weights(attention):
    """Returns the weights of the page's layer: the inverse of `set_attention`."""
    *parts, combine, combine_bias = attention.get_weights()
    width = len(combine_bias)
    return [np.concatenate([kernel.reshape(width, width) for kernel in parts[::2]], 1),
            np.concatenate([bias.reshape(width) for bias in parts[1::2]]),
            combine.reshape(width, width), combine_bias]
