"""Transformer encoder-decoder (Vaswani et al. 2017) that translates; names of emoji by default.

    python launch.py --experiment=translation
    python launch.py --mode=sample --run=translation/RUN --prompt="red heart" --temperature=0

From English to French, scored beside the French of the nearest training name. Names that repeat
known words come out well, new words do not, and which of the two is ahead depends on the names.
--help shows the score; docs/results.md has what else was measured.
"""

import dataclasses

from tfmodels import config


@dataclasses.dataclass(frozen=True)
class Config(config.SequenceToSequence):
    """Settings of a Transformer encoder-decoder."""

    dataset: str = config.field("emoji_names")
    steps: int = config.field(2500)
    batch_size: int = config.field(64)
    learning_rate: float = config.field(2e-3)
    vocabulary_size: int = config.field(800)
    length: int = config.field(32)
    width: int = config.field(128, "dimension of a token's vector; a multiple of heads", minimum=1)
    depth: int = config.field(2, "blocks of the encoder, and of the decoder", minimum=1, maximum=24)
    heads: int = config.field(4, "attention heads of a block", minimum=1)
    dropout: float = config.field(0.2)
    label_smoothing: float = config.field(0.1, "fraction of the target spread over all tokens",
                                          minimum=0, maximum=0.9)
    beams: int = config.field(4, "sequences that the final score's beam search grows at a time",
                              minimum=1, maximum=256)
    length_penalty: float = config.field(0.6, "alpha of beam search (Wu et al. 2016, equation 14)",
                                         minimum=0)


def build(settings):
    """Returns the task."""
    import keras

    from tfmodels.models.transformer_seq2seq import TransformerDecoder, transformer_seq2seq
    from tfmodels.tasks.sequence_to_sequence import sequence_to_sequence
    from tfmodels.tokens.sequences import Sequences
    from tfmodels.training.losses import SmoothedCrossentropy
    from tfmodels.training.schedules import warmup_cosine

    config.check_multiple(settings, "width", "heads")
    data = settings.load("source", "target")
    tokens = Sequences(data.splits["train"], settings.vocabulary_size, settings.length)
    model, attention = transformer_seq2seq(tokens.size, settings.length, settings.width,
                                           settings.depth, settings.heads, settings.dropout,
                                           settings.seed)
    model.compile(
        optimizer=keras.optimizers.Adam(warmup_cosine(settings.learning_rate, settings.steps),
                                        beta_2=0.98),
        loss=SmoothedCrossentropy(settings.label_smoothing, reduction="mean_with_sample_weight"),
        weighted_metrics=[keras.metrics.SparseCategoricalAccuracy("token_accuracy")])
    return sequence_to_sequence(model, attention, TransformerDecoder(model), tokens, data,
                                beams=settings.beams, alpha=settings.length_penalty)
