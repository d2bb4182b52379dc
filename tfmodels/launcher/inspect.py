"""The mode inspect: what a data set holds, and what an experiment will need to train on it."""

import dataclasses
import re
import resource
import tempfile
import time
from pathlib import Path

from tfmodels.data.own import find
from tfmodels.data.own.reading import Reading, SizesDiffer
from tfmodels.errors import InputError
from tfmodels.launcher import building, pages, quiet
from tfmodels.progress import activity

_PICTURES, _CAPTIONED = 64, 20
_SHOWN_TEXTS = 10
_MEASURED = 3  # seconds of training by which its time is told


def inspect(experiment, settings, logdir):
    """Prints what a data set holds, and writes a page of it for TensorBoard.

    Args:
        experiment: name; with it the training is tried for some steps. Empty for none.
        settings: its Config, or `Inspected`.
        logdir: folder of all runs; the page is written to LOGDIR/inspect/DATA SET.

    Returns:
        Exit code 0.
    """
    quiet.import_tensorflow()
    from tfmodels.training.events import Events
    with activity.of("looking at the data"):
        try:
            task, data = _built(experiment, settings)
            sizes = []
        except SizesDiffer as fault:
            sizes = [f"images of different sizes: {fault.sizes}; a training needs --image_size, "
                     f"such as --image_size={fault.side}, with which they are read here"]
            print(sizes[0], flush=True)
            settings = dataclasses.replace(settings, image_size=str(fault.side))
            task, data = _built(experiment, settings)
        lines = sizes + show(data, thorough=True)
    if task:
        with activity.of("trying some steps"):
            lines.append(_needs(task, experiment, settings))
    else:
        lines.append(_takers(data))
    print(lines[-1], flush=True)
    folder = logdir / "inspect" / re.sub(r"[^\w.-]+", "_", Path(settings.dataset).name)
    folder.mkdir(parents=True, exist_ok=True)
    events = Events(folder, -1)
    log(events, data, lines)
    events.close()
    print(f"written to {folder}; look at it with: tensorboard --logdir {logdir}")
    return 0


def _built(experiment, settings):
    """Returns the experiment's task, None without one, and the data set."""
    if not experiment:
        return None, _opened(settings)
    task, _ = building.build_task(experiment, settings)
    return task, task.data


def _opened(settings):
    """Returns the data set with all that experiments take of it, as what it looks like."""
    needs, wants, tables = find.wanted(settings.dataset, settings.data_dir, Reading.of(settings))
    try:
        return settings.load(*needs, wants=wants, tables=tables)
    except SizesDiffer:
        raise
    except InputError:
        if "label" not in wants or settings.label_column or not needs:
            raise
        # What was guessed to be a label is none; what the examples are stays as it is.
        return settings.load(*needs, wants=[kind for kind in wants if kind != "label"])


def _takers(data):
    """Says which experiments train on a data set."""
    kinds = set(data.splits["train"].kinds)
    if len(data.class_names) < 2 and not data.columns:
        kinds.discard("label")
    found = pages.taking(kinds, data.columns is not None)
    return f"experiments that train on it: {', '.join(found) or 'none'} (--experiment=NAME)"


def show(data, thorough=False):
    """Prints what a data set holds; returns the lines."""
    from tfmodels.data.summary import summarize
    lines = summarize(data, thorough)
    for line in lines:
        print(line, flush=True)
    return lines


def log(events, data, lines):
    """Writes what a data set holds to TensorBoard, with its first training examples."""
    from tfmodels.evaluation import pictures
    events.text("train", "data", "\n".join(f"- {line}" for line in lines), 0)
    count = _CAPTIONED if data.class_names else _PICTURES
    first = data.splits["train"].head(min(count, data.splits["train"].size))
    labels = [data.class_names[label] for label in first["label"]] if "label" in first else None
    if "image" in first:
        picture = (pictures.captioned(first["image"], labels) if labels
                   else pictures.grid(first["image"]))
        events.image("train", "examples", picture, 0)
    texts = [first[kind] for kind in ("text", "source", "target") if kind in first]
    if texts:
        rows = zip(*([labels] if labels else []), *texts, strict=True)
        events.text("train", "examples", "\n".join(
            f"- {' → '.join(_cell(value) for value in row)}"
            for _, row in zip(range(_SHOWN_TEXTS), rows, strict=False)), 0)


def _needs(task, experiment, settings):
    """Trains some steps, and says what the whole training will take."""
    with tempfile.TemporaryDirectory() as scratch, task.data.splits["train"].faults():
        advance, _ = building.steps_of(task, Path(scratch), settings)
        advance(0, 1)  # compiles
        began, done = time.monotonic(), 1
        while time.monotonic() - began < _MEASURED and done < 1000:
            advance(done, done + 1)
            done += 1
    step = (time.monotonic() - began) / max(1, done - 1)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    return (f"{experiment}: {task.model.count_params():,} weights; a step of "
            f"{settings.batch_size:,} takes {step:.3g} s here, so {settings.steps:,} steps about "
            f"{settings.steps * step / 60:,.1f} minutes, validations and scores apart; "
            f"{memory:.1f} GiB of memory so far")


def _cell(value):
    text = value.decode("utf-8", "replace") if isinstance(value, bytes) else value
    text = " ".join(text.split())
    return f"`{text[:200].replace('`', chr(39))}`" if text else "(blank)"
