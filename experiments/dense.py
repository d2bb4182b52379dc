"""Dense network that classifies images; MNIST digits by default.

    python launch.py --experiment=dense

A multilayer perceptron of ReLU layers with dropout (Srivastava et al. 2014), trained by AdamW
under a warm-up and cosine schedule, on randomly shifted, turned and zoomed images. --help shows its
scores.
"""

import dataclasses

import keras

from tfmodels import config
from tfmodels.data.load import load
from tfmodels.layers.augmentation import augment
from tfmodels.models.dense import dense
from tfmodels.tasks.image_classification import image_classification
from tfmodels.training.schedules import warmup_cosine


@dataclasses.dataclass(frozen=True)
class Config(config.Labelled):
    """Settings of a dense classifier."""

    steps: int = config.field(2000)
    precision: str = config.field("float32")  # bfloat16 gains nothing at this size
    hidden_units: int = config.field(512, "units of each hidden layer", minimum=1)
    hidden_layers: int = config.field(2, "number of hidden layers", minimum=0, maximum=16)
    weight_decay: float = config.field(0.01, "weight decay of AdamW per step, "
                                       "times the learning rate", minimum=0)
    dropout: float = config.field(0.2, "fraction of hidden units dropped in training", minimum=0,
                                  maximum=0.9)


def build(settings):
    """Returns the task."""
    data = load(settings.dataset, settings.data_dir, needs=("image", "label"),
                selection=settings.selection)
    model = dense(data.image_shape, len(data.class_names),
                  widths=(settings.hidden_units,) * settings.hidden_layers,
                  dropout=settings.dropout, seed=settings.seed)
    model.compile(
        optimizer=keras.optimizers.AdamW(warmup_cosine(settings.learning_rate, settings.steps),
                                         weight_decay=settings.weight_decay),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=[keras.metrics.SparseCategoricalAccuracy("accuracy")],
        jit_compile=False)  # XLA on the optimizer's update alone is faster
    return image_classification(model, data, batch_size=settings.batch_size, seed=settings.seed,
                                memory_limit=settings.memory_limit << 20, augment=augment)
