"""The settings of an experiment as a frozen dataclass whose fields become flags.

Imports no TensorFlow, so that `--help` answers at once. A field's default, meaning and limits are
written once: in `base` for the settings every experiment has, on its page for an experiment's own.
"""

from tfmodels.config.base import (  # noqa: F401 (what pages use)
    GROUPS,
    Adversarial,
    Averaged,
    Config,
    Dropout,
    ImageClassifier,
    Labelled,
    LanguageModel,
    SequenceToSequence,
    TextClassifier,
    TextEncoder,
    WeightDecay,
    WordTokens,
    check_batch_size,
    check_multiple,
)
from tfmodels.config.fields import (  # noqa: F401
    about,
    added,
    field,
    from_values,
    has_help,
    listed,
    parse,
)
from tfmodels.config.own_files import Images, Pairs, Texts  # noqa: F401
