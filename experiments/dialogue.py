"""LSTM encoder-decoder with attention (Luong et al. 2015) that answers; small talk by default.

    python launch.py --experiment=dialogue
    python launch.py --mode=chat --run=dialogue/RUN

On chat_pairs: every one of the 601 training questions gets an answer that is recorded for it; 1.8
minutes on 2 cores of an AMD EPYC. What it has not learnt it cannot answer: 2.9% of the test
questions get the recorded answer (1.4% by the nearest training question), and what it says to the
others mostly misses the point, at a chrF of 12.8 (12.7).

So few pairs, many of them quiz questions, are learnt by heart: hence no dropout.
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
