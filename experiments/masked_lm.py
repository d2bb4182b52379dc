"""Masked language model (Devlin et al. 2019): learns a text encoder without labels, from verses.

    python launch.py --experiment=masked_lm
    python launch.py --experiment=transformer --init_from=masked_lm/RUN --train_examples=1000

On kjv_verses: names 15.8% of the masked test words, 5.46 nats a word; by the word before 6.4% and
6.42 nats, by frequency alone 1.0% and 7.73 nats, both with the chances that words are masked by.
1.4 minutes on 2 cores of an AMD EPYC.

The encoder is that of `transformer`, which starts from it by `--init_from`. 15% of the words of a
text are to be named; frequent ones are chosen less often, as in word2vec, since "the" says nothing
of what a text is about. In training they are told from each other and from random words only.
Settings were chosen on the validation split. The export fills in "[MASK]" in raw strings.
"""

import dataclasses

from tfmodels import config


@dataclasses.dataclass(frozen=True)
class Config(config.Config):
    """Settings of a masked language model; those of the encoder are as in `transformer`."""

    group = "represent"

    dataset: str = config.field("kjv_verses")
    steps: int = config.field(1200)
    batch_size: int = config.field(256)
    learning_rate: float = config.field(4e-3)
    precision: str = config.field("float32")  # bfloat16 gains nothing at this size
    vocabulary_size: int = config.field(12_000, "most words in the vocabulary", minimum=3,
                                        maximum=2**18)
    length: int = config.field(48, "words kept of each text", minimum=1)
    width: int = config.field(64, "numbers in a word's vector; a multiple of heads", minimum=1)
    depth: int = config.field(1, "encoder blocks", minimum=1, maximum=24)
    heads: int = config.field(4, "attention heads of a block", minimum=1)
    masked: float = config.field(0.15, "share of a text's words to name, at least one of each text",
                                 above=0, maximum=0.9)
    subsample: float = config.field(1e-4, "share of all words above which a word is masked less "
                                    "often than its share", above=0, maximum=1)
    negatives: int = config.field(1000, "random words that the masked ones are told from in a "
                                  "step, besides each other", minimum=0)
    dropout: float = config.field(0.1, "share of features dropped in training", minimum=0,
                                  maximum=0.9)
    weight_decay: float = config.field(0.01, "share of a weight that AdamW takes away per step, "
                                       "times the learning rate", minimum=0)
    eval_every: int = config.field(400)


def build(settings):
    """Returns the task."""
    import keras

    from tfmodels.evaluation import baselines
    from tfmodels.evaluation.word_counts import WordCounts
    from tfmodels.models.masked_lm import mask_words, masked_lm
    from tfmodels.models.transformer import attention_model
    from tfmodels.tasks.masked_words import masked_words
    from tfmodels.tokens.words import word_tokens
    from tfmodels.training.losses import SmoothedCrossentropy
    from tfmodels.training.schedules import warmup_cosine

    config.check_multiple(settings, "width", "heads")
    data = settings.load("text")
    texts = data.splits["train"].head(baselines.TRAINED_ON)["text"]
    tokenize = word_tokens(texts, settings.vocabulary_size, settings.length)
    vocabulary = tokenize.get_vocabulary()
    counts = WordCounts(tokenize(texts).numpy(), len(vocabulary), settings.subsample)
    masked = settings.batch_size * max(1, round(settings.length * settings.masked))
    expected = masked * counts.shares + settings.negatives / len(vocabulary)
    model = masked_lm(vocabulary, settings.length, counts.shares, expected, settings.dropout,
                      settings.seed, width=settings.width, depth=settings.depth,
                      heads=settings.heads)
    model.compile(
        optimizer=keras.optimizers.AdamW(warmup_cosine(settings.learning_rate, settings.steps),
                                         weight_decay=settings.weight_decay),
        loss=SmoothedCrossentropy(0.0, reduction="mean_with_sample_weight"),
        weighted_metrics=[keras.metrics.SparseCategoricalAccuracy("accuracy")])
    encoder = keras.Model(model.input["words"], model.get_layer("encoder_norm").output)
    attention = attention_model(encoder)
    return masked_words(model, tokenize, data, counts=counts,
                        negatives=settings.negatives,
                        choose=lambda words, seed: mask_words(
                            words, seed, counts.chances, settings.masked),
                        attention=lambda words: attention(words)["attention_0"])
