"""Word vectors: learn from plain texts which words stand near each other."""

import functools
import itertools

import numpy as np
import tensorflow as tf

from tfmodels.data.parts import in_parts
from tfmodels.data.sources import Pieces, trimmed
from tfmodels.evaluation import baselines, held_out, word_pairs
from tfmodels.export.checks import checked
from tfmodels.tasks.portable import Portable, function, vocabulary_file
from tfmodels.tasks.task import Task

_PROJECTED = 2000  # most frequent words shown in the Projector
_NEIGHBOURS = 8  # shown of a word
_UNKNOWN = 1  # id
_SCORED = 2 << 20  # bytes of held-out texts whose pairs are scored, or some of them
_COUNTED = 16 << 20  # bytes of training texts whose pairs are counted for the baselines
_TEXTS = 1024  # cut into rows at a time


def word_vectors(model, skip_grams, tokenizer, data, *, length, shown):
    """Makes the task of a compiled skip-gram model.

    Args:
        model: made by `word2vec`, compiled with `negative_sampling_loss`.
        skip_grams: the `SkipGrams` it learns from.
        tokenizer: a `Words` of the training texts.
        data: a `Dataset` with text.
        length: words of a row of a batch; a longer text takes several rows.
        shown: words whose neighbours are logged.

    Returns:
        A `Task`. It exports `embed` (vectors), `nearest` (neighbours by cosine) and `score`. Its
        scores and those of its baselines, the frequency of words and a factorized matrix of
        pointwise mutual information, are those of `word_pairs.scores`.

    Raises:
        InputError: a held-out split has no two known words near each other.
    """
    train = data.splits["train"]
    tables = {name: model.get_layer(name).embeddings for name in ("tokens", "contexts")}
    exported = signatures(tokenizer, tables)

    def cut(texts):
        return rows(tokenizer.encode(texts), length)

    def read(texts):
        return trimmed(in_parts(lambda some: cut(tf.constant(some)), texts, _TEXTS))

    def prepare(batch, seed):
        return skip_grams(batch["tokens"], seed)

    @functools.cache
    def first_texts(split, most, nbytes):
        return list(itertools.islice(held_out.first_texts(split.texts(), nbytes), most))

    @functools.cache
    def scored_pairs(split):
        return word_pairs.held_out(skip_grams, read(first_texts(split, None, _SCORED)))

    for name in ("validation", "test"):
        scored_pairs(data.splits[name])  # raises where there is nothing to score

    def evaluate(signatures, split):
        names = np.array([word.encode() for word in tokenizer.vocabulary], object)

        def score(words, contexts):
            return signatures["score"](words=tf.constant(names[words]),
                                       contexts=tf.constant(names[contexts]))["scores"].numpy()
        return word_pairs.scores(score, scored_pairs(split))

    def final(signatures, split):
        count = len(first_texts(split, None, _SCORED))
        return {"metrics": evaluate(signatures, split), "notes": [] if count == split.size else [
            f"scored on pairs of the first {count:,} of {split.size:,} test texts"]}

    def compare(split):
        @functools.cache
        def counts():  # and the entry that says of how many texts
            known = first_texts(train, baselines.TRAINED_ON, _COUNTED)
            return (word_pairs.count(skip_grams, read(known), tokenizer.size),
                    held_out.fitted_on(len(known), train.size))

        def scored(fit):
            found, part = counts()
            return word_pairs.scores(fit(found), scored_pairs(split)) | part

        return {"word_frequency": lambda: scored(word_pairs.frequency),
                "ppmi_svd": lambda: scored(functools.partial(
                    word_pairs.ppmi_svd, width=tables["tokens"].shape[1]))}

    def show_neighbours(events, step):
        count = min(_NEIGHBOURS, tokenizer.size - _UNKNOWN - 2)  # of all other words
        events.text("validation", "nearest_words",
                    neighbours(exported["nearest"], shown, count), step)

    def show_vectors(events, step):
        labels = tokenizer.vocabulary[_UNKNOWN + 1:][:_PROJECTED]
        vectors = exported["embed"](words=tf.constant(labels))["vectors"]
        events.embedding("validation", "words", vectors.numpy(), labels)

    def served(found):
        def score(words, contexts):
            return found["score"](words=tokenizer.lookup(words),
                                  contexts=tokenizer.lookup(contexts))
        return {"score": score}
    ids = ([None], tf.int32)
    portable = Portable({
        "embed": function(lambda words: {"vectors": tf.gather(tables["tokens"], words)},
                          words=ids),
        "score": function(lambda words, contexts: {"scores": tf.reduce_sum(
            tf.gather(tables["tokens"], words) * tf.gather(tables["contexts"], contexts), 1)},
            words=ids, contexts=ids)}, served, vocabulary_file(tokenizer.vocabulary))
    return Task(model=model, data=data, source=Pieces(train, cut), prepare=prepare,
                signatures=exported, portable=portable, evaluate=evaluate, final=final,
                baselines=compare,
                show={"neighbours": show_neighbours, "vectors": show_vectors},
                tables=(tokenizer,), vocabulary=tokenizer.vocabulary)


def rows(tokens, length):
    """Lays texts in rows, without their unknown words.

    Args:
        tokens: int32 ragged [B, None], ids of words.
        length: words of a row; a longer text takes several rows, one without words takes none.

    Returns:
        int32 [N, length], 0 for padding behind a text's words.
    """
    known = tf.ragged.boolean_mask(tokens, tokens > _UNKNOWN)
    words = known.row_lengths()
    counts = -(-words // length)  # rows of each text
    texts = tf.repeat(tf.range(tf.size(words)), counts)
    before = tf.range(tf.size(texts)) - tf.gather(tf.cumsum(tf.cast(counts, tf.int32),
                                                            exclusive=True), texts)
    held = tf.gather(words, texts) - length * tf.cast(before, tf.int64)
    # Laid out row by row, since beside one long text others would be padding alone.
    return tf.RaggedTensor.from_row_lengths(known.values, tf.minimum(held, length)).to_tensor(
        shape=[None, length])


def neighbours(nearest, words, count):
    """Returns a Markdown table of the nearest words of some words, by the signature `nearest`."""
    found = nearest(words=tf.constant(words), count=tf.constant(count))
    lines = ["| word | nearest words and their cosine |", "|---|---|"]
    for word, known, names, cosines in zip(
            words, *(found[key].numpy() for key in ("known", "neighbours", "similarities")),
            strict=True):
        cells = ", ".join(f"{name.decode()} {cosine:.2f}"
                          for name, cosine in zip(names, cosines, strict=True))
        lines.append(f"| {word} | {cells if known else 'not in the vocabulary'} |")
    return "\n".join(lines)


def signatures(tokenizer, tables):
    """Returns the tf.functions that are exported.

    - embed: words string [B] -> vectors float32 [B, D], known bool [B]; 0 of a word not known.
    - nearest: words string [B], count int32 [] from 0 to the number of other words -> neighbours
      string [B, count], similarities float32 [B, count], known bool [B]; "" and 0 of a word not
      known.
    - score: words string [B], contexts string [B] -> scores float32 [B], known bool [B], whether
      both are; 0 where not.

    Other values are refused with an InvalidArgumentError.
    """
    many = tf.TensorSpec([None], tf.string)
    names = tf.constant(tokenizer.vocabulary)
    first = _UNKNOWN + 1  # id of a word

    def look_up(words):
        ids = tokenizer.lookup(words)
        return ids, ids >= first

    def vectors_of(table, ids, known):
        return tf.where(known[:, None], tf.gather(tables[table], ids), 0.0)

    @tf.function(input_signature=[many], autograph=False)
    def embed(words):
        ids, known = look_up(words)
        return {"vectors": vectors_of("tokens", ids, known), "known": known}

    @tf.function(input_signature=[many, tf.TensorSpec([], tf.int32)], autograph=False)
    def nearest(words, count):
        ids, known = look_up(words)
        table = tf.nn.l2_normalize(tf.convert_to_tensor(tables["tokens"]), 1)
        cosines = tf.matmul(tf.gather(table, ids), table[first:], transpose_b=True)  # [B, V - 2]
        itself = tf.range(first, tokenizer.size)[None] == ids[:, None]
        most = tokenizer.size - first - 1
        best, found = tf.math.top_k(tf.where(itself, -2.0, cosines), checked(
            count, (count >= 0) & (count <= most),
            f"count: expected 0 to {most}, as many other words as there are"))
        return {"neighbours": tf.where(known[:, None], tf.gather(names, found + first), ""),
                "similarities": tf.where(known[:, None], best, 0.0), "known": known}

    @tf.function(input_signature=[many, many], autograph=False)
    def score(words, contexts):
        contexts = checked(contexts, tf.size(contexts) == tf.size(words),
                           "contexts: expected as many as words", tf.size(contexts))
        (ids, known), (near, known_near) = look_up(words), look_up(contexts)
        vectors = vectors_of("tokens", ids, known) * vectors_of("contexts", near, known_near)
        return {"scores": tf.reduce_sum(vectors, 1), "known": known & known_near}

    return {"embed": embed, "nearest": nearest, "score": score}
