"""Where a token stands in its text, for layers that do not read in order.

Shapes: B batch, T tokens, D width, C context.
"""

import keras
from keras import layers, ops


@keras.saving.register_keras_serializable("tfmodels")
class Positions(layers.Layer):
    """Adds a learned vector per position.

    Args:
        context: most positions, C.
        initializer: of the table [C, D].

    Input shape, output shape:
        float [B, T, D], T at most C.
    """

    def __init__(self, context, initializer="zeros", **kwargs):
        super().__init__(**kwargs)
        self.context = context
        self._initializer = keras.initializers.get(initializer)

    def build(self, input_shape):
        """Creates the table."""
        self.table = self.add_weight((self.context, input_shape[-1]), self._initializer,
                                     name="table")

    def call(self, x):
        """Maps vectors [B, T, D] to vectors [B, T, D]."""
        if x.shape[1] is not None and x.shape[1] > self.context:
            raise ValueError(f"expected at most {self.context} tokens, got {x.shape[1]}")
        return x + ops.convert_to_tensor(self.table)[:ops.shape(x)[1]]

    def get_config(self):
        """Returns the arguments, for saving."""
        return {**super().get_config(), "context": self.context,
                "initializer": keras.initializers.serialize(self._initializer)}
