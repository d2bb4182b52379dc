"""Result files of the benchmarks, from which `benchmarks.tables` makes all tables.

A file says what was found (`figures`) and by which command, when, on which machine, with which
versions and revision. A benchmark writes one where `--out` says; those that are shown are in
benchmarks/results, a folder for each benchmark. Imports no TensorFlow.
"""

import argparse
import json
import pathlib
import re
import shlex
import sys
import textwrap

from tfmodels.training import manifest

FOLDER = pathlib.Path(__file__).parent / "results"
# Flags that say where something lies: no part of the command that is kept.
_PLACES = ("--out", "--data_dir", "--logdir", "--run")


def parser(benchmark, description):
    """Returns a benchmark's parser of the command line, with the flags that all of them have."""
    made = argparse.ArgumentParser(prog=f"python -m benchmarks.{benchmark}", allow_abbrev=False,
                                   description=description.partition("\n")[0])
    made.add_argument("--out", metavar="DIR", help="folder for the result file; the tables of "
                      "README and docs are made from benchmarks/results by python -m "
                      "benchmarks.tables")
    return made


def positive(text):
    """Parses an integer of at least 1."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"expected an integer of at least 1, not {text!r}")
    return int(text)


def write(out, benchmark, name, argv, figures):
    """Writes OUT/BENCHMARK/NAME.json; without `out`, nothing.

    Args:
        out: folder, or None.
        benchmark: its module in `benchmarks`.
        name: of what was measured, such as an experiment.
        argv: the flags it was started with; None for those of this process.
        figures: what was found.
    """
    if not out:
        return
    flags = sys.argv[1:] if argv is None else argv
    about = manifest.describe({}, (), [])
    record = {"command": command(["python", "-m", f"benchmarks.{benchmark}", *flags]),
              "date": about["created"], "machine": about["machine"],
              "versions": about["versions"], "revision": about["revision"], "figures": figures}
    file = pathlib.Path(out, benchmark, f"{name}.json")
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(record, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def read(benchmark, folder=FOLDER):
    """Returns {name: record} of a benchmark, in order of the names."""
    return {path.stem: json.loads(path.read_text(encoding="utf-8"))
            for path in sorted(pathlib.Path(folder, benchmark).glob("*.json"))}


def command(words):
    """Returns a command line without the flags that say where something lies."""
    kept, words = [], list(words)
    while words:
        word = words.pop(0)
        if word in _PLACES:
            words[:1] = []  # its value
        elif not word.startswith(tuple(f"{flag}=" for flag in _PLACES)):
            kept.append(word)
    return shlex.join(kept)


def origin(records):
    """Returns a sentence: by which commands, where and when {name: record} were made.

    A record that holds `transcribed` was not written by its command: it says what it copies.
    """
    names = {}  # of each place and date, of each command
    for name, record in records.items():
        source = record.get("transcribed")
        when = f"transcribed from {source}" if source else record["date"][:10]
        made = names.setdefault(f"on {machine(record['machine'])}, {when}", {})
        made.setdefault(f"`{record['command']}`", []).append(f"`{name}`")
    several = sum(map(len, names.values())) > 1
    return " ".join(
        f"Made {where} by " + ", ".join(
            f"{made} ({', '.join(of_it)})" if several else made
            for made, of_it in commands.items()) + "." for where, commands in names.items())


def prose(text, indent=""):
    """Returns a text in lines of at most 100 characters, all but the first indented.

    What stands between backticks is not broken.
    """
    whole = re.sub("`[^`]*`", lambda code: code[0].replace(" ", "\0"), text)
    return textwrap.fill(whole, 100, subsequent_indent=indent, break_long_words=False,
                         break_on_hyphens=False).replace("\0", " ")


def machine(about):
    """Returns `2 cores of an AMD EPYC` of a manifest's machine."""
    return f"{about.get('cores')} cores of an {about.get('processor')}"


def this_machine():
    """Returns one line on the processor, its cores and the versions."""
    about = manifest.describe({}, (), [])
    versions = ", ".join(f"{name} {about['versions'][name]}"
                         for name in ("python", "tensorflow", "keras", "numpy"))
    return f"{machine(about['machine'])}; {versions}"
