"""Dense network that classifies images; MNIST digits by default. It predicts from tables too.

    python launch.py --experiment=dense
    python launch.py --experiment=dense --dataset=~/houses.csv --label_column=price

A multilayer perceptron of ReLU layers with dropout (Srivastava et al. 2014), trained by AdamW
under a warm-up and cosine schedule, on randomly shifted, turned and zoomed images. Of a table it
takes numbers and categories as they are, and learns a class or a number. --help shows its scores.

Images may have any size; those above 64x64 pixels are looked at with half the sides, above 128x128
with a quarter, so that the first layer does not grow with them.
"""

import dataclasses

from tfmodels import config


@dataclasses.dataclass(frozen=True)
class Config(config.ImageClassifier):
    """Settings of a dense network."""

    steps: int = config.field(2000)
    precision: str = config.field("float32")  # bfloat16 gains nothing at this size
    hidden_units: int = config.field(512, "units of each hidden layer", minimum=1)
    hidden_layers: int = config.field(2, "number of hidden layers", minimum=0, maximum=16)
    target: str = config.field("auto", "what the label of a table is: a number, a class, or as its "
                               "values tell", choices=("auto", "number", "class"),
                               added_later=True)

    of_tables = {"steps": 600, "hidden_units": 128, "weight_decay": 4.0}


def build(settings):
    """Returns the task."""
    import keras

    from tfmodels.data.table_statistics import statistics
    from tfmodels.layers.augmentation import augmented
    from tfmodels.models.dense import dense
    from tfmodels.models.tabular import tabular
    from tfmodels.tasks.image_classification import image_classification
    from tfmodels.tasks.table_prediction import table_prediction
    from tfmodels.training.schedules import warmup_cosine

    data = settings.load("image", "label", tables=True)
    size = {"widths": (settings.hidden_units,) * settings.hidden_layers,
            "dropout": settings.dropout, "seed": settings.seed}
    table = statistics(data.splits["train"], data.columns) if data.columns else None
    model = (tabular(table, len(data.class_names) or 1, **size) if table
             else dense(data.image_shape, len(data.class_names), **size))
    model.compile(
        optimizer=keras.optimizers.AdamW(warmup_cosine(settings.learning_rate, settings.steps),
                                         weight_decay=settings.weight_decay),
        loss=(keras.losses.SparseCategoricalCrossentropy(from_logits=True) if data.class_names
              else keras.losses.MeanSquaredError()),
        metrics=[keras.metrics.SparseCategoricalAccuracy("accuracy")] if data.class_names else [])
    return (table_prediction(model, table, data) if table
            else image_classification(model, data, prepare=augmented))
