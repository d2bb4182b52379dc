"""The settings that experiments share: each field becomes a flag. Imports no TensorFlow."""

import dataclasses

from tfmodels.config.fields import field, listed
from tfmodels.data.selection import Selection
from tfmodels.errors import InputError


@dataclasses.dataclass(frozen=True)
class Config:
    """Settings that every experiment has; an experiment overrides defaults and adds its own.

    Attributes:
        batch_of: what a batch counts. `windows` of a running text may be more than its examples.
    """

    batch_of = "examples"

    dataset: str = field("mnist_10k", "data set: an embedded one or any TFDS catalogue name")
    data_dir: str = field(
        "", "folder of prepared TFDS data sets (empty: $TFDS_DATA_DIR or ~/tensorflow_datasets)")
    steps: int = field(1000, "training steps in all", minimum=1)
    batch_size: int = field(128, "examples in a step", minimum=1)
    learning_rate: float = field(1e-3, "peak step size of the optimizer", above=0)
    seed: int = field(0, "decides weights, batches, augmentation and noise", minimum=0,
                      maximum=2**31 - 1)
    precision: str = field(
        "auto", "auto is mixed_bfloat16 where the hardware computes in it, else float32",
        choices=("auto", "float32", "mixed_bfloat16"))
    eval_every: int = field(250, "steps between validations with pictures", minimum=1)
    checkpoint_every: int = field(250, "steps between checkpoints", minimum=1)
    log_every: int = field(50, "steps between points of the training curves", minimum=1)
    init_from: str = field(
        "", "run that the layers of equal name and shapes start from: EXPERIMENT/RUN beside this "
        "one, or its folder")
    freeze: str = field(
        "", "layers that are not trained, by name, separated by commas; *, ? and [] are wildcards")
    memory_limit: int = field(
        2048, "MiB of decoded training data kept in memory; a larger split is streamed", minimum=0)


    def training_size(self, size):
        """Returns how many of `size` training examples are used at most."""
        return size


@dataclasses.dataclass(frozen=True)
class Labelled(Config):
    """Settings of an experiment that learns labels, which can do with a part of the data."""

    classes: str = field("", "classes to tell apart, by name, separated by commas (empty: all); "
                         "others are left out of every split")
    examples_per_class: int = field(
        0, "training examples of each class, chosen by the seed; 0 for all", minimum=0)
    train_examples: int = field(
        0, "training examples in all, chosen by the seed; 0 for all", minimum=0)

    @property
    def selection(self):
        """What `tfmodels.data.load` is to select."""
        return Selection(listed(self.classes), self.examples_per_class, self.train_examples,
                         self.seed)

    def training_size(self, size):
        """Returns how many of `size` training examples are used at most."""
        return self.selection.at_most(size)


@dataclasses.dataclass(frozen=True)
class TextClassifier(Labelled):
    """Settings that models which classify texts share, so that they stand side by side."""

    dataset: str = field("kjv_verses")
    steps: int = field(800)
    batch_size: int = field(128)
    learning_rate: float = field(1e-3)
    precision: str = field("float32")  # bfloat16 gains nothing at this size
    vocabulary_size: int = field(16_000, "most words in the vocabulary", minimum=3, maximum=2**18)
    length: int = field(48, "words kept of each text", minimum=1)
    token_dropout: float = field(0.3, "share of words hidden in training", minimum=0, maximum=0.9)
    dropout: float = field(0.2, "share of features dropped in training", minimum=0, maximum=0.9)
    label_smoothing: float = field(0.1, "share of the target spread over all classes", minimum=0,
                                   maximum=0.9)
    weight_decay: float = field(0.05, "share of a weight that AdamW takes away per step, times the "
                                "learning rate", minimum=0)


def check_batch_size(config, train_size):
    """Refuses a batch of more examples than the training split has.

    Raises:
        InputError: naming the nearest valid value.
    """
    if config.batch_of == "examples" and config.batch_size > train_size:
        raise InputError(
            f"flag --batch_size={config.batch_size}: expected 1 to {train_size:,}, the training "
            f"examples used of {config.dataset}; the nearest valid value is {train_size}")


def check_multiple(settings, name, of):
    """Refuses a setting that is not a multiple of another.

    Raises:
        InputError: naming the nearest valid value.
    """
    value, divisor = getattr(settings, name), getattr(settings, of)
    if value % divisor:
        raise InputError(f"flag --{name}={value}: expected a multiple of --{of}={divisor}; the "
                         f"nearest valid value is {max(1, round(value / divisor)) * divisor}")
