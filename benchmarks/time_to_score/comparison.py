"""Seconds from the start of a command until its validation score is a peer's own final one.

    python -m benchmarks.time_to_score [--experiment=cnn] [--dataset=mnist] [--rounds=3] [--out=DIR]

A peer is a recipe as it is published: its network, data idiom, optimizer, batch size and epochs
(benchmarks/time_to_score/recipes, sources named). Ours is the command of `CASES`. Both are whole
programs on the same data, run in turn; what counts is the time from the start of the process,
imports included, to the end of the first validation that is at least as good as the last one of the
peer, by the same metric on the same validation split. Settings of ours were chosen on that split.

Where only our code has the metric, a recipe writes its samples at each validation and they are
scored when it is over. Neither drawing nor scoring them counts as time of the peer's, nor does a
validation that the published recipe has not; ours counts whole.
"""

import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

from benchmarks import records
from benchmarks.time_to_score import logs
from benchmarks.time_to_score.cases import CASES

_RECIPES = pathlib.Path(__file__).parent / "recipes"
_ROOT = pathlib.Path(__file__).parents[2]


def main(argv=None):
    """Runs both sides in turn, prints and keeps the figures; returns {experiment: figures}."""
    parser = records.parser("time_to_score", __doc__)
    parser.add_argument("--experiment", choices=CASES, help="all if not given")
    parser.add_argument("--dataset", help="another than the experiment's, see docs/data.md")
    parser.add_argument("--data_dir", default="", help="folder of prepared TFDS data sets")
    parser.add_argument("--rounds", type=records.positive, default=3, help="runs of each side")
    flags = parser.parse_args(argv)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # of all sides
    found = {}
    with tempfile.TemporaryDirectory() as scratch:
        scratch = pathlib.Path(scratch)
        for name in [flags.experiment] if flags.experiment else CASES:
            case = CASES[name]
            asked = dataset = flags.dataset or case.dataset
            data_dir = flags.data_dir
            if case.corpus:
                dataset = scratch / f"{name}-corpus"
                _module(case.corpus, asked, data_dir, dataset)
                data_dir = scratch / "prepared"  # no copy of it stays
            data = scratch / f"{name}{case.suffix}"
            _module(*case.data, dataset, data_dir, data)
            rounds = [_round(name, dataset, data_dir, data, scratch, number)
                      for number in range(flags.rounds)]
            found[name] = figures = summary(rounds) | {
                "dataset": asked, "recipe": case.recipe, "flags": list(case.flags),
                "tag": case.tag, "lower": case.lower}
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


def _round(name, dataset, data_dir, data, scratch, number):
    """Runs both sides once; returns what each did and the score that counts."""
    case, log = CASES[name], scratch / f"{name}-{number}.jsonl"
    began, gb = _run([sys.executable, _RECIPES / f"{case.recipe}.py", data, log])
    if case.scorer:
        _module(case.scorer, dataset, data_dir, log)
    points = [(line["clock"] - began, line["score"]) for line in logs.read(log)]
    target = points[-1][1]
    run = scratch / "runs" / name / str(number)
    ours_began, ours_gb = _run([
        sys.executable, _ROOT / "launch.py", f"--experiment={name}", f"--dataset={dataset}",
        f"--seed={number}", f"--logdir={scratch / 'runs'}", f"--run={number}", *case.flags,
        *([f"--data_dir={data_dir}"] if data_dir else [])])
    ours = [(clock - ours_began, score) for clock, score in _validations(run, case.tag)]
    print(f"{name}, round {number + 1}: theirs {case.first(points, target):.1f} s to {target:.4g}, "
          f"ours {case.first(ours, target)} s", flush=True)
    return {"target": target,
            "theirs": {"seconds": case.first(points, target), "gb": gb, "points": points},
            "ours": {"seconds": case.first(ours, target), "gb": ours_gb, "points": ours}}


def _module(name, *arguments):
    """Runs a module of this package, as a process of its own: TensorFlow stays out of this one."""
    subprocess.run([sys.executable, "-m", f"benchmarks.time_to_score.{name}", *arguments],
                   check=True, cwd=_ROOT)


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
