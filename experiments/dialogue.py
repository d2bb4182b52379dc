"""LSTM encoder-decoder with attention (Luong et al. 2015) that answers; small talk by default.

    python launch.py --experiment=dialogue
    python launch.py --mode=chat --run=dialogue/RUN

So few pairs as those of chat_pairs, many of them quiz questions, are learnt by heart: hence no
dropout. Every training question gets an answer that is recorded for it; what it says to others
mostly misses the point. --help shows the score.
"""

import dataclasses

import keras

from tfmodels import config
from tfmodels.data.load import load
from tfmodels.models.lstm_seq2seq import LstmDecoder, lstm_seq2seq
from tfmodels.tasks.sequence_to_sequence import sequence_to_sequence
from tfmodels.tokens.sequences import Sequences
from tfmodels.training.schedules import warmup_cosine


@dataclasses.dataclass(frozen=True)
class Config(config.Config):
    """Settings of an encoder-decoder of LSTMs."""

    group = "write text"

    dataset: str = config.field("chat_pairs")
    steps: int = config.field(2000)
    batch_size: int = config.field(32)
    learning_rate: float = config.field(3e-3)
    precision: str = config.field("float32")  # bfloat16 gains nothing at this size
    eval_every: int = config.field(500)
    checkpoint_every: int = config.field(500)
    vocabulary_size: int = config.field(2000, "most byte-pair tokens", minimum=260, maximum=2**18)
    length: int = config.field(72, "tokens kept of each text, its end included", minimum=2)
    width: int = config.field(256, "dimension of a token's vector and of a hidden state; even",
                              minimum=2)
    dropout: float = config.field(0.0, "fraction of features dropped in training", minimum=0,
                                  maximum=0.9)


def build(settings):
    """Returns the task."""
    data = load(settings.dataset, settings.data_dir, needs=("source", "target"))
    tokens = Sequences(data.splits["train"].arrays(), settings.vocabulary_size, settings.length)
    model, attention = lstm_seq2seq(tokens.size, settings.width, settings.dropout, settings.seed)
    model.compile(
        optimizer=keras.optimizers.Adam(warmup_cosine(settings.learning_rate, settings.steps),
                                        global_clipnorm=1.0),
        loss=keras.losses.SparseCategoricalCrossentropy(
            from_logits=True, reduction="mean_with_sample_weight"),
        weighted_metrics=[keras.metrics.SparseCategoricalAccuracy("token_accuracy")],
        jit_compile=False)
    return sequence_to_sequence(model, attention, LstmDecoder(model), tokens, data,
                                batch_size=settings.batch_size, seed=settings.seed,
                                memory_limit=settings.memory_limit << 20)
