"""Text generation of `gpt` with its cache beside a full pass over the text for each token.

    python -m benchmarks.generation [--tokens=256] [--rounds=3] [--batch_size=1] [--out=DIR]

Both continue the same random prompt greedily with the same untrained network, in turn; the tokens
must be the same. The network has the page's size, with a context as long as the text.
"""

import statistics
import time

from benchmarks import records
from tfmodels.launcher import pages, quiet


def main(argv=None):
    """Runs the comparison and prints the times; returns the median ratio."""
    parser = records.parser("generation", __doc__)
    parser.add_argument("--tokens", type=records.positive, default=256)
    parser.add_argument("--rounds", type=records.positive, default=3)
    parser.add_argument("--batch_size", type=records.positive, default=1)
    flags = parser.parse_args(argv)
    quiet.import_tensorflow()
    import numpy as np
    import tensorflow as tf

    from tfmodels.models.gpt import gpt
    page = pages.config_class("gpt")()
    model = gpt(256, flags.tokens, page.width, page.depth, page.heads, seed=page.seed)
    sides = generators(model, flags.tokens)
    prompt = tf.random.stateless_uniform([flags.batch_size], [0, 0], 0, 256, tf.int32)
    texts = [generate(prompt) for generate in sides.values()]  # traces
    np.testing.assert_array_equal(*texts)
    seconds = {name: [] for name in sides}
    for _ in range(flags.rounds):
        for name, generate in sides.items():
            began = time.perf_counter()
            generate(prompt).numpy()
            seconds[name].append(time.perf_counter() - began)
    ratio = statistics.median(slow / fast for slow, fast in zip(
        seconds["full passes"], seconds["cache"], strict=True))
    figures = {"tokens": flags.tokens, "batch_size": flags.batch_size, "ratio": ratio,
               "ms_per_token": {name: 1000 * statistics.median(found) / flags.tokens
                                for name, found in seconds.items()}}
    records.write(flags.out, "generation", "gpt", argv, figures)
    print(records.this_machine())
    for name, each in figures["ms_per_token"].items():
        print(f"{name:<12} {each:8.2f} ms per token")
    print(sentence(figures))
    return ratio


def markdown(found):
    """Returns the Markdown of {model: record}."""
    said = " ".join(sentence(record["figures"]) for record in found.values())
    return records.prose(f"{said} {records.origin(found)}") + "\n"


def sentence(figures):
    """Returns what was found."""
    return (f"With its key-value cache `gpt` writes a text of {figures['tokens']} tokens "
            f"{figures['ratio']:.2g} times as fast as by a full pass for each token, and the same "
            "tokens.")


def generators(model, length):
    """Returns two ways of continuing tokens int32 [B] greedily to int32 [B, length]."""
    import tensorflow as tf

    from tfmodels.models.gpt import CachedGPT
    cached = CachedGPT(model)

    def loop(step, state, first):
        """Calls step(position, text so far [B, length], state) -> (logits [B, V], state)."""
        def body(position, text, state):
            logits, state = step(position, text, state)
            here = tf.range(length) == position + 1
            chosen = tf.argmax(logits, -1, tf.int32)
            return position + 1, tf.where(here, chosen[:, None], text), state
        text = tf.pad(first[:, None], [[0, 0], [0, length - 1]])
        return tf.while_loop(lambda position, *_: position < length - 1, body,
                             [tf.constant(0), text, state])[1]

    def with_cache(first):
        def step(position, text, state):
            return cached.step(tf.gather(text, position, axis=1), position, state)
        return loop(step, cached.initial_state(tf.shape(first)[0]), first)

    def without(first):
        def step(position, text, _):
            return model(text[:, :position + 1])[:, -1], ()
        return loop(step, (), first)

    return {name: tf.function(function, autograph=False)
            for name, function in (("cache", with_cache), ("full passes", without))}


if __name__ == "__main__":
    main()
