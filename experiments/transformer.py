"""Transformer encoder (Vaswani et al. 2017) that classifies texts; Bible verses by default.

    python launch.py --experiment=transformer
"""

import dataclasses

import keras

from experiments import config
from tfmodels.data.load import load
from tfmodels.data.text import word_tokens
from tfmodels.tasks.text_classification import text_classification
from tfmodels.training.schedules import warmup_cosine
from tfmodels.transformer import transformer_classifier


@dataclasses.dataclass(frozen=True)
class Config(config.Config):
    """Settings of a Transformer encoder."""

    dataset: str = config.field("kjv_verses")
    steps: int = config.field(600)
    batch_size: int = config.field(256)
    learning_rate: float = config.field(4e-3)
    precision: str = config.field("float32")
    vocabulary_size: int = config.field(8000, "most words in the vocabulary", minimum=3)
    length: int = config.field(48, "words kept of each text", minimum=1)
    width: int = config.field(64, "numbers in a word's vector", minimum=4)
    depth: int = config.field(1, "encoder blocks", minimum=1, maximum=24)


def build(settings):
    """Returns the task."""
    data = load(settings.dataset, settings.data_dir, needs=("text", "label"))
    tokenize = word_tokens(data.splits["train"].arrays()["text"], settings.vocabulary_size,
                           settings.length)
    model = transformer_classifier(tokenize.vocabulary_size(), settings.length,
                                   len(data.class_names), width=settings.width,
                                   depth=settings.depth, seed=settings.seed)
    model.compile(
        optimizer=keras.optimizers.AdamW(warmup_cosine(settings.learning_rate, settings.steps)),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=[keras.metrics.SparseCategoricalAccuracy("accuracy")],
        jit_compile=False)
    return text_classification(model, tokenize, data, batch_size=settings.batch_size,
                               seed=settings.seed, memory_limit=settings.memory_limit << 20)
