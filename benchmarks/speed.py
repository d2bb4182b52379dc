"""Speed of the experiments beside the same networks trained as on keras.io, in turn in one run.

    python -m benchmarks.speed [--models=dense,cnn] [--rounds=5] [--steps=100] [--json=speed.json]
    python -m benchmarks.speed --models=transformer,gpt,rnn --torch

A round trains each side for as many steps: keras.io's idiom, ours with the same maths (float32,
no XLA), and ours with the page's own settings. Time is that of training alone: no import, data
preparation, tracing, validation or checkpoint. A ratio is the median over the rounds of theirs
divided by ours, per example: above 1, ours is faster. All sides start from the same weights and
are scored on the validation split after equally many steps, so that a setting which is faster but
learns worse shows. With --torch (pip install '.[torch]') PyTorch's eager mode trains the networks
of text in the same rounds, too, and is compared with ours at the page's own settings.
"""

import argparse
import dataclasses
import gc
import json
import os
import statistics
import warnings

from experiments import pages, quiet
from tfmodels.errors import InputError, UserError, nearest
from tfmodels.training import manifest

# Steps of a round: a few seconds on each side.
STEPS = {"dense": 200, "cnn": 25, "transformer": 25, "rnn": 25, "autoencoder": 50, "gan": 25,
         "gan_dense": 200, "wgan": 25, "vae": 50, "gpt": 50, "gpt_adamw": 50, "gpt_nano": 50}
# Those that are not an experiment with its defaults: the experiment and the settings.
VARIANTS = {"gan_dense": ("gan", {"architecture": "dense"}),
            "gpt_adamw": ("gpt", {"optimizer": "adamw", "learning_rate": 3e-3}),
            # The size that nanoGPT's README gives for a processor.
            "gpt_nano": ("gpt", {"tokens": "characters", "context": 64, "width": 128, "depth": 4,
                                 "heads": 4, "batch_size": 12})}
WARM_UP = 5  # steps that trace and compile on both sides, before the first round
SIDES = ("keras.io", "same_maths", "fastest")
TORCH = ("transformer", "gpt", "rnn")  # those that PyTorch trains, too


def main(argv=None):
    """Runs the comparison and prints a table; returns its rows."""
    flags = _flags().parse_args(argv)
    try:
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # the optimizer of graphs grumbles
        if flags.torch:
            # Else the threads of PyTorch spin between its operations and slow everything down.
            os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
            import_torch()
        quiet.import_tensorflow()
        import tensorflow as tf
        tf.get_logger().setLevel("ERROR")
        warnings.simplefilter("ignore")
        print(machine(), *table([], flags.torch), sep="\n", flush=True)
        rows = []
        for name in flags.models:
            rows.append(compare(name, flags.rounds, flags.steps or STEPS[name], flags.data_dir,
                                flags.torch and VARIANTS.get(name, (name,))[0] in TORCH))
            print(table(rows, flags.torch)[-1], flush=True)
    except UserError as error:
        raise SystemExit(f"error: {error}") from None
    print("ratios: theirs / ours, medians; ms: CPU milliseconds of a step of keras.io's side")
    if flags.json:
        with open(flags.json, "w", encoding="utf-8") as file:
            json.dump({"machine": machine(), "models": rows}, file, indent=2)
    return rows


def import_torch():
    """Returns PyTorch's module, or says how to get it."""
    try:
        import torch
    except ImportError:
        raise InputError("--torch needs PyTorch, which is not installed: "
                         "pip install '.[torch]'") from None
    return torch


def compare(name, rounds, steps, data_dir="", torch=False):
    """Trains one experiment on all sides.

    Args:
        name: of the experiment, or of one of `VARIANTS`.
        rounds: how often each side trains.
        steps: in a round, on each side.
        data_dir: folder of prepared data sets.
        torch: whether PyTorch trains it, too.

    Returns:
        A dict: the settings, parameters and score of each side and the cost of each of its rounds.
    """
    from benchmarks.keras_io import KerasIo
    from benchmarks.ours import Ours
    page, chosen = VARIANTS.get(name, (name, {}))
    settings = pages.config_class(page)(steps=WARM_UP + rounds * steps, data_dir=data_dir, **chosen)
    sides = {"keras.io": KerasIo(page, settings), "same_maths": Ours(page, settings, True),
             "fastest": Ours(page, settings, False)}
    if sides["fastest"].settings == sides["same_maths"].settings:
        sides.pop("fastest").close()
    if torch:
        from benchmarks.torch_sides import TorchSide
        sides["PyTorch"] = TorchSide(page, settings)
    costs = {side: [] for side in sides}
    for side in sides.values():
        side.train(WARM_UP)
    for number in range(rounds):
        for side in list(sides)[::-1 if number % 2 else 1]:
            gc.collect()
            costs[side].append(sides[side].train(steps))
    found = {}
    for side, trained in sides.items():
        metric, score = trained.score()
        found[side] = {"settings": trained.settings, "parameters": trained.parameters,
                       "score": score, "rounds": [dataclasses.asdict(c) for c in costs[side]]}
        trained.close()
    found.setdefault("fastest", found["same_maths"])
    return {"model": name, "steps": WARM_UP + rounds * steps, "batch_size": settings.batch_size,
            "metric": metric, "sides": found}


def ratio(row, side, clock, other="keras.io"):
    """Returns the median over the rounds of the other side's time divided by that of `side`.

    Args:
        row: what `compare` returned.
        side: same_maths or fastest.
        clock: cpu or wall.
        other: keras.io or PyTorch.
    """
    theirs, ours = row["sides"][other]["rounds"], row["sides"][side]["rounds"]
    return statistics.median(
        (a[clock] / a["examples"]) / (b[clock] / b["examples"])
        for a, b in zip(theirs, ours, strict=True))


def table(rows, torch=False):
    """Returns the lines of a table: two of heading, then one for each row.

    Args:
        rows: what `compare` returned.
        torch: whether there are columns for PyTorch: its time / that of our fastest, its score.
    """
    lines = [
        f"{'':<20}{'':>7}{'keras.io':>10}{'same maths':>14}{'fastest':>14}  "
        f"{'':<21}validation score after these steps, lower is better",
        f"{'model':<12}{'weights':>8}{'steps':>7}{'CPU ms':>10}{'CPU':>7}{'wall':>7}{'CPU':>7}"
        f"{'wall':>7}  {'fastest is':<21}{'metric':<17}{'keras.io':>9}{'same':>9}{'fastest':>9}"]
    if torch:
        lines = [f"{lines[0]:<{len(lines[1])}}{'PyTorch':>14}",
                 f"{lines[1]}{'CPU':>7}{'wall':>7}{'score':>9}"]
    for row in rows:
        sides = row["sides"]
        each = statistics.median(1000 * cost["cpu"] / cost["examples"] * row["batch_size"]
                                 for cost in sides["keras.io"]["rounds"])
        lines.append(
            f"{row['model']:<12}{sides['same_maths']['parameters']:>8}{row['steps']:>7}{each:>10.2f}"
            + "".join(f"{ratio(row, side, clock):>7.2f}"
                      for side in ("same_maths", "fastest") for clock in ("cpu", "wall"))
            + f"  {sides['fastest']['settings']:<21}{row['metric']:<17}"
            + "".join(f"{sides[side]['score']:>9.4f}" for side in SIDES)
            + (_torch_cells(row) if torch else ""))
    return lines


def _torch_cells(row):
    """Returns PyTorch's columns of a row."""
    if "PyTorch" not in row["sides"]:
        return f"{'-':>7}{'-':>7}{'-':>9}"
    return "".join(f"{ratio(row, 'fastest', clock, 'PyTorch'):>7.2f}" for clock in (
        "cpu", "wall")) + f"{row['sides']['PyTorch']['score']:>9.4f}"


def machine():
    """Returns one line on the processor, its cores and the versions."""
    about = manifest.describe({}, (), [])
    versions = ", ".join(f"{name} {about['versions'][name]}"
                         for name in ("python", "tensorflow", "keras", "numpy"))
    cores = about["machine"]["cores"]
    return f"{about['machine']['processor']}, {cores} cores; {versions}"


def _flags():
    """Returns the parser of the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.speed", allow_abbrev=False,
                                     description=__doc__.partition("\n")[0])
    parser.add_argument("--models", type=_models, default=list(STEPS), metavar="A,B",
                        help=f"which of {', '.join(STEPS)} (default: all)")
    parser.add_argument("--rounds", type=positive, default=5, help="rounds (default: 5)")
    parser.add_argument("--steps", type=positive, metavar="N",
                        help=f"steps of a round (default: {STEPS})")
    parser.add_argument("--torch", action="store_true",
                        help=f"train {', '.join(TORCH)} in PyTorch, too")
    parser.add_argument("--data_dir", default="", help="folder of prepared TFDS data sets")
    parser.add_argument("--json", metavar="FILE", help="write every figure there, too")
    return parser


def _models(text):
    """Parses --models."""
    names = text.split(",")
    for name in names:
        if name not in STEPS:
            raise argparse.ArgumentTypeError(
                f"unknown model {name!r}: expected some of {','.join(STEPS)}"
                f"{nearest(name, list(STEPS))}")
    return names


def positive(text):
    """Parses an integer of at least 1."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"expected an integer of at least 1, not {text!r}")
    return int(text)


if __name__ == "__main__":
    main()
