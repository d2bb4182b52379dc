"""Texts written by a run's export: continuations of a prompt."""

import re
import sys

from tfmodels.errors import InputError


def write(generate, sampling, count, target):
    """Writes texts with a `generate` signature, and prints them or puts them in a file.

    Args:
        generate: takes `prompt`, `length`, `seed`, `temperature`, and perhaps more.
        sampling: a `Sampling`.
        count: how many texts.
        target: path of the file, or None.

    Raises:
        InputError: a setting that the run cannot take, named with what it can.
    """
    import tensorflow as tf
    if sampling.labels:
        raise InputError(f"flag --labels={sampling.labels}: only runs that draw images take it")
    try:
        prompt = sampling.prompt.encode()
    except UnicodeEncodeError:  # Python keeps such bytes of a command line as lone surrogates
        raise InputError(f"flag --prompt={ascii(sampling.prompt)}: expected text in UTF-8"
                         ) from None
    inputs = {"prompt": [prompt] * count, "length": sampling.length, "seed": sampling.sample_seed,
              "temperature": sampling.temperature, "top_k": sampling.top_k, "top_p": sampling.top_p}
    try:
        found = generate(**{name: tf.constant(inputs[name]) for name in generate.inputs})
    except tf.errors.InvalidArgumentError as error:
        refused = re.search(r"assertion failed: \[(\w+): (.+?)\] \[(.*?)\]", str(error))
        if not refused:
            raise
        raise InputError("flag --{}: {} {}".format(*refused.groups())) from None
    written = "".join(text.decode(errors="replace") + "\n\n" for text in found["texts"].numpy())
    if target:
        target.write_text(written, encoding="utf-8")
        print(f"{count} texts in {target}")
    else:
        encoding = sys.stdout.encoding or "utf-8"  # a terminal may not have every character
        print(written.encode(encoding, "replace").decode(encoding), end="")
