"""LSTM character language model (Graves 2013) that writes text; the King James Bible by default.

    python launch.py --experiment=char_rnn
    python launch.py --mode=sample --run=char_rnn/RUN --prompt="In the beginning" --temperature=0.6

On kjv_verses: 1.438 bits per character of the test verses; 3.1 minutes on 2 cores of an AMD EPYC.
It is not ahead of counting: an interpolated 20-gram model, n chosen on validation, takes 1.284 (a
5-gram model 1.647, a 7-gram model 1.434), and `gpt` 1.243. It goes on, with seed 7:

    In the beginning of every man was among the glory of the LORD, and drunk in the mountains, and
    the congregation shall be a strength in the whole company of the kingdom of the LORD of hosts.

Any text set will do, such as --dataset=tiny_shakespeare. Windows of the running text start
anywhere. Small ones, few at a time, taught most for the time: after as much computing, 2.05 nats
with 32 windows of 64 characters against 2.23 with 64 windows, early in the training. What is
further back than some 30 characters the model hardly uses: 1.463 bits per character on the
validation verses if it sees 8 to 16 of them, 1.441 with 16 to 32, 1.439 with all.
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
