"""Starting from another run's layers (`--init_from`) beside starting from scratch, over 5 seeds.

    python -m benchmarks.transfer [--only=verses] [--seeds=5] [--logdir=DIR] [--out=DIR]

A comparison trains the source once; then for each seed it trains twice on few labels, with the
same command but for `--init_from` and what goes with it. A seed decides the initial weights, the
order of examples and which labels are used, so both sides of a seed have the same ones. The
accuracy is that of the exports on the test split; steps, rates and what is frozen were chosen on
the validation split. Each run is one command of the launcher, printed first, that can be repeated
by itself.
"""

import contextlib
import dataclasses
import io
import os
import pathlib
import statistics
import tempfile
import time

from benchmarks import records
from tfmodels import files
from tfmodels.errors import InputError, UserError
from tfmodels.launcher import cli


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
        "`transformer` after `masked_lm`, genres of verses from 1,000 labels",
        ("--experiment=masked_lm",),
        ("--experiment=transformer", "--train_examples=1000", "--learning_rate=3e-3", *_RARELY),
        ("--learning_rate=1e-3",),  # the better rate of each side, by validation with one seed
        others={"150 steps": ("--steps=150",)}),
    "digits": Comparison(
        "`cnn` after `cnn` of digits 0-4, digits 5-9 from 10 labels each",
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
    print(records.this_machine(), flush=True)
    found = {}
    try:
        with contextlib.ExitStack() as stack:
            logdir = flags.logdir or stack.enter_context(tempfile.TemporaryDirectory())
            for name in [flags.only] if flags.only else COMPARISONS:
                found[name] = compare(COMPARISONS[name], flags.seeds, logdir, flags.data_dir)
                print(table(COMPARISONS[name], found[name]), flush=True)
                records.write(flags.out, "transfer", name, argv, {
                    "about": COMPARISONS[name].about, "means": means(found[name]),
                    "rows": found[name]})
    except UserError as error:
        raise SystemExit(f"error: {error}") from None
    print(f"{(time.monotonic() - began) / 60:.1f} minutes in all")
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
    for mean in means(rows):
        what = mean["what"]
        lines += [f"| {what} | {row['seed']} | {row['scratch']:.2%} | {row['transfer']:.2%} | "
                  f"{100 * (row['transfer'] - row['scratch']):+.2f} | "
                  f"{_baselines(row['baselines'])} |" for row in rows if row["what"] == what]
        gain = mean["transfer"][0] - mean["scratch"][0]
        lines.append(f"| {what} | mean | {_spread(mean['scratch'])} | {_spread(mean['transfer'])} "
                     f"| {100 * gain:+.2f} | better in {mean['better']} of {mean['seeds']} |")
    return "\n".join(lines)


def means(rows):
    """Returns what the rows come to: for each thing that differs, a dict.

    `scratch` and `transfer` are (mean, standard deviation) over the `seeds`; transfer was `better`
    in so many of them.
    """
    def spread(accuracies):
        deviation = statistics.stdev(accuracies) if len(accuracies) > 1 else 0.0
        return statistics.mean(accuracies), deviation

    found = []
    for what in dict.fromkeys(row["what"] for row in rows):
        scratch, transfer = ([row[side] for row in rows if row["what"] == what]
                             for side in ("scratch", "transfer"))
        found.append({"what": what, "seeds": len(scratch), "scratch": spread(scratch),
                      "transfer": spread(transfer),
                      "better": sum(b > a for a, b in zip(scratch, transfer, strict=True))})
    return found


def markdown(found):
    """Returns the Markdown of {comparison: record}."""
    lines = ["| test accuracy | from scratch | transferred | better in |", "|---|---|---|---|"]
    for figures in (found[name]["figures"] for name in COMPARISONS if name in found):
        lines += [f"| {figures['about']}: {mean['what']} | {_spread(mean['scratch'])} | "
                  f"{_spread(mean['transfer'])} | {mean['better']} of {mean['seeds']} seeds |"
                  for mean in figures["means"]]
    note = records.prose(f"Mean ± standard deviation over the seeds. {records.origin(found)}")
    return "\n".join([*lines, "", note]) + "\n"


def _train(logdir, run, *flags):
    """Trains a run, unless it is finished, and returns its metrics."""
    command = [*flags, f"--logdir={logdir}", f"--run={run}"]
    print("python launch.py", *command, flush=True)
    with contextlib.redirect_stdout(io.StringIO()) as said:
        code = cli.main(["launch.py", *command])
    if code:
        raise InputError(f"the command ended with code {code}: {said.getvalue()[-500:]}")
    experiment = flags[0].removeprefix("--experiment=")
    return files.read_json(pathlib.Path(logdir) / experiment / run / "metrics.json")


def _spread(found):
    """Returns `80.1% ± 0.3` of a mean and a standard deviation."""
    return f"{found[0]:.1%} ± {100 * found[1]:.1f}"


def _baselines(found):
    """Returns `linear svm 58.62%, …` of a run's baselines."""
    return ", ".join(f"{name.replace('_', ' ')} {metrics['test_accuracy']:.2%}"
                     for name, metrics in found.items())


def _flags():
    """Returns the parser of the command line."""
    parser = records.parser("transfer", __doc__)
    parser.add_argument("--only", choices=COMPARISONS, help="which comparison (default: all)")
    parser.add_argument("--seeds", type=records.positive, default=5, help="how many, from 0")
    parser.add_argument("--logdir", default="", help="where the runs are kept; finished ones are "
                        "not trained again (default: a temporary folder)")
    parser.add_argument("--data_dir", default="", help="folder of prepared data sets")
    return parser


if __name__ == "__main__":
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    main()
