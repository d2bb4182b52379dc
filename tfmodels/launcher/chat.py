"""A conversation with a run: in the terminal, or line by line through a pipe."""

import sys

from tfmodels.errors import InputError
from tfmodels.launcher import building, output, quiet, written_texts

_LONGEST = 1000  # bytes of a line


def talk(path, sampling):
    """Answers each line of the standard input with one line, until it ends; returns 0.

    A line that has no answer gets one in brackets that says why. A language model's answer begins
    with the line itself.

    Args:
        path: the folder of a run whose export has `generate`.
        sampling: a `Sampling`.
    """
    with building.held(path) as (_, signals):
        signals.message = "the conversation is over, the run is as it was"
        quiet.import_tensorflow()
        from tfmodels.export import saved_model
        signatures = saved_model.load(path / "export")
        if "generate" not in signatures:
            raise InputError(f"{path} writes no texts: expected a run of dialogue, or of another "
                             "experiment that writes some, such as translation or gpt")
        terminal = sys.stdin.isatty()
        if terminal:
            print("Say something. Ctrl-D ends.")
        with output.reader_may_leave():
            for line in _typed() if terminal else _piped():
                # A Stopped that is raised inside TensorFlow's callbacks would be lost.
                with signals.deferred():
                    answer = _answer(signatures["generate"], sampling, line)
                    print(output.printable(answer), flush=True)
                signals.check()
    return 0


def _answer(generate, sampling, line):
    """Returns what the run answers to a line of bytes, or in brackets why it does not."""
    if len(line) > _LONGEST:
        return f"[too long: expected a line of at most {_LONGEST:,} bytes]"
    if not line:
        return "[empty: expected a line of text]"
    try:
        line.decode()
        [written] = written_texts.generated(generate, sampling, [line])
    except UnicodeDecodeError:
        return "[not UTF-8: expected text in UTF-8]"
    except InputError as refusal:
        return f"[{refusal}]"
    return " ".join(written.split()) or "[no words come to the model]"


def _typed():
    """Yields the lines that are typed at a prompt, with the editing and history of readline."""
    import readline  # noqa: F401 (its import is what gives `input` all that)
    sys.stdin.reconfigure(errors="surrogateescape")
    while True:
        try:
            yield input("> ").encode(errors="surrogateescape").strip()
        except EOFError:
            print()
            return


def _piped():
    """Yields the lines of the standard input as they come; of a long one only the beginning."""
    source = sys.stdin.buffer
    while line := source.readline(_LONGEST + 2):
        part = line
        while part and not part.endswith(b"\n"):
            part = source.readline(1 << 16)
        yield line.rstrip(b"\r\n") if len(line) > _LONGEST else line.strip()
