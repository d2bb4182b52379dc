"""Starting from another run's layers (`--init_from`) beside starting from scratch, over 5 seeds.

    python -m benchmarks.transfer [--only=verses] [--seeds=5] [--logdir=DIR] [--json=FILE]

A comparison trains the source once; then for each seed it trains twice on few labels, with the
same command but for `--init_from` and `--freeze`. A seed decides the initial weights, the order
of examples and which labels are used, so both sides of a seed have the same ones. The accuracy is
that of the exports on the test split; steps, rates and what is frozen were chosen on the validation
split. Each run is one command of the launcher, printed first, that can be repeated by itself.
"""

import argparse
import contextlib
import dataclasses
import io
import json
import os
import pathlib
import statistics
import tempfile
import time

from benchmarks.speed import machine, positive
from experiments import cli
from tfmodels.errors import InputError, UserError
from tfmodels.training import run as runs


@dataclasses.dataclass(frozen=True)
class Comparison:
    """What is compared.

    Attributes:
        about: a title.
        source: flags of the run that is started from, `--experiment` first.
        target: flags of both sides, `--experiment` first.
        transfer: flags of one side besides; `--init_from` is added.
        others: {what differs: flags of both sides after those}, such as another number of steps.
    """

    about: str
    source: tuple
    target: tuple
    transfer: tuple = ()
    others: dict = dataclasses.field(default_factory=lambda: {"": ()})


_RARELY = ("--eval_every=1000000", "--checkpoint_every=1000000")
COMPARISONS = {
    "verses": Comparison(
        "genres of verses from 1,000 labels, after masked words of all verses",
        ("--experiment=masked_lm",),
        ("--experiment=transformer", "--train_examples=1000", "--batch_size=128", "--members=1",
         *_RARELY),
        others={"150 steps": ("--steps=150",)}),
    "digits": Comparison(
        "digits 5-9 from 10 labels each, after digits 0-4",
        ("--experiment=cnn", "--classes=0,1,2,3,4", *_RARELY),
        ("--experiment=cnn", "--classes=5,6,7,8,9", "--examples_per_class=10", "--batch_size=50",
         *_RARELY),
        ("--freeze=*_0,*_1,*_2",),
        others={"20 steps": ("--steps=20",), "200 steps": ("--steps=200",)}),
}


def main(argv=None):
    """Runs the comparisons and prints a table of each; returns their rows by name."""
    flags = _flags().parse_args(argv)
    began = time.monotonic()
    print(machine(), flush=True)
    found = {}
    try:
        with contextlib.ExitStack() as stack:
            logdir = flags.logdir or stack.enter_context(tempfile.TemporaryDirectory())
            for name in [flags.only] if flags.only else COMPARISONS:
                found[name] = compare(COMPARISONS[name], flags.seeds, logdir, flags.data_dir)
                print(table(COMPARISONS[name], found[name]), flush=True)
    except UserError as error:
        raise SystemExit(f"error: {error}") from None
    print(f"{(time.monotonic() - began) / 60:.1f} minutes in all")
    if flags.json:
        pathlib.Path(flags.json).write_text(json.dumps(
            {"machine": machine(), "rows": found}, indent=2) + "\n", encoding="utf-8")
    return found


def compare(comparison, seeds, logdir, data_dir=""):
    """Trains the source and both sides for each seed.

    Returns:
        A list of rows: what differs, the seed, the test accuracy from `scratch` and by `transfer`,
        and the accuracy of the task's baselines on the same labels.
    """
    common = [f"--data_dir={data_dir}"] if data_dir else []
    source = _train(logdir, "source", *comparison.source, *common)
    rows = []
    for what, flags in comparison.others.items():
        for seed in range(seeds):
            number = f"{seed}-{list(comparison.others).index(what)}"
            sides = {
                side: _train(logdir, f"{side}-{number}", *comparison.target, *flags, *extra,
                             f"--seed={seed}", *common)
                for side, extra in (("scratch", ()), ("transfer", (
                    f"--init_from={source['experiment']}/source", *comparison.transfer)))}
            rows.append({"what": what, "seed": seed, "baselines": sides["scratch"]["baselines"]} | {
                side: metrics["metrics"]["test_accuracy"] for side, metrics in sides.items()})
    return rows


def table(comparison, rows):
    """Returns the rows as Markdown: each seed, then the mean with its standard deviation."""
    lines = [f"\n{comparison.about}\n", "| | seed | from scratch | transferred | difference | "
             "baselines |", "|---|---|---|---|---|---|"]
    for what in comparison.others:
        of_it = [row for row in rows if row["what"] == what]
        gains = [row["transfer"] - row["scratch"] for row in of_it]
        lines += [f"| {what} | {row['seed']} | {row['scratch']:.2%} | {row['transfer']:.2%} | "
                  f"{100 * gain:+.2f} | {_baselines(row['baselines'])} |"
                  for row, gain in zip(of_it, gains, strict=True)]
        sides = (_spread([row[side] for row in of_it]) for side in ("scratch", "transfer"))
        lines.append(f"| {what} | mean | {' | '.join(sides)} | {100 * statistics.mean(gains):+.2f} "
                     f"| better in {sum(gain > 0 for gain in gains)} of {len(gains)} |")
    return "\n".join(lines)


def _train(logdir, run, *flags):
    """Trains a run, unless it is finished, and returns its metrics."""
    command = [*flags, f"--logdir={logdir}", f"--run={run}"]
    print("python launch.py", *command, flush=True)
    with contextlib.redirect_stdout(io.StringIO()) as said:
        code = cli.main(["launch.py", *command])
    if code:
        raise InputError(f"the command ended with code {code}: {said.getvalue()[-500:]}")
    experiment = flags[0].removeprefix("--experiment=")
    return runs.read_json(pathlib.Path(logdir) / experiment / run / "metrics.json")


def _spread(accuracies):
    """Returns `80.12% ± 0.34` of the accuracies of all seeds."""
    deviation = statistics.stdev(accuracies) if len(accuracies) > 1 else 0.0
    return f"{statistics.mean(accuracies):.2%} ± {100 * deviation:.2f}"


def _baselines(found):
    """Returns `linear svm 58.62%, …` of a run's baselines."""
    return ", ".join(f"{name.replace('_', ' ')} {metrics['test_accuracy']:.2%}"
                     for name, metrics in found.items())


def _flags():
    """Returns the parser of the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.transfer", allow_abbrev=False,
                                     description=__doc__.splitlines()[0])
    parser.add_argument("--only", choices=COMPARISONS, help="which comparison (default: all)")
    parser.add_argument("--seeds", type=positive, default=5, help="how many, from 0")
    parser.add_argument("--logdir", default="", help="where the runs are kept; finished ones are "
                        "not trained again (default: a temporary folder)")
    parser.add_argument("--data_dir", default="", help="folder of prepared data sets")
    parser.add_argument("--json", help="file to write the rows to")
    return parser


if __name__ == "__main__":
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    main()
