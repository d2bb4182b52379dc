"""Convolutional network that classifies images; MNIST digits by default.

    python launch.py --experiment=cnn

Pairs of 3x3 convolutions with batch normalization, dropout and small random shifts, turns and
zooms; fewer than 100,000 parameters. --help shows its scores.

Five convolutions up to 32x32 pixels, of any size; two more for each doubling of the sides beyond,
the first of them pooled. What they cost: docs/data.md

Transfer learning, digits 5-9 from 10 labels each: docs/transfer.md
"""

import dataclasses

from tfmodels import config


@dataclasses.dataclass(frozen=True)
class Config(config.ImageClassifier):
    """Settings of a convolutional classifier."""

    steps: int = config.field(4000)
    learning_rate: float = config.field(1e-2)
    weight_decay: float = config.field(0.05)


def build(settings):
    """Returns the task."""
    import keras

    from tfmodels.layers.augmentation import augmented
    from tfmodels.models.cnn import cnn
    from tfmodels.tasks.image_classification import image_classification
    from tfmodels.training.schedules import warmup_cosine

    data = settings.load("image", "label")
    model = cnn(data.image_shape, len(data.class_names), dropout=settings.dropout,
                seed=settings.seed)
    model.compile(
        optimizer=keras.optimizers.AdamW(warmup_cosine(settings.learning_rate, settings.steps),
                                         weight_decay=settings.weight_decay),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=[keras.metrics.SparseCategoricalAccuracy("accuracy")])
    return image_classification(model, data, prepare=augmented)
