"""Language modelling: predict each next token of running text, and write more of it."""

import math

import numpy as np
import tensorflow as tf

from tfmodels.data.parts import parts
from tfmodels.data.sources import Windows, line_feed
from tfmodels.decoding import sampling
from tfmodels.evaluation import held_out, ngrams, pictures
from tfmodels.export.checks import checked
from tfmodels.tasks.portable import Portable, function, logits_of, vocabulary_file
from tfmodels.tasks.task import Task
from tfmodels.tokens.words import check_texts

_VALIDATED = 150_000  # bytes of text scored in a validation; many more at the end
_TEXTS = 256  # scored in one call
_WINDOWS = 64  # most windows scored at a time within a call
_LOGITS = 2**25  # most numbers that their logits are, so that a large vocabulary fits in memory
_PROMPT = 16  # most characters of a validation text that a shown text continues
_SHOWN = 200  # tokens of a shown text
_ATTENDED = 40  # tokens of a validation text whose attention is drawn


def language_model(model, tokens, decoder, data, *, context, scored=None, attention=None):
    """Makes the task of a compiled language model.

    Args:
        model: functional, compiled; int32 tokens [B, T] -> logits [B, T, V] of the token after
            each, that depend on it and those before it alone.
        tokens: cuts texts: `encode`, `decode`, `size`, `vocabulary`, `special`, the ids that
            stand for no character, and `start`; see `CharacterTokens` and `generator`.
        decoder: the same model token by token, see `tfmodels.decoding.sampling`.
        data: a `Dataset` with text.
        context: T, tokens of a training window.
        scored: tokens of a window in which texts are scored, `context` if None.
        attention: tokens [B, T] -> {block: attention weights [B, heads, T, T]}, the first to be
            drawn; or None.

    Returns:
        A `Task`. Its scores are `loss` (nats per token), `perplexity` per token and
        `bits_per_char`, over every character of the texts and their line ends, of the test texts
        up to 5 MB; its baseline is an interpolated n-gram model of characters, on the same texts,
        n chosen on the validation split.

    Raises:
        InputError: too little text for a window, or none but blank ones.
    """
    train = data.splits["train"]
    check_texts(train.texts(), "training texts")
    score = scorer(model, tokens, scored or context)
    generate = generator(decoder, tokens)

    def prepare(batch, _):
        windows = tf.cast(batch["tokens"], tf.int32)
        return windows[:, :-1], windows[:, 1:]

    def evaluate(signatures, split):
        return text_scores(signatures["score"], held_out.first_texts(split.texts(), _VALIDATED))

    def final(signatures, split):
        texts = list(held_out.first_texts(split.texts(), ngrams.SCORED_ON))
        size = sum(map(len, texts))
        notes = [] if size < ngrams.SCORED_ON else [
            f"scored on the first {size:,} bytes of the test texts ({len(texts):,} of "
            f"{split.size:,})"]
        return {"metrics": text_scores(signatures["score"], texts), "notes": notes}

    def compare(split):
        return {"interpolated_ngram": lambda: ngrams.tuned(
            train.texts(), data.splits["validation"].texts(), split.texts())}

    def show_texts(events, step):
        # A token of a prompt has at least one of the at most four bytes of a character.
        most = min(_PROMPT, ((decoder.context or 4 * _PROMPT + 1) - 1) // 4)
        starts = [text.decode(errors="replace")[:most]
                  for text in data.splits["validation"].head(2)["text"]]
        prompts = ["", *starts]
        for name, temperature in (("greedy", 0.0), ("sampled", 0.8)):
            texts = generate(tf.constant(prompts), *map(tf.constant, (_SHOWN, 0, temperature, 0,
                                                                      1.0)))["texts"].numpy()
            events.text("validation", f"texts_{name}", "\n\n".join(
                f"`{prompt!r}` continues:\n\n```\n{text.decode()}\n```"
                for prompt, text in zip(prompts, texts, strict=True)), step)

    def show_attention(events, step):
        events.image("validation", "attention", attention_picture(), step)

    def attention_picture():
        first = next((text for text in data.splits["validation"].texts() if text), b"\n")
        text = tokens.encode(tf.constant([first]))[:, :min(_ATTENDED, context)]
        names = [name.decode(errors="replace").replace("\n", "\\n").replace(" ", "_")
                 for name in tokens.decode(tf.transpose(text.to_tensor())).numpy()]
        weights = next(iter(attention(text.to_tensor()).values()))  # of the first block
        return pictures.attention(weights[0], names)

    def served(found):
        return {"score": scorer(logits_of(found["following"], ["tokens"], tokens.size), tokens,
                                scored or context)}
    portable = Portable(
        {"following": function(
            lambda tokens: {"logits": tf.cast(model(tokens, training=False), tf.float32)},
            tokens=([None, None], tf.int32))}, served, vocabulary_file(tokens.vocabulary))

    show = {"texts": show_texts} | ({"attention": show_attention} if attention else {})
    return Task(model=model, data=data, source=Windows(train, tokens, context + 1),
                prepare=prepare, evaluate=evaluate, final=final, baselines=compare, show=show,
                vocabulary=tokens.vocabulary, tables=(tokens,),
                signatures={"generate": generate, "score": score},
                portable=portable)


def lines(split):
    """Yields what tokens are learnt from: the texts of a split, and the line feed behind each."""
    yield from split.texts()
    yield b"\n"


def text_scores(score, texts):
    """Returns `loss`, `perplexity` and `bits_per_char` of some bytes by a `score` signature."""
    texts = sorted(texts, key=len)  # so that little of a batch of windows is padding
    found = [score(inputs=tf.constant(some)) for _, some in parts(_TEXTS, texts)]
    nats, characters, tokens = (
        sum(float(np.sum(part[name].numpy().astype(np.float64))) for part in found)
        for name in ("nats", "characters", "tokens"))
    return {"loss": nats / tokens, "perplexity": math.exp(min(nats / tokens, 700.0)),
            "bits_per_char": nats / math.log(2) / characters}


def scorer(model, tokens, context):
    """Returns the tf.function that says how likely texts are.

    Each text is read from the start of a line, and its line end is scored too. A text longer than
    the context is read in windows that overlap by half, so that every token but the first ones
    has at least half a context before it. Every token is scored once.

    Args:
        model, tokens: as of `language_model`.
        context: tokens of a window.

    Returns:
        inputs string [B] -> {nats: float32 [B], the negative log-likelihood; characters: int32 [B]
        and tokens: int32 [B], how many were scored, line end included}.
    """
    newline = line_feed(tokens)
    half = max(context // 2, 1)
    together = min(max(_LOGITS // (context * tokens.size), 1), _WINDOWS)

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, "inputs")], autograph=False)
    def score(inputs):
        ends = tf.fill([tf.size(inputs), 1], newline)
        text = tf.concat([ends, tokens.encode(inputs), ends], 1)
        lengths = tf.cast(text.row_lengths(), tf.int32) - 1  # [B], predictions
        counts = 1 + tf.maximum(-(-(lengths - context) // half), 0)  # [B], windows
        rows = tf.repeat(tf.range(tf.size(lengths)), counts)  # [N]
        numbers = tf.range(tf.size(rows)) - tf.gather(tf.cumsum(counts, exclusive=True), rows)
        begins = tf.cast(text.row_starts(), tf.int32)
        last = tf.size(text.flat_values) - 1

        def body(first, nats):
            row, number = rows[first:first + together], numbers[first:first + together]
            longest = tf.reduce_max(tf.gather(lengths, row) - number * half)
            columns = tf.range(tf.minimum(longest, context) + 1)
            places = number[:, None] * half + columns  # [n, T + 1], within the text
            windows = tf.gather(text.flat_values, tf.minimum(
                tf.gather(begins, row)[:, None] + places, last))
            logits = tf.cast(model(windows[:, :-1], training=False), tf.float32)
            losses = tf.nn.sparse_softmax_cross_entropy_with_logits(windows[:, 1:], logits)
            counted = (places[:, :-1] < tf.gather(lengths, row)[:, None]) & (
                (number == 0)[:, None] | (columns[:-1] >= context - half))
            found = tf.reduce_sum(tf.where(counted, losses, 0.0), 1)
            return first + together, tf.tensor_scatter_nd_add(nats, row[:, None], found)

        _, nats = tf.while_loop(
            lambda first, _: first < tf.size(rows), body,
            [tf.constant(0), tf.zeros_like(lengths, tf.float32)], parallel_iterations=1)
        return {"nats": nats, "tokens": lengths,
                "characters": tf.strings.length(inputs, "UTF8_CHAR") + 1}
    return score


def generator(decoder, tokens):
    """Returns the tf.function that continues texts.

    Args:
        decoder: see `tfmodels.decoding.sampling`.
        tokens: as of `language_model`.

    Returns:
        prompt string [B], length int32 [] >= 1 (tokens to write), seed int32 [], temperature
        float32 [] >= 0 (0: always the likeliest token), top_k int32 [] >= 0 (0: all tokens), top_p
        float32 [] in (0, 1] -> {texts: string [B], each prompt with its continuation}. A prompt
        begins a line, unless the tokens have a `start`: then it begins the text, and an empty one
        is that token. Equal seeds give equal texts. It refuses other values, and prompts longer
        than the decoder's context, with an InvalidArgumentError.
    """
    newline = line_feed(tokens)

    def begun(texts):
        if tokens.start is None:
            return tf.concat([tf.fill([tf.cast(texts.nrows(), tf.int32), 1], newline), texts], 1)
        empty = tf.cast(texts.row_lengths() == 0, tf.int64)
        return tf.concat([tf.RaggedTensor.from_row_lengths(
            tf.fill([tf.reduce_sum(empty)], tokens.start), empty), texts], 1)

    @tf.function(autograph=False, input_signature=sampling.INPUTS)
    def generate(prompt, length, seed, temperature, top_k, top_p):
        length, temperature, top_k, top_p = sampling.check_inputs(
            length, temperature, top_k, top_p)
        prompts = begun(tokens.encode(prompt))
        if decoder.context is not None:
            longest, before = tf.reduce_max(prompts.row_lengths()), int(tokens.start is None)
            length = checked(length, longest <= decoder.context,
                             f"prompt: expected at most {decoder.context - before} tokens",
                             longest - before)
        choose = sampling.sampler(seed, temperature, top_k, top_p, tokens.special)
        written = sampling.continue_tokens(decoder, prompts, length, choose)
        return {"texts": tf.strings.join([prompt, tokens.decode(written)])}
    return generate
