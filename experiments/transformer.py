"""Transformer encoder (Vaswani et al. 2017) that classifies texts; Bible verses by default.

    python launch.py --experiment=transformer
    python launch.py --experiment=transformer --init_from=masked_lm/RUN --learning_rate=3e-3

On kjv_verses, seeds 0 to 2: 79.9, 80.7 and 79.7% of the test verses' genres; by the second
command, from a run of `masked_lm`, 79.2, 79.5 and 78.7%, so it gains nothing there. A linear SVM on
TF-IDF of words and characters, tuned on the validation split, is ahead of both: 81.9%.

In training three tokens of ten are hidden. The export takes raw strings.
"""

import dataclasses

from tfmodels import config


@dataclasses.dataclass(frozen=True)
class Config(config.TextEncoder, config.TextClassifier):
    """Settings of a Transformer encoder that classifies."""


def build(settings):
    """Returns the task."""
    import keras

    from tfmodels.layers.attention import attention_model
    from tfmodels.models.transformer import transformer_classifier
    from tfmodels.tasks.text_classification import text_classification
    from tfmodels.tokens.words import word_tokens
    from tfmodels.training.losses import SmoothedCrossentropy
    from tfmodels.training.schedules import warmup_cosine

    config.check_multiple(settings, "width", "heads")
    data = settings.load("text", "label")
    tokenize = word_tokens(data.unlabelled.texts(), settings.vocabulary_size, settings.length)
    model = transformer_classifier(
        tokenize.vocabulary_size(), settings.length, len(data.class_names), settings.width,
        settings.depth, settings.heads, settings.dropout, settings.token_dropout)
    model.compile(
        optimizer=keras.optimizers.AdamW(warmup_cosine(settings.learning_rate, settings.steps),
                                         weight_decay=settings.weight_decay),
        loss=SmoothedCrossentropy(settings.label_smoothing),
        metrics=[keras.metrics.SparseCategoricalAccuracy("accuracy")])
    return text_classification(model, tokenize, data, attention=attention_model(model))
