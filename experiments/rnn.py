"""Bidirectional LSTM (Schuster & Paliwal 1997) that classifies texts; Bible verses by default.

    python launch.py --experiment=rnn

The page of `transformer` with recurrence in the place of attention: the same words and punctuation
marks, the same hidden ones, the mean of what is read both ways. The export takes raw strings.
"""

import dataclasses

from tfmodels import config


@dataclasses.dataclass(frozen=True)
class Config(config.TextClassifier):
    """Settings of a bidirectional LSTM, beside those of `config.TextClassifier`."""

    learning_rate: float = config.field(3e-3)
    width: int = config.field(128, "dimension of a token's vector", minimum=1)
    units: int = config.field(128, "LSTM units of each direction", minimum=1)
    depth: int = config.field(1, "LSTM layers", minimum=1, maximum=24)


def build(settings):
    """Returns the task."""
    import keras

    from tfmodels.models.rnn import bidirectional_lstm
    from tfmodels.tasks.text_classification import text_classification
    from tfmodels.tokens.words import word_tokens
    from tfmodels.training.losses import SmoothedCrossentropy
    from tfmodels.training.schedules import warmup_cosine

    data = settings.load("text", "label")
    tokenize = word_tokens(data.unlabelled.texts(), settings.vocabulary_size, settings.length)
    model = bidirectional_lstm(
        tokenize.vocabulary_size(), len(data.class_names), settings.width, settings.units,
        settings.depth, settings.dropout, settings.token_dropout)
    model.compile(
        optimizer=keras.optimizers.AdamW(warmup_cosine(settings.learning_rate, settings.steps),
                                         weight_decay=settings.weight_decay),
        loss=SmoothedCrossentropy(settings.label_smoothing),
        metrics=[keras.metrics.SparseCategoricalAccuracy("accuracy")])
    return text_classification(model, tokenize, data)
