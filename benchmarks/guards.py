"""What guards and checkpoints cost: the same training without and with them, in turn in one run.

    python -m benchmarks.guards [--experiment=dense] [--rounds=5] [--intervals=2] [--out=DIR]

A round trains over some intervals between checkpoints (the page's `checkpoint_every`) three times:
bare, with the guards (losses, metrics and variables checked to be finite), and with the guards and
the checkpoints themselves. Printed are the medians over the rounds of what each adds to bare.
"""

import contextlib
import dataclasses
import io
import statistics
import tempfile
from unittest import mock

from benchmarks import records
from benchmarks.speed.measure import measured
from tfmodels.launcher import building, pages, quiet


def main(argv=None):
    """Runs the comparison and prints two percentages; returns them."""
    parser = records.parser("guards", __doc__)
    parser.add_argument("--experiment", default="dense", choices=pages.names())
    parser.add_argument("--rounds", type=records.positive, default=5)
    parser.add_argument("--intervals", type=records.positive, default=2)
    flags = parser.parse_args(argv)
    quiet.import_tensorflow()
    from tfmodels.training import best, checkpoints, collapse, events, loop, signals, stepper
    settings = pages.config_class(flags.experiment)()
    steps = flags.intervals * settings.checkpoint_every
    settings = dataclasses.replace(settings, steps=steps, eval_every=steps)
    task, _ = building.build_task(flags.experiment, settings)
    advance = stepper.Stepper(task, task.source.batches(settings.batch_size, settings.seed),
                              settings.seed)
    bare = mock.patch.multiple(loop, _check_finite=lambda *_: None, state=lambda _: {})
    costs = {"bare": [], "guards": [], "guards and checkpoints": []}
    with tempfile.TemporaryDirectory() as folder, signals.StopSignals() as stop:
        log = events.Events(folder, -1)
        saved = checkpoints.Checkpoints(folder + "/checkpoints", task.model)
        advance(0, 5)  # compiles
        for _ in range(flags.rounds):
            for name, found in costs.items():
                with (bare if name == "bare" else contextlib.nullcontext(),
                      mock.patch.object(loop, "validate"),
                      contextlib.redirect_stdout(io.StringIO()),
                      measured(steps) as cost):
                    loop.train(task, advance, log, saved if "and" in name else mock.Mock(), stop,
                               collapse.Health.at(0), best.Best(""), {}, start=0,
                               settings=settings)
                found.append(cost.wall)
        log.close()
    added = {name: 100 * (statistics.median(
        with_it / without for with_it, without in zip(found, costs["bare"], strict=True)) - 1)
        for name, found in costs.items() if name != "bare"}
    found = {"steps": steps, "added": added}
    records.write(flags.out, "guards", flags.experiment, argv, found)
    print(sentence(flags.experiment, found))
    return added


def markdown(found):
    """Returns the Markdown of {experiment: record}."""
    said = " ".join(sentence(name, record["figures"]) for name, record in found.items())
    return records.prose(f"{said} {records.origin(found)}") + "\n"


def sentence(experiment, found):
    """Returns what was found."""
    return f"To {found['steps']:,} steps of `{experiment}` " + ", ".join(
        f"{name} add {percent:.1f}%" for name, percent in found["added"].items()) + " of time."


if __name__ == "__main__":
    main()
