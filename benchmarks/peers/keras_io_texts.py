"""The page `transformer`, of the layers of keras.io's text_classification_with_transformer.py.

The network is the page's: normalized before each sub-layer, padding masked, words hidden at random,
for which Keras has no layer.
"""

import keras
from keras import layers, ops

from benchmarks.peers.keras_io_gpt import (
    TokenAndPositionEmbedding,
    TransformerBlock,
    attention_weights,
    set_attention,
)
from tfmodels.layers.attention import attention_layers
from tfmodels.layers.pooling import mean_of_tokens
from tfmodels.layers.token_dropout import TokenDropout


class TextClassifier:
    """The network and where its weights belong.

    Args:
        page: made by `tfmodels.models.transformer.transformer_classifier`.

    Attributes:
        model: the network of the page's model, with its weights, of stock layers.
    """

    def __init__(self, page):
        self._page, layer = page, page.get_layer
        embed, context = layer("tokens"), layer("positions").context
        rate = next(each.rate for each in page.layers if isinstance(each, layers.Dropout))
        tokens = keras.Input([context], dtype="int32")
        seen = TokenDropout(layer("token_dropout").rate)(tokens)
        readable = ops.not_equal(seen, 0)[:, None]  # [B, 1, T]
        embedding = TokenAndPositionEmbedding(context, embed.input_dim, embed.output_dim)
        x = layers.Dropout(rate)(embedding(seen))
        self._pairs = [(embedding.token_emb, embed), (embedding.pos_emb, layer("positions"))]
        for ours in attention_layers(page):
            name = ours.name.removesuffix("_attention")
            block = TransformerBlock(embed.output_dim, ours.heads, rate, "relu", 1e-3, 0.0)
            x = block(x, readable)
            self._pairs += [(part, layer(f"{name}_{which}"))
                            for which, part in block.parts().items()]
        norm = layers.LayerNormalization()
        # GlobalAveragePooling1D would divide by 0 where all words of a text are hidden.
        x = layers.Dropout(rate)(mean_of_tokens(norm(x), seen))
        classify = layers.Dense(page.output_shape[-1])
        self.model = keras.Model(tokens, classify(x))
        self._pairs += [(norm, layer("encoder_norm")), (classify, layer("logits"))]
        for theirs, ours in self._pairs:
            if isinstance(theirs, layers.MultiHeadAttention):
                set_attention(theirs, ours)
            else:
                theirs.set_weights(ours.get_weights())

    def get_weights(self):
        """Writes the weights to the page's model and returns them, in its order."""
        for theirs, ours in self._pairs:
            ours.set_weights(attention_weights(theirs) if isinstance(
                theirs, layers.MultiHeadAttention) else theirs.get_weights())
        return self._page.get_weights()
