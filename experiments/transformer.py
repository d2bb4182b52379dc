"""Transformer encoder (Vaswani et al. 2017) that classifies texts; Bible verses by default.

    python launch.py --experiment=transformer
    python launch.py --experiment=transformer --init_from=masked_lm/RUN --learning_rate=3e-3

On kjv_verses, seeds 0 to 2: 79.6, 80.1 and 79.7% of the test verses' genres; on the validation
verses 78.9, 78.7 and 78.4%. From a run of `masked_lm`, the second command: 79.7, 79.9 and 79.5%;
78.0, 78.2 and 77.7%. A linear SVM on TF-IDF of words and characters, tuned on the validation
verses, is ahead of both: 81.9 and 81.3%; the majority class is 22.6%. 4 minutes on 2 cores of an
Intel Xeon with AMX that had other work besides.

2 million weights, most of them the vectors of 12,600 cased words and punctuation marks. In training
three words of ten are hidden. The export takes raw strings. What `masked_lm` is worth with few
labels: python -m benchmarks.transfer --only=verses
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
