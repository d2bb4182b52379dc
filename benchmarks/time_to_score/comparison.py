"""Seconds from the start of a command until its validation score is a peer's own final one.

    python -m benchmarks.time_to_score [--experiment=cnn] [--dataset=mnist] [--rounds=3] [--out=DIR]

A peer is a recipe as it is published: its network, data idiom, optimizer, batch size and epochs
(benchmarks/time_to_score/recipes, sources named). Ours is the command of `CASES`. Both are whole
programs on the same arrays, run in turn; what counts is the time from the start of the process,
imports included, to the end of the first validation that is at least as good as the last one of the
peer, by the same metric on the same validation images. Settings of ours were chosen on that split.
"""

import dataclasses
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

from benchmarks import records

_RECIPES = pathlib.Path(__file__).parent / "recipes"
_ROOT = pathlib.Path(__file__).parents[2]


@dataclasses.dataclass(frozen=True)
class Case:
    """An experiment beside the recipe of a peer.

    Attributes:
        recipe: module of `recipes`.
        tag: of the validation score, as TensorBoard has it.
        lower: whether less of it is better.
        flags: of our command.
    """

    recipe: str
    tag: str
    lower: bool
    flags: tuple

    def first(self, points, target):
        """Returns the seconds of the first of (seconds, score) as good as `target`, or None."""
        return next((seconds for seconds, score in points
                     if (score <= target if self.lower else score >= target)), None)


CASES = {
    "dense": Case("mnist_mlp", "metrics/accuracy", False, ("--steps=4000", "--eval_every=200")),
    "cnn": Case("mnist_convnet", "metrics/accuracy", False, ("--steps=700", "--eval_every=50")),
    "autoencoder": Case("deep_autoencoder", "metrics/mse", True,
                        ("--steps=1500", "--eval_every=100")),
}


def main(argv=None):
    """Runs both sides in turn, prints and keeps the figures; returns {experiment: figures}."""
    parser = records.parser("time_to_score", __doc__)
    parser.add_argument("--experiment", choices=CASES, help="all if not given")
    parser.add_argument("--dataset", default="mnist", help="of images, see docs/data.md")
    parser.add_argument("--data_dir", default="", help="folder of prepared TFDS data sets")
    parser.add_argument("--rounds", type=records.positive, default=3, help="runs of each side")
    flags = parser.parse_args(argv)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # of all sides
    found = {}
    with tempfile.TemporaryDirectory() as scratch:
        scratch = pathlib.Path(scratch)
        subprocess.run([sys.executable, "-m", "benchmarks.time_to_score.arrays", flags.dataset,
                        flags.data_dir, scratch / "data.npz"], check=True, cwd=_ROOT)
        for name in [flags.experiment] if flags.experiment else CASES:
            rounds = [_round(name, flags, scratch, number) for number in range(flags.rounds)]
            found[name] = figures = summary(rounds) | {
                "dataset": flags.dataset, "recipe": CASES[name].recipe,
                "flags": list(CASES[name].flags), "tag": CASES[name].tag}
            print(f"{name}: theirs {figures['theirs']:.1f} s to {figures['target']:.4g}, ours "
                  + (f"{figures['ours']:.1f} s, {figures['ratio']:.1f} times as fast"
                     if figures["ours"] else "does not reach it"), flush=True)
            records.write(flags.out, "time_to_score", name, argv, figures)
    print(records.this_machine())
    return found


def summary(rounds):
    """Returns medians over rounds: seconds of each side, their ratio, peak memory in GB."""
    ours = [one["ours"]["seconds"] for one in rounds]
    figures = {
        "target": statistics.median(one["target"] for one in rounds),
        "theirs": statistics.median(one["theirs"]["seconds"] for one in rounds),
        "ours": statistics.median(ours) if all(ours) else None, "ratio": None,
        "memory": {side: statistics.median(one[side]["gb"] for one in rounds)
                   for side in ("theirs", "ours")}, "rounds": rounds}
    if all(ours):
        figures["ratio"] = figures["theirs"] / figures["ours"]
    return figures


def _round(name, flags, scratch, number):
    """Runs both sides once; returns what each did and the score that counts."""
    case, log = CASES[name], scratch / f"{name}-{number}.jsonl"
    began, gb = _run([sys.executable, _RECIPES / f"{case.recipe}.py", scratch / "data.npz", log])
    lines = [json.loads(line) for line in log.read_text("utf-8").splitlines()]
    points = [(line["clock"] - began, line["score"]) for line in lines]
    target = points[-1][1]
    run = scratch / "runs" / name / str(number)
    command = [sys.executable, _ROOT / "launch.py", f"--experiment={name}",
               f"--dataset={flags.dataset}", f"--seed={number}", f"--logdir={scratch / 'runs'}",
               f"--run={number}", *case.flags]
    ours_began, ours_gb = _run(command + ([f"--data_dir={flags.data_dir}"] if flags.data_dir
                                          else []))
    ours = [(clock - ours_began, score) for clock, score in _validations(run, case.tag)]
    print(f"{name}, round {number + 1}: theirs {case.first(points, target):.1f} s to {target:.4g}, "
          f"ours {case.first(ours, target)} s", flush=True)
    return {"target": target,
            "theirs": {"seconds": case.first(points, target), "gb": gb, "points": points},
            "ours": {"seconds": case.first(ours, target), "gb": ours_gb, "points": ours}}


def _run(command):
    """Runs a program to its end; returns when it was started, and its peak memory in GB."""
    began = time.time()
    process = subprocess.Popen(list(map(str, command)), cwd=_ROOT, stdout=subprocess.DEVNULL,
                               stderr=subprocess.PIPE)
    errors = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise RuntimeError(f"{command[1]} failed: {errors.decode()[-2000:]}")
    return began, usage.ru_maxrss / 1e6


def _validations(run, tag):
    """Returns (time.time(), score) of each validation of a run."""
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
    from tensorboard.util import tensor_util
    reader = EventAccumulator(str(run / "validation"), size_guidance={"tensors": 0}).Reload()
    return [(event.wall_time, float(tensor_util.make_ndarray(event.tensor_proto)))
            for event in reader.Tensors(tag)]
