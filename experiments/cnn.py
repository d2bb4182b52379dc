"""Convolutional network that classifies images; MNIST digits by default.

    python launch.py --experiment=cnn

Pairs of 3x3 convolutions with batch normalization, dropout and small random shifts, turns and
zooms; fewer than 100,000 parameters. --help shows its scores.

Transfer learning, digits 5-9 from 10 labels each: docs/transfer.md
"""

import dataclasses

import keras

from tfmodels import config
from tfmodels.data.load import load
from tfmodels.layers.augmentation import augment
from tfmodels.models.cnn import cnn
from tfmodels.tasks.image_classification import image_classification
from tfmodels.training.schedules import warmup_cosine


@dataclasses.dataclass(frozen=True)
class Config(config.Labelled):
    """Settings of a convolutional classifier."""

    steps: int = config.field(1000)
    learning_rate: float = config.field(4e-3)
    weight_decay: float = config.field(0.01, "weight decay of AdamW per step, "
                                       "times the learning rate", minimum=0)
    dropout: float = config.field(0.2, "fraction of features dropped before the last layer",
                                  minimum=0, maximum=0.9)


def build(settings):
    """Returns the task."""
    data = load(settings.dataset, settings.data_dir, needs=("image", "label"),
                selection=settings.selection)
    model = cnn(data.image_shape, len(data.class_names), dropout=settings.dropout,
                seed=settings.seed)
    model.compile(
        optimizer=keras.optimizers.AdamW(warmup_cosine(settings.learning_rate, settings.steps),
                                         weight_decay=settings.weight_decay),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=[keras.metrics.SparseCategoricalAccuracy("accuracy")],
        jit_compile=False)  # XLA makes convolutions about six times slower on a CPU
    return image_classification(model, data, batch_size=settings.batch_size, seed=settings.seed,
                                memory_limit=settings.memory_limit << 20, augment=augment)
