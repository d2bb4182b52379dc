"""Losses that Keras does not have."""

import keras
from keras import ops


@keras.saving.register_keras_serializable("tfmodels")
class SmoothedCrossentropy(keras.losses.Loss):
    """Cross-entropy in nats against smoothed targets (Szegedy et al. 2016, section 7).

    A class gets (1 - smoothing) if it is the label, plus smoothing / classes; with smoothing 0
    this is Keras' SparseCategoricalCrossentropy of logits.

    Args:
        smoothing: fraction of the probability spread over all classes, in [0, 1).
        kwargs: of `keras.losses.Loss`, such as reduction="mean_with_sample_weight" for sequences,
            where weights of 0 leave padding out.
    """

    def __init__(self, smoothing, name="smoothed_crossentropy", **kwargs):
        super().__init__(name=name, **kwargs)
        self.smoothing = smoothing

    def call(self, y_true, y_pred):
        """Returns one loss per label, [B] or [B, T], for logits float [..., classes]."""
        log_probabilities = ops.log_softmax(y_pred)
        labels = ops.cast(ops.reshape(y_true, (*ops.shape(y_pred)[:-1], 1)), "int32")
        of_label = ops.take_along_axis(log_probabilities, labels, axis=-1)[..., 0]
        return -((1 - self.smoothing) * of_label
                 + self.smoothing * ops.mean(log_probabilities, axis=-1))

    def get_config(self):
        """Returns the arguments, for saving."""
        return super().get_config() | {"smoothing": self.smoothing}
