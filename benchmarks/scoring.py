"""What preparing, a step, validating and scoring cost by number of examples, classes and pixels.

    python -m benchmarks.scoring [--case=cnn] [--examples=1000,10000] [--classes=2,1000]
                                 [--sides=64,256] [--out=DIR]

Makes files of images for `cnn`, `gan` and `vae`, of sentences for `transformer`, and lets the
package prepare them, split them by content (eight tenths for training, a tenth for each other
split), take two steps and one more, validate, and score with all baselines, as at the end of a
training. `cnn`, on grey images of 28x28 pixels, and `transformer` first with ten classes and each
number of examples, then with 10,000 examples and each number of classes; the others with 1,000
examples of each size, grey ones of 28x28 pixels and colour ones beyond. Each set is prepared in a
process of its own and scored in another, whose peak memory is told. What is shown is processor
time, of all cores together, which other work on the machine hardly changes.
"""

import contextlib
import dataclasses
import io
import pathlib
import resource
import tempfile

from benchmarks import records
from benchmarks.sizes import SIDES, in_a_process, numbers, row
from benchmarks.speed.measure import measured
from tfmodels.launcher import building, final_scores, pages, quiet

EXAMPLES, CLASSES = (1_000, 10_000, 100_000, 1_000_000), (2, 10, 100, 1_000)
_CLASSES, _EXAMPLES = 10, 10_000  # of the sets that differ in the other
_PICTURES = 1_000  # of a set of large images
_COARSE = 7  # pixels of a class's pattern along a side
_WORDS, _LENGTH = 5_000, 12  # of all sentences, and of one
_BLOCK = 10_000  # images made at a time


def main(argv=None):
    """Measures, prints and keeps the figures; returns {case: [figures]}."""
    parser = records.parser("scoring", __doc__)
    parser.add_argument("--case", choices=MADE, help="all if not given")
    for name, usual in (("examples", EXAMPLES), ("classes", CLASSES), ("sides", SIDES)):
        parser.add_argument(f"--{name}", type=numbers, default=usual, help="such as 100,1000")
    flags = parser.parse_args(argv)
    found = {}
    for case in [flags.case] if flags.case else MADE:
        found[case] = []
        for made in _sets(case, flags):
            with tempfile.TemporaryDirectory() as folder:
                figures = made | in_a_process(prepare, case, made, folder) | in_a_process(
                    score, case, folder)
            found[case].append(figures)
            print(f"{case:<12} {figures}", flush=True)
            records.write(flags.out, "scoring", case, argv, {"sets": found[case]})
    print(records.this_machine())
    return found


def _sets(case, flags):
    """Returns what `prepare` is told of each set of a case, a list of dicts."""
    if case in _GENERATORS:
        return [{"examples": _PICTURES, "classes": _CLASSES, "side": side} for side in flags.sides]
    sets = [(examples, _CLASSES) for examples in flags.examples]
    sets += [(_EXAMPLES, classes) for classes in flags.classes]
    return [dict(zip(("examples", "classes"), each, strict=True)) for each in dict.fromkeys(sets)]


def _settings(case, folder):
    return dataclasses.replace(pages.config_class(case)(), data_dir=folder,
                               dataset=str(next(pathlib.Path(folder).glob("made.*"))))


def prepare(case, made, folder):
    """Makes the file of a set and has it prepared; returns what that took, in seconds.

    Args:
        case: of `MADE`.
        made: what that function is told.
        folder: for the file and the prepared set.
    """
    MADE[case](pathlib.Path(folder), **made)
    quiet.import_tensorflow()
    settings = _settings(case, folder)
    with measured(made["examples"]) as cost, contextlib.redirect_stdout(io.StringIO()):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        needs, wants = _READ.get(case, (("image",), ("label",)))
        settings.load(*needs, wants=wants)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    children = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {"cpu_preparing": cost.cpu + children, "wall_preparing": cost.wall}


def score(case, folder):
    """Trains on a prepared set for three steps, validates and scores; returns the figures.

    Returns:
        Seconds of processor time and on the clock: `…_building`, until the first step can begin,
        `…_step`, `…_validating`, and `…_scoring`, baselines included, of which nothing may fail.
        `peak_gb` of the whole process.
    """
    quiet.import_tensorflow()
    from tfmodels.training.stepper import Stepper
    settings, figures = _settings(case, folder), {}

    @contextlib.contextmanager
    def noted(name):
        with measured(1) as cost, contextlib.redirect_stdout(io.StringIO()):
            yield
        figures.update({f"cpu_{name}": cost.cpu, f"wall_{name}": cost.wall})

    with noted("building"):
        task, _ = building.build_task(case, settings)
        advance = Stepper(task, task.source.batches(settings.batch_size, settings.seed),
                          settings.seed)
    with contextlib.redirect_stdout(io.StringIO()):
        advance(0, 2)  # compiles
    with noted("step"):
        advance(2, 3)
    with noted("validating"):
        task.evaluate(task.signatures, task.data.splits["validation"])
    errors = {}
    with noted("scoring"):
        errors |= final_scores.test_entries(task, task.signatures, errors)["errors"]
        final_scores.baselines(task.baselines(task.data.splits["test"]), errors)
    if errors:
        raise RuntimeError(f"expected everything to be scored, but: {errors}")
    return figures | {"peak_gb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6}


def make_images(folder, examples, classes, side=28):
    """Writes made.npz: each class a coarse pattern of its own, under noise; grey up to 28x28."""
    import numpy as np
    random = np.random.default_rng(0)
    labels = random.integers(0, classes, examples)
    channels, places = 1 if side <= 28 else 3, np.arange(side) * _COARSE // side
    patterns = random.integers(0, 128, (classes, _COARSE, _COARSE, channels), np.uint8)
    images = np.empty((examples, side, side, channels), np.uint8)
    for first in range(0, examples, _BLOCK):
        some = labels[first:first + _BLOCK]
        noise = random.integers(0, 128, (len(some), side, side, channels), np.uint8)
        images[first:first + _BLOCK] = patterns[:, places][:, :, places][some] + noise
    np.savez(folder / "made.npz", images=images, labels=labels)


def make_sentences(folder, examples, classes):
    """Writes made.csv: sentences of made words, one of them its class's own four times of five."""
    import numpy as np
    random = np.random.default_rng(0)
    labels = random.integers(0, classes, examples)
    with (folder / "made.csv").open("w", encoding="utf-8") as file:
        file.write("text,label\n")
        for label in labels:
            # Words are about as frequent as in a language: by one over their rank.
            words = (_WORDS ** random.random(_LENGTH)).astype(int)
            own = label if random.random() < 0.8 else random.integers(classes)
            file.write(" ".join([f"w{word}" for word in words] + [f"c{own}"]) + f",{label}\n")


_GENERATORS = ("gan", "vae")
MADE = dict.fromkeys(("cnn", *_GENERATORS), make_images) | {"transformer": make_sentences}
_READ = {"cnn": (("image", "label"), ()), "transformer": (("text", "label"), ())}  # as pages do
_PARTS = ("preparing", "building", "step", "validating", "scoring")


def markdown(found):
    """Returns the Markdown of {case: record}."""
    head = "preparing", "building", "a step", "validating", "scoring", "memory"
    lines = [row("experiment", "examples", "classes", *head), "|" + "---|" * 9]
    sides = [row("experiment", "images", *head), "|" + "---|" * 8]
    for case, record in found.items():
        for figures in record["figures"]["sets"]:
            cells = [*(_seconds(figures[f"cpu_{part}"]) for part in _PARTS),
                     f"{figures['peak_gb']:.1f} GB"]
            if side := figures.get("side"):
                sides.append(row(f"`{case}`", f"{side}x{side}", *cells))
            else:
                lines.append(row(f"`{case}`", f"{figures['examples']:,}",
                                 f"{figures['classes']:,}", *cells))
    if len(sides) > 2:
        lines += ["", *sides]
    return "\n".join(lines) + "\n\n" + records.prose(records.origin(found)) + "\n"


def _seconds(value):
    """Returns two digits of seconds, or all of them that stand before the point."""
    return f"{value:.2g} s" if value < 99.5 else f"{value:,.0f} s"


if __name__ == "__main__":
    main()
