"""LSTM character language model (Graves 2013) that writes text; the King James Bible by default.

    python launch.py --experiment=char_rnn
    python launch.py --mode=sample --run=char_rnn/RUN --prompt="In the beginning" --temperature=0.6

Any text set will do, such as --dataset=tiny_shakespeare. Windows of the running text start
anywhere; small ones, few at a time, taught most for the time. On kjv_verses it is not ahead of
counting: an interpolated n-gram model, n chosen on validation, takes fewer bits per character.
--help shows the score; docs/results.md has what else was measured.
"""

import dataclasses
import itertools

import keras

from tfmodels import config
from tfmodels.data.load import load
from tfmodels.models.char_rnn import CharRNNDecoder, char_rnn
from tfmodels.tasks.language_model import language_model
from tfmodels.tokens.characters import CharacterTokens
from tfmodels.training.schedules import warmup_cosine

_SCORED = 8  # contexts that a text is scored in at a time: the state may carry that far


@dataclasses.dataclass(frozen=True)
class Config(config.Config):
    """Settings of an LSTM language model."""

    group = "write text"
    batch_of = "windows"

    dataset: str = config.field("kjv_verses")
    steps: int = config.field(3200)
    batch_size: int = config.field(32, "windows in a step", minimum=1)
    learning_rate: float = config.field(6e-3)
    context: int = config.field(64, "characters of a training window, through which gradients "
                                "flow back", minimum=1, maximum=2**16)
    width: int = config.field(512, "units of an LSTM layer", minimum=1)
    depth: int = config.field(1, "LSTM layers", minimum=1, maximum=8)
    dropout: float = config.field(0.0, "fraction of each layer's outputs dropped in training",
                                  minimum=0, maximum=0.9)
    clip_norm: float = config.field(1.0, "largest L2 norm of the gradients of a step", above=0)
    eval_every: int = config.field(800)


def build(settings):
    """Returns the task."""
    data = load(settings.dataset, settings.data_dir, needs=("text",))
    # A line feed ends each text of the running text.
    tokens = CharacterTokens(itertools.chain(data.splits["train"].texts(), [b"\n"]))
    model = char_rnn(tokens.size, settings.width, settings.depth, settings.dropout, settings.seed)
    model.compile(
        optimizer=keras.optimizers.Adam(warmup_cosine(settings.learning_rate, settings.steps,
                                                      warmup=0.05),
                                        global_clipnorm=settings.clip_norm),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        jit_compile=False)
    return language_model(
        model, tokens, CharRNNDecoder(model), data, context=settings.context,
        scored=_SCORED * settings.context, batch_size=settings.batch_size, seed=settings.seed,
        memory_limit=settings.memory_limit << 20)
