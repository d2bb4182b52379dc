"""The settings of an experiment as a frozen dataclass whose fields become flags.

Imports no TensorFlow, so that `--help` answers at once. A field's default, meaning and limits
are written once: here for the settings every experiment has, in the experiment for its own.
"""

import dataclasses
import math

from tfmodels.data.selection import Selection
from tfmodels.errors import InputError, nearest


def field(default, help=None, *, minimum=None, above=None, maximum=None, choices=None):
    """Declares a setting.

    Args:
        default: its value when the flag is absent; its type is the field's annotation.
        help: meaning and unit; None keeps those (and the limits) of the base class's field.
        minimum, maximum: inclusive bounds of a number.
        above: exclusive lower bound of a number.
        choices: the allowed values of a string.
    """
    about = {} if help is None else {
        "help": help, "minimum": minimum, "above": above, "maximum": maximum, "choices": choices}
    return dataclasses.field(default=default, metadata=about)


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
    """Settings that the ensembles which classify texts share, so that they stand side by side."""

    dataset: str = field("kjv_verses")
    steps: int = field(500)
    batch_size: int = field(256)
    learning_rate: float = field(4e-3)
    precision: str = field("float32")  # bfloat16 gains nothing at this size
    vocabulary_size: int = field(12_000, "most words in the vocabulary", minimum=3, maximum=2**18)
    length: int = field(48, "words kept of each text", minimum=1)
    members: int = field(4, "networks side by side, whose probabilities are averaged", minimum=1,
                         maximum=64)
    token_dropout: float = field(0.5, "share of words hidden in training", minimum=0, maximum=0.9)
    dropout: float = field(0.4, "share of features dropped in training", minimum=0, maximum=0.9)
    label_smoothing: float = field(0.1, "share of the target spread over all classes", minimum=0,
                                   maximum=0.9)
    weight_decay: float = field(0.3, "share of a weight that AdamW takes away per step, times the "
                                "learning rate", minimum=0)


def about(config_class, name):
    """Returns the help and limits of a field, from the nearest class that states them."""
    for cls in config_class.__mro__:
        declared = cls.__dict__.get("__dataclass_fields__", {}).get(name)
        if declared is not None and declared.metadata:
            return declared.metadata
    raise TypeError(f"{config_class.__name__}.{name} has no help text")


def parse(kind, default, limits, text):
    """Turns a flag's text into a value of `kind` within `limits` (see `field`).

    Raises:
        ValueError: saying what was expected and the nearest valid value.
    """
    if kind is str:
        choices = limits["choices"]
        if choices and text not in choices:
            raise ValueError(f"expected one of {', '.join(choices)}{nearest(text, choices)}")
        return text
    try:
        value = kind(text)
    except (TypeError, ValueError):
        raise ValueError(f"expected {_expected(kind, limits)}") from None
    if not math.isfinite(value):
        raise ValueError(f"expected {_expected(kind, limits)}, finite")
    low, above, high = limits["minimum"], limits["above"], limits["maximum"]
    if above is not None and value <= above:
        raise ValueError(f"expected {_expected(kind, limits)}, such as {default:g}")
    if low is not None and value < low:
        raise ValueError(f"expected {_expected(kind, limits)}; the nearest valid value is {low}")
    if high is not None and value > high:
        raise ValueError(f"expected {_expected(kind, limits)}; the nearest valid value is {high}")
    return value


def from_values(config_class, values):
    """Makes a Config of a dict of values, each checked as if it came from its flag.

    Raises:
        InputError: a value is missing, unknown or not valid.
    """
    fields = {f.name: f for f in dataclasses.fields(config_class)}
    if fields.keys() != values.keys():
        odd = ", ".join(sorted(fields.keys() ^ values.keys()))
        raise InputError(f"these settings are missing or unknown: {odd}; the run was made by "
                         "another version of this package")
    checked = {}
    for name, f in fields.items():
        try:
            if type(values[name]) is not f.type:
                raise ValueError(f"expected {f.type.__name__}")
            checked[name] = values[name] if f.type is bool else parse(
                f.type, f.default, about(config_class, name), values[name])
        except ValueError as error:
            raise InputError(f"setting {name}={values[name]!r}: {error}") from None
    return config_class(**checked)


def _expected(kind, limits):
    """Returns a phrase such as `an integer of at least 1`."""
    phrase = {int: "an integer", float: "a number"}[kind]
    bounds = []
    if limits["minimum"] is not None:
        bounds.append(f"of at least {limits['minimum']}")
    if limits["above"] is not None:
        bounds.append(f"above {limits['above']}")
    if limits["maximum"] is not None:
        bounds.append(f"at most {limits['maximum']}")
    return " and ".join([f"{phrase} {bounds[0]}", *bounds[1:]]) if bounds else phrase


def listed(text):
    """Returns the parts of a text separated by commas, without the empty ones."""
    return tuple(part.strip() for part in text.split(",") if part.strip())


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
