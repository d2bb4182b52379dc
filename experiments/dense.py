"""Dense network that classifies images; MNIST digits by default.

    python launch.py --experiment=dense

A multilayer perceptron of ReLU layers with dropout (Srivastava et al. 2014), trained by AdamW
under a warm-up and cosine schedule, on randomly shifted, turned and zoomed images. --help shows its
scores.

Images may have any size; those above 64x64 pixels are looked at with half the sides, above 128x128
with a quarter, so that the first layer does not grow with them.
"""

import dataclasses

from tfmodels import config


@dataclasses.dataclass(frozen=True)
class Config(config.ImageClassifier):
    """Settings of a dense classifier."""

    steps: int = config.field(2000)
    precision: str = config.field("float32")  # bfloat16 gains nothing at this size
    hidden_units: int = config.field(512, "units of each hidden layer", minimum=1)
    hidden_layers: int = config.field(2, "number of hidden layers", minimum=0, maximum=16)


def build(settings):
    """Returns the task."""
    import keras

    from tfmodels.layers.augmentation import augmented
    from tfmodels.models.dense import dense
    from tfmodels.tasks.image_classification import image_classification
    from tfmodels.training.schedules import warmup_cosine

    data = settings.load("image", "label")
    model = dense(data.image_shape, len(data.class_names),
                  widths=(settings.hidden_units,) * settings.hidden_layers,
                  dropout=settings.dropout, seed=settings.seed)
    model.compile(
        optimizer=keras.optimizers.AdamW(warmup_cosine(settings.learning_rate, settings.steps),
                                         weight_decay=settings.weight_decay),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=[keras.metrics.SparseCategoricalAccuracy("accuracy")])
    return image_classification(model, data, prepare=augmented)
