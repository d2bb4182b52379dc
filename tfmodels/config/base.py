"""The settings that experiments share: each field becomes a flag. Imports no TensorFlow.

A family of experiments has a class of its own; what several families have, such as dropout, is a
class to add to theirs. A page overrides defaults.
"""

import dataclasses

from tfmodels.config.fields import field, listed
from tfmodels.config.own_files import Images, LabelColumn, Pairs, Texts
from tfmodels.data import catalog
from tfmodels.data.own.reading import Reading
from tfmodels.data.selection import Selection
from tfmodels.errors import SettingError

# What experiments do, in the order in which they are listed; a page may name one of its own.
GROUPS = ("classify", "generate images", "write text", "represent")


@dataclasses.dataclass(frozen=True)
class Config:
    """Settings that every experiment has; an experiment overrides defaults and adds its own.

    Attributes:
        group: what it does, one of GROUPS, under which it is listed.
        batch_of: what a batch counts. `windows` of a running text may be more than its examples.
        jit_compile: whether XLA compiles the training step. On a processor it makes convolutions
            about six times slower, and small networks faster only now and then.
        selection: which examples `load` is to select, all if None.
        of_tables: {setting: its default where the data set is a table of numbers and categories}.
    """

    group = "other"
    batch_of = "examples"
    jit_compile = False
    selection = None
    of_tables = {}

    dataset: str = field("mnist_10k", "data set: an embedded one, any TFDS catalogue name, or the "
                         "path of your own files (docs/data.md)")
    data_dir: str = field(
        "", "folder of prepared TFDS data sets (empty: $TFDS_DATA_DIR or ~/tensorflow_datasets)")
    steps: int = field(1000, "training steps in all", minimum=1, maximum=10**9)
    minutes: float = field(0.0, "in the place of steps: as many as fit into this time here, from "
                           "start to score; 0 for none", minimum=0, maximum=100_000,
                           added_later=True)
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
    keep_best: str = field(
        "", "score of the validation split, such as accuracy or loss: the state where it was best "
        "is exported (empty: the last state)", added_later=True)
    patience: int = field(0, "validations in a row without a better --keep_best after which "
                          "training ends; 0 for never", minimum=0, added_later=True)
    init_from: str = field(
        "", "run that the layers of equal name and shapes start from: EXPERIMENT/RUN beside this "
        "one, or its folder", run=True)
    freeze: str = field(
        "", "layers that are not trained, by name, separated by commas; *, ? and [] are wildcards")
    memory_limit: int = field(
        catalog.MEMORY_LIMIT, "MiB of decoded data of a split kept in memory; of a larger one "
        "training is streamed", minimum=0)

    split: str = field("0.8,0.1,0.1", "fractions of your own files for train, validation and test, "
                       "where they are in no folders of these names", added_later=True)
    strict: bool = field(False, "whether one of your own files that cannot be read is an error, "
                         "rather than left out and named", added_later=True)

    def load(self, *needs, wants=(), tables=False):
        """Opens the data set and checks that each example has what is needed.

        Args:
            needs, wants, tables: as of `tfmodels.data.load.load`.

        Returns:
            A `Dataset`.
        """
        from tfmodels.data.load import load
        return load(self.dataset, self.data_dir, needs, wants, selection=self.selection,
                    memory_limit=self.memory_limit << 20, reading=Reading.of(self), tables=tables)

    def training_size(self, size):
        """Returns how many of `size` training examples are used at most."""
        return size


@dataclasses.dataclass(frozen=True)
class Dropout:
    """Settings of networks with dropout."""

    dropout: float = field(0.0, "fraction of features dropped in training", minimum=0, maximum=0.9)


@dataclasses.dataclass(frozen=True)
class WeightDecay:
    """Settings of AdamW."""

    weight_decay: float = field(0.01, "weight decay of AdamW: the fraction of a weight taken away "
                                "per step, times the learning rate", minimum=0)


@dataclasses.dataclass(frozen=True)
class Averaged:
    """Settings of generators that are sampled from an average of their weights."""

    ema: float = field(0.999, "decay per step of the exponential moving average of weights that is "
                       "sampled", minimum=0, maximum=0.99999)


@dataclasses.dataclass(frozen=True)
class Labelled(LabelColumn, Config):
    """Settings of an experiment that learns labels, which can do with a part of the data."""

    group = "classify"

    classes: str = field("", "classes to tell apart, by name, separated by commas (empty: all); "
                         "others are left out of every split")
    examples_per_class: int = field(
        0, "training examples of each class, chosen by the seed; 0 for all", minimum=0)
    train_examples: int = field(
        0, "training examples in all, chosen by the seed; 0 for all", minimum=0)

    @property
    def selection(self):
        """What `load` is to select."""
        return Selection(listed(self.classes), self.examples_per_class, self.train_examples,
                         self.seed)

    def training_size(self, size):
        """Returns how many of `size` training examples are used at most."""
        return self.selection.at_most(size)


@dataclasses.dataclass(frozen=True)
class ImageClassifier(Dropout, WeightDecay, Images, Labelled):
    """Settings that the classifiers of images share."""

    dropout: float = field(0.2)


@dataclasses.dataclass(frozen=True)
class WordTokens:
    """Settings of models that read words and punctuation marks."""

    vocabulary_size: int = field(16_000, "most words and marks in the vocabulary", minimum=3,
                                 maximum=2**18)
    length: int = field(56, "words and marks kept of each text", minimum=1)


@dataclasses.dataclass(frozen=True)
class TextEncoder(WordTokens):
    """Settings of Transformer encoders; equal ones pass their layers on by `init_from`."""

    width: int = field(128, "dimension of a token's vector; a multiple of heads", minimum=1)
    depth: int = field(2, "encoder blocks", minimum=1, maximum=24)
    heads: int = field(4, "attention heads of a block", minimum=1)


@dataclasses.dataclass(frozen=True)
class TextClassifier(Dropout, WeightDecay, WordTokens, Texts, Labelled):
    """Settings that models which classify texts share, so that they stand side by side."""

    dataset: str = field("kjv_verses")
    steps: int = field(800)
    learning_rate: float = field(1e-3)
    precision: str = field("float32")  # bfloat16 gains nothing at this size
    token_dropout: float = field(0.3, "fraction of the tokens hidden in training", minimum=0,
                                 maximum=0.9)
    dropout: float = field(0.2)
    label_smoothing: float = field(0.1, "fraction of the target spread over all classes", minimum=0,
                                   maximum=0.9)
    weight_decay: float = field(0.05)


@dataclasses.dataclass(frozen=True)
class Adversarial(Averaged, Images, Config):
    """Settings that generators trained against another network share."""

    group = "generate images"

    latent_size: int = field(16, "dimension of a latent vector", minimum=1)
    generator_width: int = field(48, "channels of the generator at half resolution", minimum=1)
    on_collapse: str = field(
        "warn", "when samples collapse, a gradient vanishes, the discriminator saturates or the "
        "critic is flat or too steep: log and go on, leave with code 4, or go back to the last "
        "checkpoint and draw other noise (NaN too; three times at most)",
        choices=("warn", "stop", "rollback"))


@dataclasses.dataclass(frozen=True)
class LanguageModel(Dropout, Texts, Config):
    """Settings that models of running text share."""

    group = "write text"
    batch_of = "windows"

    dataset: str = field("kjv_verses")
    batch_size: int = field(32, "windows in a step", minimum=1)
    clip_norm: float = field(1.0, "largest L2 norm of the gradients of a step", above=0)


@dataclasses.dataclass(frozen=True)
class SequenceToSequence(Dropout, Pairs, Config):
    """Settings that models which write a target of a source share."""

    group = "write text"

    precision: str = field("float32")  # bfloat16 gains nothing at this size
    eval_every: int = field(500)
    checkpoint_every: int = field(500)
    vocabulary_size: int = field(2000, "most byte-pair tokens", minimum=260, maximum=2**18)
    length: int = field(72, "tokens kept of each text, its end included", minimum=2)


def check_batch_size(settings, train_size):
    """Refuses a batch of more examples than the training split has.

    Raises:
        SettingError: naming the nearest valid value.
    """
    if settings.batch_of == "examples" and settings.batch_size > train_size:
        raise SettingError(
            "batch_size", settings.batch_size, f"expected 1 to {train_size:,}, the training "
            f"examples used of {settings.dataset}; the nearest valid value is {train_size}")


def check_multiple(settings, name, of):
    """Refuses a setting that is not a multiple of another.

    Raises:
        SettingError: naming the nearest valid value.
    """
    value, divisor = getattr(settings, name), getattr(settings, of)
    if value % divisor:
        raise SettingError(name, value, f"expected a multiple of {of}={divisor}; the nearest valid "
                           f"value is {max(1, round(value / divisor)) * divisor}")
