"""LSTM character language model (Graves 2013) that writes text; the King James Bible by default.

    python launch.py --experiment=char_rnn
    python launch.py --mode=sample --run=char_rnn/RUN --prompt="In the beginning" --temperature=0.6

Any text set will do, such as --dataset=tiny_shakespeare. Windows of the running text start
anywhere; small ones, few at a time, taught most for the time. On kjv_verses it is not ahead of
counting: an interpolated n-gram model, n chosen on validation, takes fewer bits per character.
--help shows the score; docs/results.md has what else was measured.
"""

import dataclasses

from tfmodels import config

_SCORED = 8  # contexts that a text is scored in at a time: the state may carry that far


@dataclasses.dataclass(frozen=True)
class Config(config.LanguageModel):
    """Settings of an LSTM language model."""

    steps: int = config.field(3200)
    learning_rate: float = config.field(6e-3)
    context: int = config.field(64, "characters of a training window, through which gradients "
                                "flow back", minimum=1, maximum=2**16)
    width: int = config.field(512, "units of an LSTM layer", minimum=1)
    depth: int = config.field(1, "LSTM layers", minimum=1, maximum=8)
    eval_every: int = config.field(800)


def build(settings):
    """Returns the task."""
    import keras

    from tfmodels.models.char_rnn import CharRNNDecoder, char_rnn
    from tfmodels.tasks.language_model import language_model, lines
    from tfmodels.tokens.characters import CharacterTokens
    from tfmodels.training.schedules import warmup_cosine

    data = settings.load("text")
    tokens = CharacterTokens(lines(data.splits["train"]))
    model = char_rnn(tokens.size, settings.width, settings.depth, settings.dropout, settings.seed)
    model.compile(
        optimizer=keras.optimizers.Adam(warmup_cosine(settings.learning_rate, settings.steps,
                                                      warmup=0.05),
                                        global_clipnorm=settings.clip_norm),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    return language_model(model, tokens, CharRNNDecoder(model), data, context=settings.context,
                          scored=_SCORED * settings.context)
