"""Speed of the experiments beside the same networks trained as on keras.io, in turn in one run.

    python -m benchmarks.speed [--models=dense,cnn] [--rounds=5] [--steps=100] [--out=DIR]
    python -m benchmarks.speed --models=transformer,gpt,rnn --torch

A round trains each side for as many steps: keras.io's idiom, ours in float32 without XLA on the
step, and ours with the page's own settings. Time is that of training alone: no import, data
preparation, tracing, validation or checkpoint. A ratio is the median over the rounds of theirs
divided by ours, per example: above 1, ours is faster. All sides start from the same weights and
are scored on the validation split after equally many steps, so that a setting which is faster but
learns worse shows. With --torch (pip install '.[torch]') PyTorch's eager mode trains the networks
of text in the same rounds, too, and is compared with ours at the page's own settings.

A side whose optimizer is not ours gets the best of some learning rates: before the rounds it
trains untimed with each of them, for as many steps, and the validation score decides. Ours keeps
the page's rate. What else differs between the sides is said under the table.
"""

import argparse
import dataclasses
import functools
import gc
import math
import os
import statistics
import warnings

from benchmarks import records
from benchmarks.speed import speed_table
from tfmodels.errors import InputError, UserError, nearest
from tfmodels.launcher import pages, quiet

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
TORCH = ("transformer", "gpt", "rnn")  # those that PyTorch trains, too
RATES = (1e-3, 3e-3, 1e-2)  # tried for the other sides, beside the page's own


def main(argv=None):
    """Runs the comparison and prints a table; returns its rows."""
    flags = _flags().parse_args(argv)
    rows = {}
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
        print(records.this_machine(), *speed_table.table({}), sep="\n", flush=True)
        for name in flags.models:
            row = compare(name, flags.rounds, flags.steps or STEPS[name], flags.data_dir,
                          flags.torch and VARIANTS.get(name, (name,))[0] in TORCH)
            rows[name] = row
            print(speed_table.table({name: row})[-1], flush=True)
            records.write(flags.out, "speed", name, argv, row)
    except UserError as error:
        raise SystemExit(f"error: {error}") from None
    print(*speed_table.notes(rows), sep="\n")
    return rows


def import_torch():
    """Returns PyTorch's module, or says how to get it. Call it before TensorFlow is imported."""
    try:
        import torch

        # A first optimizer imports this, and with it Triton, whose LLVM crashes beside TensorFlow's
        # unless it comes first.
        import torch._dynamo
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
        A dict: the settings, parameters and score of each side, the cost of each of its rounds and,
        where its learning rate was chosen, that and the score with each; the `ratios` of time.
    """
    from benchmarks.peers.keras_io import KerasIo
    from benchmarks.speed.ours import Ours
    page, chosen = VARIANTS.get(name, (name, {}))
    settings = pages.config_class(page)(steps=WARM_UP + rounds * steps, data_dir=data_dir, **chosen)
    makers = {"keras.io": functools.partial(KerasIo, page),
              "float32": functools.partial(Ours, page, plain=True),
              "page": functools.partial(Ours, page)}
    if torch:
        from benchmarks.peers.torch_sides import TorchSide
        makers["PyTorch"] = functools.partial(TorchSide, page)
    tried = {side: scores_by_rate(make, settings) for side, make in makers.items()
             if _has_another_optimizer(side, settings)}
    rates = {side: min(scores, key=scores.get) for side, scores in tried.items()}
    sides = {side: make(dataclasses.replace(settings, learning_rate=rates[side])
                        if side in rates else settings) for side, make in makers.items()}
    if sides["page"].settings == sides["float32"].settings:
        sides.pop("page").close()
    costs = _train_in_turn(sides, rounds, steps)
    found = {}
    for side, trained in sides.items():
        metric, score = trained.score()
        found[side] = {"settings": trained.settings, "parameters": trained.parameters,
                       "score": score, "rounds": [dataclasses.asdict(c) for c in costs[side]]}
        if side in tried:
            found[side] |= {"learning_rate": rates[side], "score_by_rate": {
                f"{rate:g}": score for rate, score in tried[side].items()}}
        trained.close()
    found.setdefault("page", found["float32"])
    compared = [("keras.io", "float32"), ("keras.io", "page")] + [("PyTorch", "page")] * torch
    return {"steps": WARM_UP + rounds * steps, "batch_size": settings.batch_size, "metric": metric,
            "sides": found, "ratios": {
                f"{theirs} / {ours}": {clock: ratio(found[theirs], found[ours], clock)
                                       for clock in ("cpu", "wall")} for theirs, ours in compared}}


def scores_by_rate(make, settings):
    """Trains a side, untimed, with each of the learning rates that are tried.

    Args:
        make: settings -> a `Side`.
        settings: the page's, whose own rate is tried, too.

    Returns:
        {rate: validation score after `settings.steps`, lower is better}.
    """
    scores = {}
    for rate in sorted({*RATES, settings.learning_rate}):
        side = make(dataclasses.replace(settings, learning_rate=rate))
        side.train(settings.steps)
        _, score = side.score()
        scores[rate] = score if math.isfinite(score) else math.inf
        side.close()
    return scores


def _has_another_optimizer(side, settings):
    """Says whether a side trains by another optimizer than ours, or in another library.

    Keras' Muon does not take the kernels of Keras' attention, which are no matrices.
    """
    return side == "PyTorch" or (
        side == "keras.io" and getattr(settings, "optimizer", None) == "muon")


def _train_in_turn(sides, rounds, steps):
    """Trains {name: side} in rounds, every other one backwards; returns {name: costs}."""
    costs = {side: [] for side in sides}
    for side in sides.values():
        side.train(WARM_UP)
    for number in range(rounds):
        for side in list(sides)[::-1 if number % 2 else 1]:
            gc.collect()
            costs[side].append(sides[side].train(steps))
    return costs


def ratio(theirs, ours, clock):
    """Returns the median over the rounds of their time divided by ours, for an example.

    Args:
        theirs, ours: one of the `sides` that `compare` returns each.
        clock: cpu or wall.
    """
    return statistics.median(
        (a[clock] / a["examples"]) / (b[clock] / b["examples"])
        for a, b in zip(theirs["rounds"], ours["rounds"], strict=True))


def _flags():
    """Returns the parser of the command line."""
    parser = records.parser("speed", __doc__)
    parser.add_argument("--models", type=_models, default=list(STEPS), metavar="A,B",
                        help=f"which of {', '.join(STEPS)} (default: all)")
    parser.add_argument("--rounds", type=records.positive, default=5, help="rounds (default: 5)")
    parser.add_argument("--steps", type=records.positive, metavar="N",
                        help=f"steps of a round (default: {STEPS})")
    parser.add_argument("--torch", action="store_true",
                        help=f"train {', '.join(TORCH)} in PyTorch, too")
    parser.add_argument("--data_dir", default="", help="folder of prepared TFDS data sets")
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
