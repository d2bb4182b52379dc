"""Texts written by a run's export: continuations of a prompt."""

import contextlib
import re
import sys

from tfmodels import files
from tfmodels.errors import InputError
from tfmodels.launcher import output


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
    if sampling.labels:
        raise InputError(f"flag --labels={sampling.labels}: only runs that draw images take it")
    try:
        prompt = sampling.prompt.encode()
    except UnicodeEncodeError:  # Python keeps such bytes of a command line as lone surrogates
        raise InputError(f"flag --prompt={ascii(sampling.prompt)}: expected text in UTF-8"
                         ) from None
    written = "".join(text + "\n\n" for text in generated(generate, sampling, [prompt] * count))
    if target:
        with files.replacing(target, text=True) as file:
            file.write(written)
        print(f"{count} texts in {target}")
    else:
        print(output.printable(written), end="")


def generated(generate, sampling, prompts):
    """Returns the text that follows each prompt, or answers it, as list of str.

    Args:
        generate, sampling: as of `write`.
        prompts: list of UTF-8 bytes.

    Raises:
        InputError: a setting or a prompt that the run cannot take, named with what it can.
    """
    import tensorflow as tf
    inputs = {"prompt": prompts, "length": sampling.length, "seed": sampling.sample_seed,
              "temperature": sampling.temperature, "top_k": sampling.top_k, "top_p": sampling.top_p}
    with refusals():
        found = generate(**{name: tf.constant(inputs[name]) for name in generate.inputs})
    if "cut" in found and found["cut"].numpy().any():
        print("warning: the prompt is longer than what the run reads: its tail was left out",
              file=sys.stderr)
    return [text.decode(errors="replace") for text in found["texts"].numpy()]


@contextlib.contextmanager
def refusals():
    """Makes an InputError that names the flag of what an export refuses."""
    import tensorflow as tf
    try:
        yield
    except tf.errors.InvalidArgumentError as error:
        refused = re.search(r"assertion failed: \[(\w+): (.+?)\] \[(.*?)\]", str(error))
        if not refused:
            raise
        raise InputError("flag --{}: {} {}".format(*refused.groups())) from None
