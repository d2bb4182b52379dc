"""Sequence to sequence: write the target of a source text, such as an answer or a translation."""

import math
import types

import numpy as np
import tensorflow as tf

from tfmodels.data.parts import parts
from tfmodels.data.sources import Examples
from tfmodels.decoding import sampling
from tfmodels.decoding.beam_search import beam_search
from tfmodels.evaluation import held_out, pictures, text_scores
from tfmodels.export.checks import checked
from tfmodels.tasks.portable import Portable, function, logits_of, vocabulary_file
from tfmodels.tasks.task import Task
from tfmodels.tokens import cut as cut_texts
from tfmodels.tokens.sequences import fold, token_counts, trimmed

_BATCH = 256  # texts written at a time
_TRAINED = 1000  # training examples whose answers the final score looks at too
_VALIDATED, _SCORED = 2000, 5000  # most examples whose answers a validation looks at, and the end
_BYTES = 8 << 20  # that they have together
_SHOWN = 8


def sequence_to_sequence(model, attention, decoder, tokens, data, beams=1, alpha=0.6):
    """Makes the task of a compiled encoder-decoder.

    Args:
        model: functional; {source int32 [B, S], target int32 [B, T]} -> logits [B, T, V], compiled
            with a loss and weighted metrics that take weights [B, T].
        attention: model from the same inputs to float [B, T, S], to be drawn.
        decoder: has `initial_state` and `step`, as `LstmDecoder`.
        tokens: `Sequences`.
        data: a `Dataset` with source and target.
        beams: with more than one the final scores tell of beam search too.
        alpha: strength of beam search's length penalty.

    Returns:
        A `Task`. It exports `generate`, `search` (the beams) and `score`, see `signatures_of`. Its
        metrics are `loss` in nats per token and `token_accuracy` with the recorded target before
        each token, and those of `text_scores.scores`, greedy ones and, as `beam_…`, of beam search;
        of the first 5,000 test examples, as the baseline: the target of the nearest source among
        the first 30,000 training examples.
    """
    train, validation = data.splits["train"], data.splits["validation"]
    signatures = signatures_of(model, decoder, tokens)
    cut = [sentence for kind, read in (("source", fold), ("target", tf.identity))
           for sentence in cut_texts.note(
               train.texts(kind), lambda texts, read=read: tokens.cut(tokens.split(read(texts))),
               f"training {kind}s", tokens.length)]

    def encode(batch):
        return {"source": tokens.encode(fold(batch["source"])),
                "target": tokens.encode(batch["target"])}

    def prepare(batch, _):
        source, target = trimmed(batch["source"]), trimmed(batch["target"])
        inputs = {"source": source, "target": _before(target, tokens.start)}
        return inputs, target, tf.cast(target != 0, tf.float32)

    def evaluate(signatures, split, most=_VALIDATED):
        examples = held_out.first(split, most, _BYTES)
        recorded = text_scores.references(**examples)
        forced = _teacher_forced(signatures, **examples)
        if "generate" not in signatures:  # where nothing is written
            return forced
        return {**forced,
                **text_scores.scores(write(signatures, list(recorded)), [*recorded.values()])}

    def final(signatures, split):
        metrics = evaluate(signatures, split, _SCORED)
        examples = held_out.first(split, _SCORED, _BYTES)
        recorded, count = text_scores.references(**examples), len(examples["source"])
        notes = [] if count == split.size else [
            f"scored on the first {count:,} of {split.size:,} test examples, since writing takes "
            "long"]
        if beams > 1:
            found = text_scores.scores(write(signatures, list(recorded), beams),
                                       [*recorded.values()])
            metrics |= {f"beam_{name}": value for name, value in found.items()}
        known = text_scores.references(**held_out.first(train, _TRAINED, _BYTES))
        answered = text_scores.scores(write(signatures, list(known)), [*known.values()])
        return {"metrics": metrics, "notes": cut + notes,
                "train": {"exact_match": answered["exact_match"], "sources": len(known)}}

    def write(signatures, sources, beams=1):
        """Returns the text that is written of each source, greedily or with several beams."""
        written = []
        for _, some in parts(_BATCH, sources):
            given = {"prompt": tf.constant(some), "length": tf.constant(tokens.length)}
            found = signatures["generate"](
                **given, seed=tf.constant(0), temperature=tf.constant(0.0), top_k=tf.constant(0),
                top_p=tf.constant(1.0)
            ) if beams == 1 else signatures["search"](
                **given, beams=tf.constant(beams), alpha=tf.constant(alpha))
            written += [text.decode() for text in found["texts"].numpy()]
        return written

    def compare(split):
        def nearest_source():
            known = held_out.first(train, text_scores.KNOWN, text_scores.KNOWN_BYTES)
            others = (held_out.first(validation, _VALIDATED, _BYTES),
                      held_out.first(split, _SCORED, _BYTES))
            return text_scores.nearest_source(*(
                text_scores.references(**part) for part in (known, *others))
            ) | held_out.fitted_on(len(known["source"]), train.size)
        return {"nearest_training_source": nearest_source}

    def show_written(events, step):
        for name, split in (("training", train), ("held_out", validation)):
            recorded = text_scores.references(**split.head(3 * _SHOWN))
            sources = list(recorded)[:_SHOWN]
            written = write(signatures, sources)
            events.text("validation", f"written_{name}", "\n".join(
                ["| source | written | recorded |", "|---|---|---|"]
                + [_row(source.decode(errors="replace"), text, " / ".join(recorded[source]))
                   for source, text in zip(sources, written, strict=True)]), step)

    def show_attention(events, step):
        sources = list(text_scores.references(**validation.head(3 * _SHOWN)))[:3]
        for number, (source, text) in enumerate(zip(sources, write(signatures, sources),
                                                    strict=True)):
            events.image("validation", f"attention_{number}", attention_picture(source, text), step)

    def attention_picture(source, text):
        batch = encode({"source": tf.constant([source]), "target": tf.constant([text])})
        source, target = trimmed(batch["source"]), trimmed(batch["target"])
        weights = attention({"source": source, "target": _before(target, tokens.start)})[0]
        rows, columns = (tokens.pieces(found[0].numpy()) for found in (target, source))
        return pictures.attention(weights[None], rows, columns,
                                  title="written tokens attend to the source's")

    def served(found):
        answered = logits_of(found["following"], ["source", "target"], tokens.size)
        return {"score": signatures_of(answered, decoder, tokens)["score"]}
    portable = Portable(
        {"following": function(lambda **inputs: {"logits": tf.cast(model(inputs), tf.float32)},
                               source=([None, None], tf.int32), target=([None, None], tf.int32))},
        served, vocabulary_file(tokens.vocabulary))
    return Task(model=model, data=data, source=Examples(train, encode, token_counts),
                prepare=prepare, signatures=signatures, portable=portable, evaluate=evaluate,
                final=final, baselines=compare, vocabulary=tokens.vocabulary,
                show={"written": show_written, "attention": show_attention})


def signatures_of(model, decoder, tokens):
    """Returns the tf.functions that are exported.

    - generate: prompt string [B], length int32 [] >= 1 (most tokens; a row's are never exceeded),
      seed int32 [], temperature float32 [] >= 0 (0: the likeliest token each time), top_k int32 []
      >= 0, top_p float32 [] in (0, 1] (see `sampling.pick`) -> texts string [B], cut bool [B].
    - search: prompt, length, beams int32 [] >= 1, alpha float32 [] >= 0 (length penalty) -> texts
      string [B], scores float32 [B], cut bool [B].
    - score: source string [B], target string [B] -> loss float32 [B] in nats, tokens int32 [B]
      and correct int32 [B], all summed over a target's tokens, its end included, cut bool [B].

    A text of more tokens than a row has is read without its tail; `cut` says of which that is true.
    Other values are refused with an InvalidArgumentError.
    """
    strings, integer = tf.TensorSpec([None], tf.string), tf.TensorSpec([], tf.int32)
    writable = np.isin(np.arange(tokens.size), tokens.special, invert=True)  # [V]

    def step(token, position, state):
        logits, state = decoder.step(token, position, state)
        return tf.where(writable, logits, logits.dtype.min), state

    def read(prompt, length):
        split = tokens.split(fold(prompt))
        state = decoder.initial_state(tokens.rows(split))
        return state, tf.minimum(length, tokens.length), tokens.cut(split)

    @tf.function(input_signature=sampling.INPUTS, autograph=False)
    def generate(prompt, length, seed, temperature, top_k, top_p):
        length, temperature, top_k, top_p = sampling.check_inputs(
            length, temperature, top_k, top_p)
        state, length, cut = read(prompt, length)
        writer = types.SimpleNamespace(initial_state=lambda _: state, step=step, context=None)
        starts = tf.RaggedTensor.from_tensor(tf.fill([tf.shape(prompt)[0], 1], tokens.start))
        choose = sampling.sampler(seed, temperature, top_k, top_p)
        written = sampling.continue_tokens(writer, starts, length, choose)
        return {"texts": tokens.decode(written), "cut": cut}

    @tf.function(input_signature=[strings, integer, integer, tf.TensorSpec([], tf.float32)],
                 autograph=False)
    def search(prompt, length, beams, alpha):
        length = checked(length, length >= 1, "length: expected at least 1")
        beams = checked(beams, beams >= 1, "beams: expected at least 1")
        alpha = checked(alpha, (alpha >= 0) & (alpha < math.inf), "alpha: expected 0 or more")
        state, length, cut = read(prompt, length)
        written, scores = beam_search(step, state, tokens.start, tokens.end, length, beams, alpha)
        return {"texts": tokens.decode(written), "scores": scores, "cut": cut}

    @tf.function(input_signature=[strings, strings], autograph=False)
    def score(source, target):
        target = checked(target, tf.size(target) == tf.size(source),
                         "target: expected as many as of source", tf.size(target))
        splits = tokens.split(fold(source)), tokens.split(target)
        source, target = map(tokens.rows, splits)
        logits = model({"source": source, "target": _before(target, tokens.start)})
        real = target != 0
        loss = tf.nn.sparse_softmax_cross_entropy_with_logits(target, logits)
        correct = real & (tf.argmax(logits, -1, tf.int32) == target)
        return {"loss": tf.reduce_sum(tf.where(real, loss, 0.0), 1),
                "tokens": tf.reduce_sum(tf.cast(real, tf.int32), 1),
                "correct": tf.reduce_sum(tf.cast(correct, tf.int32), 1),
                "cut": tf.logical_or(*map(tokens.cut, splits))}

    return {"generate": generate, "search": search, "score": score}


def _teacher_forced(signatures, source, target):
    """Returns the loss in nats per token and the fraction of tokens that would be written right."""
    found = [signatures["score"](source=tf.constant(sources), target=tf.constant(targets))
             for _, sources, targets in parts(_BATCH, source, target)]
    sums = {name: float(sum(part[name].numpy().sum() for part in found))
            for name in ("loss", "tokens", "correct")}
    return {"loss": sums["loss"] / sums["tokens"],
            "token_accuracy": sums["correct"] / sums["tokens"]}


def _before(target, start):
    """Returns what is read where each token of int32 [B, T] is to be written: the one before it."""
    return tf.concat([tf.fill([tf.shape(target)[0], 1], start), target[:, :-1]], 1)


def _row(*cells):
    """Returns a row of a Markdown table."""
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"
