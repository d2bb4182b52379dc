"""Transformer encoder (Vaswani et al. 2017) that classifies texts; Bible verses by default.

    python launch.py --experiment=transformer

On kjv_verses: 82.1% of the test verses' genres, level with a linear SVM on TF-IDF of words and
characters, which names 81.9%; the majority class is 22.6%. 1.1 minutes on 2 cores of an AMD EPYC.
Seeds 0 to 2: 82.0, 82.5 and 81.9%; on the validation verses 81.4, 81.2 and 81.6%, the SVM 81.3%.

Four pre-norm encoders side by side, trained on the same batches and sharing nothing; their
probabilities are averaged, which is worth about 1.5 points: one alone (--members=1) names 79 to 80%
of the validation verses. They read vectors of words, character n-grams and word pairs, and in
training half of the words are hidden from each. The export takes raw strings.

With 1,000 labels and one member it starts better from `masked_lm`, by --init_from: 63.5% against
59.6% from scratch, better in each of 5 seeds (the SVM 61.1%): python -m benchmarks.transfer
--only=verses
"""

import dataclasses

from tfmodels import config


@dataclasses.dataclass(frozen=True)
class Config(config.TextClassifier):
    """Settings of a Transformer encoder, beside those of `config.TextClassifier`."""

    width: int = config.field(128, "numbers in a word's vector; a multiple of heads", minimum=1)
    depth: int = config.field(2, "encoder blocks", minimum=1, maximum=24)
    heads: int = config.field(4, "attention heads of a block", minimum=1)


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
    tokenize = word_tokens(data.unlabelled.arrays()["text"], settings.vocabulary_size,
                           settings.length)
    model = transformer_classifier(
        tokenize.vocabulary_size(), settings.length, len(data.class_names), settings.width,
        settings.depth, settings.heads, settings.dropout, settings.token_dropout)
    model.compile(
        optimizer=keras.optimizers.AdamW(warmup_cosine(settings.learning_rate, settings.steps),
                                         weight_decay=settings.weight_decay),
        loss=SmoothedCrossentropy(settings.label_smoothing),
        metrics=[keras.metrics.SparseCategoricalAccuracy("accuracy")])
    return text_classification(model, tokenize, data, attention=attention_model(model))
