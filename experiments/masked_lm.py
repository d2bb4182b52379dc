"""Masked language model (Devlin et al. 2019): learns a text encoder without labels, from verses.

    python launch.py --experiment=masked_lm
    python launch.py --experiment=transformer --init_from=masked_lm/RUN --learning_rate=3e-3

The encoder is that of `transformer`, which starts from it by `--init_from`. 15% of the tokens of a
text are to be named, others in each epoch, all of the vocabulary being possible answers. Settings
were chosen on the validation split. The export fills in "[MASK]" in raw strings.
"""

import dataclasses

from tfmodels import config


@dataclasses.dataclass(frozen=True)
class Config(config.TextEncoder, config.Dropout, config.WeightDecay, config.Texts, config.Config):
    """Settings of a masked language model, whose encoder is that of `transformer`."""

    group = "represent"

    dataset: str = config.field("kjv_verses")
    steps: int = config.field(1500)
    learning_rate: float = config.field(2e-3)
    precision: str = config.field("float32")  # bfloat16 gains nothing at this size
    masked: float = config.field(0.15, "fraction of a text's words to name, at least one of each "
                                 "text", above=0, maximum=0.9)
    dropout: float = config.field(0.1)
    eval_every: int = config.field(500)


def build(settings):
    """Returns the task."""
    import keras

    from tfmodels.data.parts import in_parts
    from tfmodels.evaluation import baselines
    from tfmodels.evaluation.word_counts import WordCounts
    from tfmodels.layers.attention import attention_model
    from tfmodels.models.masked_lm import mask_words, masked_lm
    from tfmodels.tasks.masked_words import masked_words
    from tfmodels.tokens.words import word_tokens
    from tfmodels.training.losses import SmoothedCrossentropy
    from tfmodels.training.schedules import warmup_cosine

    config.check_multiple(settings, "width", "heads")
    data = settings.load("text")
    texts = baselines.first_examples(data.splits["train"])["text"]
    tokenize = word_tokens(texts, settings.vocabulary_size, settings.length)
    size = tokenize.vocabulary_size()
    counts = WordCounts(in_parts(tokenize, texts, 1024), size)
    model = masked_lm(counts.shares, settings.length, settings.width, settings.depth,
                      settings.heads, settings.dropout)
    model.compile(
        optimizer=keras.optimizers.AdamW(warmup_cosine(settings.learning_rate, settings.steps),
                                         weight_decay=settings.weight_decay),
        loss=SmoothedCrossentropy(0.0, reduction="mean_with_sample_weight"),
        weighted_metrics=[keras.metrics.SparseCategoricalAccuracy("accuracy")])
    encoder = keras.Model(model.input["words"], model.get_layer("encoder_norm").output)
    return masked_words(model, tokenize, data, counts=counts,
                        choose=lambda words, seed: mask_words(words, seed, size, settings.masked),
                        attention=attention_model(encoder))
