"""Masked words: name words of a text that were hidden, from those around them."""

import functools
import math

import numpy as np
import tensorflow as tf

from tfmodels.data.parts import parts
from tfmodels.data.sources import Examples
from tfmodels.errors import InputError
from tfmodels.evaluation import held_out, pictures
from tfmodels.models.masked_lm import MASK
from tfmodels.tasks.portable import Portable, function, logits_of, vocabulary_file
from tfmodels.tasks.task import Task
from tfmodels.tokens import cut as cut_texts
from tfmodels.tokens.sequences import token_counts, trimmed

_TEXTS = 256  # scored in one call
_TOP = 5  # words named for each mask
_SHOWN = 6  # texts of which a word is filled in


def masked_words(model, tokenize, data, *, counts, choose, attention):
    """Makes the task of a compiled masked language model.

    Args:
        model: made by `tfmodels.models.masked_lm.masked_lm`, compiled.
        tokenize: layer with the vocabulary; string [B] -> int32 [B, T], 0 for padding.
        data: a `Dataset` with text.
        counts: `WordCounts` of the first training texts, for the baselines.
        choose: (words int32 [B, T], seed int [2]) -> what `mask_words` returns.
        attention: words [B, T] -> {block: attention weights [B, heads, T, T]}, the first to be
            drawn.

    Returns:
        A `Task`. Its scores are of masked words: `loss` (nats), `accuracy` and `perplexity`; its
        baselines are how frequent words are, and how frequent after the word before.

    Raises:
        InputError: a held-out split has no word of the vocabulary, so that nothing can be masked.
    """
    vocabulary = tokenize.get_vocabulary()
    train = data.splits["train"]

    def encode(batch):
        return {"words": tf.cast(tokenize(batch["text"]), tf.int32)}

    def read(split):
        for number, texts in parts(_TEXTS, held_out.examples(split)["text"]):
            yield number, tf.constant(texts)

    for name in ("validation", "test"):
        known = (encode({"text": texts})["words"] for _, texts in read(data.splits[name]))
        if not any((words > MASK).numpy().any() for words in known):
            raise InputError(f"the {name} texts of {data.name} have no word that is in the "
                             "training texts: expected texts of the same kind")

    length = tokenize.get_config()["output_sequence_length"]
    cut = cut_texts.note(train.texts(), cut_texts.longer_than(length), "training texts", length)

    def prepare(batch, seed):
        words, positions, targets, weights = choose(trimmed(batch["words"]), seed)
        return {"words": words, "masked_positions": positions}, targets, weights

    def evaluate(signatures, split):
        found = [signatures["score"](inputs=texts, seed=tf.constant(number))
                 for number, texts in read(split)]
        nats, right, masked = (
            sum(float(np.sum(part[name].numpy().astype(np.float64))) for part in found)
            for name in ("nats", "right", "masked"))
        loss = nats / max(masked, 1)
        return {"loss": loss, "accuracy": right / max(masked, 1),
                "perplexity": math.exp(min(loss, 700.0))}

    def final(signatures, split):
        return {"metrics": evaluate(signatures, split), "notes": [*cut, *held_out.notes(split)]}

    @functools.cache
    def hidden_words(split):
        pairs = []  # of each masked word and the word before it, as the model reads it
        for number, texts in read(split):
            words, positions, targets, weights = choose(encode({"text": texts})["words"],
                                                        [number, 0])
            before = tf.gather(tf.pad(words, [[0, 0], [1, 0]]), positions, batch_dims=1)
            pairs.append(tf.boolean_mask(tf.stack([before, targets], -1), weights > 0).numpy())
        return np.concatenate(pairs).T

    def compare(split):
        part = held_out.fitted_on(counts.texts, train.size)
        return {"unigram": lambda: counts.unigram(hidden_words(split)[1]) | part,
                "bigram": lambda: counts.bigram(*hidden_words(split)) | part}

    fill = filler(model, tokenize, vocabulary)
    shown = [with_a_mask(text) for text in data.splits["validation"].head(_SHOWN)["text"]]

    def show_filled(events, step):
        found = fill(tf.constant(shown))
        lines = []
        for text, words, shares in zip(shown, found["words"].numpy(),
                                       found["probabilities"].numpy(), strict=True):
            named = "; ".join(", ".join(
                f"{word.decode()} {share:.0%}" for word, share in zip(*pair, strict=True))
                for pair in zip(words, shares, strict=True) if pair[0][0])
            lines.append(f"- {text} **{named}**")
        events.text("validation", "filled", "\n".join(lines), step)

    def show_attention(events, step):
        events.image("validation", "attention", attention_picture(shown[0]), step)

    def attention_picture(text):
        words, _ = masks_of(tf.constant([text]), tokenize, vocabulary[2])
        names = ["[MASK]" if word == MASK else vocabulary[word]
                 for word in words[0].numpy() if word]
        weights = next(iter(attention(words).values()))  # of the first block
        return pictures.attention(weights[0], names)

    def served(found):
        names = ["words", "masked_positions"]
        return {"score": scorer(logits_of(found["predict"], names, len(vocabulary)), tokenize,
                                choose)}
    portable = Portable(
        {"predict": function(
            lambda **inputs: {"logits": tf.cast(model(inputs, training=False), tf.float32)},
            words=([None, None], tf.int32), masked_positions=([None, None], tf.int32))},
        served, vocabulary_file(vocabulary))
    return Task(model=model, data=data, source=Examples(train, encode, token_counts),
                prepare=prepare, evaluate=evaluate, final=final, baselines=compare,
                show={"filled": show_filled, "attention": show_attention},
                vocabulary=tuple(vocabulary), tables=(tokenize,),
                portable=portable,
                signatures={"fill": fill,
                            "score": scorer(model, tokenize, choose)})


def with_a_mask(text):
    """Returns a text of UTF-8 bytes as str, its middle word replaced by "[MASK]"."""
    words = text.decode(errors="replace").split() or [""]
    words[len(words) // 2] = "[MASK]"
    return " ".join(words)


def masks_of(texts, tokenize, word):
    """Cuts texts with "[MASK]" in them into words.

    Args:
        texts: string [B].
        tokenize: as of `masked_words`.
        word: the first of its vocabulary, of id 2.

    Returns:
        Words int32 [B, T], and whether each is a mask, bool [B, T].
    """
    # A mask is what is unknown now, and known when a known word stands there.
    unknown, known = (tf.cast(tokenize(tf.strings.regex_replace(
        texts, r"\[MASK\]", f" {other} ")), tf.int32) for other in (
            "\N{REPLACEMENT CHARACTER}", word))
    return unknown, (unknown == MASK) & (known == 2)


def filler(model, tokenize, vocabulary):
    """Returns the tf.function that fills in masks.

    Args:
        model, tokenize: as of `masked_words`.
        vocabulary: list of str, the words by token id.

    Returns:
        inputs string [B] with any number of "[MASK]" -> {texts: string [B], each mask replaced by
        its likeliest word; words: string [B, K, 5], the likeliest for each mask, best first, "" for
        what only fills a row; probabilities: float32 [B, K, 5]}. A mask that comes after the last
        word that the model reads stays.
    """
    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, "inputs")], autograph=False)
    def fill(inputs):
        words, masked = masks_of(inputs, tokenize, vocabulary[2])
        count = tf.reduce_sum(tf.cast(masked, tf.int32), 1)  # [B]
        most = tf.reduce_max(tf.concat([count, [1]], 0))
        _, positions = tf.math.top_k(tf.cast(masked, tf.int32), most)  # of equals, the first first
        logits = model({"words": words, "masked_positions": positions}, training=False)
        logits = logits[..., 2:]  # padding and the unknown word are no answers
        shares, best = tf.math.top_k(tf.nn.softmax(logits), min(_TOP, len(vocabulary) - 2))
        there = tf.range(most) < count[:, None]  # [B, K]
        named = tf.where(there[..., None], tf.gather(
            tf.constant(vocabulary[2:]), best), "")
        return {"texts": _replaced(inputs, named[..., 0], count), "words": named,
                "probabilities": tf.where(there[..., None], shares, 0.0)}
    return fill


def scorer(model, tokenize, choose):
    """Returns the tf.function that says how likely the words are that it masks itself.

    Args:
        model, tokenize, choose: as of `masked_words`.

    Returns:
        inputs string [B], seed int32 [] -> {nats: float32 [B], the negative log-likelihood of the
        masked words; right: float32 [B], how many of them were the likeliest; masked: float32 [B],
        how many there were}.
    """
    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, "inputs"),
                                  tf.TensorSpec([], tf.int32, "seed")], autograph=False)
    def score(inputs, seed):
        words, positions, targets, weights = choose(tf.cast(tokenize(inputs), tf.int32),
                                                    tf.stack([seed, 0]))
        logits = model({"words": words, "masked_positions": positions}, training=False)
        nats = tf.nn.sparse_softmax_cross_entropy_with_logits(targets, logits)
        right = tf.cast(tf.argmax(logits, -1, tf.int32) == targets, tf.float32)
        return {"nats": tf.reduce_sum(nats * weights, 1), "masked": tf.reduce_sum(weights, 1),
                "right": tf.reduce_sum(right * weights, 1)}
    return score


def _replaced(texts, words, count):
    """Returns string [B]: texts whose first `count`, int32 [B], masks are words [B, K] instead."""
    pieces = tf.strings.split(texts, "[MASK]")
    gaps = tf.cast(pieces.row_lengths(), tf.int32)[:, None] - 1  # [B, 1]
    pieces = pieces.to_tensor("")  # [B, P]
    words = tf.concat([words, tf.fill(tf.shape(pieces), "")], 1)[:, :tf.shape(pieces)[1]]
    column = tf.range(tf.shape(pieces)[1])
    between = tf.where(column < count[:, None], words, tf.where(column < gaps, "[MASK]", ""))
    return tf.strings.reduce_join(tf.strings.join([pieces, between]), -1)
