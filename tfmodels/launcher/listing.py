"""`--list` and `--help`: what there is, with what it does and the result that is kept of it.

results.json beside this file is written by `python -m benchmarks.tables`; an experiment without a
result is shown without one. Imports no TensorFlow.
"""

import dataclasses
import json
import pathlib
import textwrap

from tfmodels import config
from tfmodels.errors import InputError
from tfmodels.launcher import pages
from tfmodels.launcher.flags import Launcher, Sampling

RESULTS = pathlib.Path(__file__).parent / "results.json"
_WIDTH = 100
_INDENT = " " * 30  # of what stands below a line of --list: the two columns before it


def print_list():
    """Prints every experiment by what it does: name, data set, first docstring line, score."""
    results, faults = read_results(), []
    for group, names in grouped(_readable(pages.names(), faults)).items():
        print(group)
        for name in names:
            dataset = pages.config_class(name)().dataset
            print(f"  {name:<13}{dataset:<15}{pages.docstring(name).splitlines()[0]}")
            for row in results.get(name, ()):
                if row["default"]:
                    print(f"{_INDENT}{_in_words(row)}")
    print("\nscores: of the test split, in brackets that of the best baseline, after the default "
          "command")
    for fault in faults:
        print(f"not shown: {fault}")


def _readable(names, faults):
    """Returns the names of the pages that are experiments; what is wrong with others is noted."""
    found = []
    for name in names:
        try:
            pages.load(name)
            found.append(name)
        except InputError as fault:
            faults.append(fault)
    return found


def print_help(experiment):
    """Prints an experiment's page and flags, or without one the flags of all and the list."""
    if experiment:
        config_class = pages.config_class(experiment)
        print(pages.docstring(experiment) + "\n")
        _print_results(read_results().get(experiment, ()))
        _print_flags(f"flags of {experiment}", config_class)
    _print_flags("launcher flags", Launcher)
    _print_flags("flags of --mode=sample and chat", Sampling)
    if not experiment:
        print_list()


def grouped(names):
    """Returns {group: its experiments}: those of `config.GROUPS` first, then others by name."""
    groups = {name: pages.config_class(name).group for name in names}
    others = sorted(set(groups.values()).difference(config.GROUPS))
    found = {group: [name for name in names if groups[name] == group]
             for group in [*config.GROUPS, *others]}
    return {group: names for group, names in found.items() if names}


def read_results():
    """Returns {experiment: rows}, as `benchmarks.scores.kept` made them."""
    return json.loads(RESULTS.read_text(encoding="utf-8"))


def _in_words(row):
    """Returns `accuracy 0.988 (logistic regression 0.882), 0.7 minutes`."""
    return f"{row['score']} ({row['baseline']}), {row['minutes']:.1f} minutes"


def _print_results(rows):
    """Prints the results that are kept of an experiment, if there are any."""
    if not rows:
        return
    print("scores of the test split, in brackets that of the best baseline (all: docs/results.md):")
    for row in rows:
        print(f"  {row['command']}\n    {_in_words(row)} on {row['machine']}")
    print()


def _print_flags(title, cls):
    """Prints the flags of a class with their defaults, meanings and limits."""
    print(f"{title}:")
    for f in dataclasses.fields(cls):
        about = config.about(cls, f.name)
        choices = f" ({'|'.join(about['choices'])})" if about["choices"] else ""
        default = f"{f.default:g}" if f.type is float else f.default
        others = f"; of a table {cls.of_tables[f.name]}" if f.name in getattr(
            cls, "of_tables", ()) else ""
        print(textwrap.fill(f"{about['help']}{choices}{others}", _WIDTH, subsequent_indent=" " * 34,
                            initial_indent=f"  --{f'{f.name}={default}':<28}  "))
    print()
