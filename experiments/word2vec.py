"""Skip-gram word vectors with negative sampling (Mikolov et al. 2013); of the Bible by default.

    python launch.py --experiment=word2vec

Scored by telling a neighbour from a noise word, beside a factorized matrix of pointwise mutual
information; --help shows the score, docs/language-models.md how gensim and people's judgements
compare.

Batches of 1,024 texts with Adam; the scores of 32 words of text are one matrix product. Adagrad,
smaller batches and more noise words were no better on the validation split. All texts are kept in
memory.
"""

import dataclasses

from tfmodels import config


@dataclasses.dataclass(frozen=True)
class Config(config.Texts, config.Config):
    """Settings of skip-gram word vectors."""

    group = "represent"

    dataset: str = config.field("kjv_verses")
    steps: int = config.field(500)
    batch_size: int = config.field(1024, "texts in a step", minimum=1)
    learning_rate: float = config.field(2e-2, "first step size of Adam, which falls to 0", above=0)
    precision: str = config.field("float32")  # most of the time goes into gathering vectors
    width: int = config.field(100, "dimension of a word's vector", minimum=1)
    window: int = config.field(5, "most words between a word and one it predicts, plus one",
                               minimum=1)
    min_count: int = config.field(5, "times that a word must occur to get a vector", minimum=1)
    subsample: float = config.field(
        1e-3, "fraction of all words above which a word is dropped at random (0: never)", minimum=0)
    negatives: int = config.field(5, "weight of noise words: how many stand against each pair",
                                  minimum=1)
    noise: int = config.field(32, "noise words drawn for every 32 words of text",
                              minimum=1)
    length: int = config.field(100, "words of a text in one piece; a longer one is cut", minimum=2)
    words: str = config.field("king,father,water,bread,evil,jerusalem,seven,walk",
                              "words whose neighbours are logged, separated by commas")


def build(settings):
    """Returns the task."""
    import keras

    from tfmodels.models.word2vec import FRAME, SkipGrams, negative_sampling_loss, word2vec
    from tfmodels.tasks.word_vectors import word_vectors
    from tfmodels.tokens.words import Words
    from tfmodels.training.schedules import linear_decay

    data = settings.load("text")
    tokenizer = Words(data.splits["train"].texts(), settings.min_count)
    skip_grams = SkipGrams(tokenizer.word_counts, settings.window, settings.subsample,
                           settings.negatives, settings.noise)
    model = word2vec(tokenizer.size, settings.width, FRAME, skip_grams.candidates, settings.seed)
    model.compile(optimizer=keras.optimizers.Adam(
        linear_decay(settings.learning_rate, settings.steps)), loss=negative_sampling_loss)
    return word_vectors(model, skip_grams, tokenizer, data, length=settings.length,
                        shown=config.listed(settings.words))
