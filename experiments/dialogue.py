"""LSTM encoder-decoder with attention (Luong et al. 2015) that answers; small talk by default.

    python launch.py --experiment=dialogue
    python launch.py --mode=chat --run=dialogue/RUN

So few pairs as those of chat_pairs, many of them quiz questions, are learnt by heart: hence no
dropout. Every training question gets an answer that is recorded for it; what it says to others
mostly misses the point. --help shows the score.
"""

import dataclasses

from tfmodels import config


@dataclasses.dataclass(frozen=True)
class Config(config.SequenceToSequence):
    """Settings of an encoder-decoder of LSTMs."""

    dataset: str = config.field("chat_pairs")
    steps: int = config.field(2000)
    batch_size: int = config.field(32)
    learning_rate: float = config.field(3e-3)
    width: int = config.field(256, "dimension of a token's vector and of a hidden state; even",
                              minimum=2)


def build(settings):
    """Returns the task."""
    import keras

    from tfmodels.models.lstm_seq2seq import LstmDecoder, lstm_seq2seq
    from tfmodels.tasks.sequence_to_sequence import sequence_to_sequence
    from tfmodels.tokens.sequences import Sequences
    from tfmodels.training.schedules import warmup_cosine

    data = settings.load("source", "target")
    tokens = Sequences(data.splits["train"], settings.vocabulary_size, settings.length)
    model, attention = lstm_seq2seq(tokens.size, settings.width, settings.dropout, settings.seed)
    model.compile(
        optimizer=keras.optimizers.Adam(warmup_cosine(settings.learning_rate, settings.steps),
                                        global_clipnorm=1.0),
        loss=keras.losses.SparseCategoricalCrossentropy(
            from_logits=True, reduction="mean_with_sample_weight"),
        weighted_metrics=[keras.metrics.SparseCategoricalAccuracy("token_accuracy")])
    return sequence_to_sequence(model, attention, LstmDecoder(model), tokens, data)
