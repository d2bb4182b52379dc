"""What a training step costs at each size of images, and how long a trained model takes to draw.

    python -m benchmarks.sizes [--experiment=gan] [--sides=28,64] [--seconds=10] [--out=DIR]

Trains each experiment on made images with the batch and the network that it has by default, grey
ones of 28x28 pixels and colour ones of the other sides, each in a process of its own, whose peak
memory is told. The first two steps, which compile, do not count; of the others the quickest does.
What is shown is processor time, of all cores together, which other work on the machine hardly
changes.
"""

import concurrent.futures
import contextlib
import dataclasses
import io
import multiprocessing
import resource
import tempfile

from benchmarks import records
from benchmarks.speed.measure import measured
from tfmodels.launcher import building, pages, quiet

# What is measured -> its experiment, and the settings that differ from the page's.
CASES = {name: (name, {}) for name in ("dense", "cnn", "gan", "wgan", "vae", "autoencoder",
                                       "diffusion")}
CASES["gan_dense"] = ("gan", {"architecture": "dense"})
SIDES = (28, 64, 128, 256)
_EXAMPLES = {"train": 256, "validation": 16, "test": 16}
_DRAWN = 16


def main(argv=None):
    """Measures, prints and keeps the figures; returns {case: {side: figures}}."""
    parser = records.parser("sizes", __doc__)
    parser.add_argument("--experiment", choices=CASES, help="all if not given")
    parser.add_argument("--sides", type=numbers, default=SIDES, help="pixels, such as 28,64")
    parser.add_argument("--seconds", type=records.positive, default=10,
                        help="least processor time of the steps that count")
    flags = parser.parse_args(argv)
    found = {}
    for case in [flags.experiment] if flags.experiment else CASES:
        found[case] = {}
        for side in flags.sides:
            found[case][str(side)] = figures = in_a_process(measure, case, side, flags.seconds)
            print(f"{case:<12} {side:>4} {figures}", flush=True)
        records.write(flags.out, "sizes", case, argv, {
            "batch_size": _settings(case).batch_size, "sides": found[case]})
    print(records.this_machine())
    return found


def numbers(text):
    """Parses integers of at least 1 between commas."""
    return [records.positive(side) for side in text.split(",")]


def in_a_process(function, *arguments):
    """Calls a function in a new process, whose memory is none but its own."""
    context = multiprocessing.get_context("spawn")
    with concurrent.futures.ProcessPoolExecutor(1, mp_context=context) as pool:
        return pool.submit(function, *arguments).result()


def _settings(case, **changed):
    experiment, own = CASES[case]
    return dataclasses.replace(pages.config_class(experiment)(), **own, **changed)


def measure(case, side, seconds):
    """Trains on made images of a side; returns the figures.

    Args:
        case: of `CASES`.
        side: height and width in pixels.
        seconds: least processor time of the steps that count.

    Returns:
        `cpu_per_step` and `wall_per_step` in seconds; `peak_gb` of the whole process while it
        trains; `parameters`, trained ones; of what draws images `cpu_per_image`.
    """
    quiet.import_tensorflow()
    import numpy as np
    import tensorflow as tf

    from tfmodels.training.stepper import Stepper
    with tempfile.TemporaryDirectory() as folder:
        dataset = make_images(folder, (side, side, 1 if side <= 28 else 3))
        settings = _settings(case, dataset=dataset, data_dir=folder)
        task, _ = building.build_task(CASES[case][0], settings)
        advance = Stepper(task, task.source.batches(settings.batch_size, settings.seed),
                          settings.seed)
        advance(0, 2)
        costs = []
        while len(costs) < 3 or sum(cost.cpu for cost in costs) < seconds:
            with measured(settings.batch_size) as cost:
                advance(len(costs) + 2, len(costs) + 3)
            costs.append(cost)
        figures = {
            "cpu_per_step": min(cost.cpu for cost in costs),
            "wall_per_step": min(cost.wall for cost in costs),
            "peak_gb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6,
            "parameters": sum(int(np.prod(weight.shape))
                              for weight in task.model.trainable_weights)}
        if sample := task.signatures.get("sample"):
            asked = {"count": tf.constant(_DRAWN), "seed": tf.constant(0)}
            if task.model.name == "diffusion":
                asked["labels"] = tf.zeros([0], tf.int32)
            costs = []
            for _ in range(3):  # the first traces
                with measured(_DRAWN) as cost:
                    sample(**asked)["images"].numpy()
                costs.append(cost.cpu)
            figures["cpu_per_image"] = min(costs) / _DRAWN
    return figures


def make_images(folder, image_shape):
    """Prepares a data set of smooth random images with ten classes; returns its name.

    Args:
        folder: where TFDS looks for data sets.
        image_shape: (H, W, C).
    """
    import numpy as np
    import tensorflow_datasets as tfds
    from PIL import Image

    class MadeImages(tfds.core.GeneratorBasedBuilder):
        """Random images of 4x4 pixels, enlarged."""

        VERSION = tfds.core.Version("1.0.0")

        def _info(self):
            return tfds.core.DatasetInfo(builder=self, features=tfds.features.FeaturesDict({
                "image": tfds.features.Image(shape=image_shape),
                "label": tfds.features.ClassLabel(num_classes=10)}))

        def _split_generators(self, _):
            return {name: self._generate_examples(seed, count)
                    for seed, (name, count) in enumerate(_EXAMPLES.items())}

        def _generate_examples(self, seed, count):
            random = np.random.default_rng(seed)
            height, width, channels = image_shape
            for index in range(count):
                small = random.integers(0, 256, (channels, 4, 4), np.uint8)
                image = [Image.fromarray(plane).resize((width, height)) for plane in small]
                yield index, {"image": np.stack(image, -1), "label": index % 10}

    tfds.disable_progress_bar()
    with contextlib.redirect_stdout(io.StringIO()):
        MadeImages(data_dir=folder).download_and_prepare()
    return "made_images"


def markdown(found):
    """Returns the Markdown of {case: record}."""
    measured = {case: record["figures"] for case, record in found.items()}
    sides = sorted({int(side) for figures in measured.values() for side in figures["sides"]})
    lines = [row("a step of", "batch", *(f"{side}x{side}" for side in sides)),
             "|" + "---|" * (len(sides) + 2)]
    for case, figures in measured.items():
        lines.append(row(_command(case), figures["batch_size"], *(
            _of(figures, side, "{cpu_per_step:.2g} s, {peak_gb:.1f} GB") for side in sides)))
    lines += ["", row("an image of", *(f"{side}x{side}" for side in sides)),
              "|" + "---|" * (len(sides) + 1)]
    for case, figures in measured.items():
        if any("cpu_per_image" in of_side for of_side in figures["sides"].values()):
            lines.append(row(_command(case), *(
                _of(figures, side, "{cpu_per_image:.2g} s") for side in sides)))
    return "\n".join(lines) + "\n\n" + records.prose(records.origin(found)) + "\n"


def _of(figures, side, text):
    of_side = figures["sides"].get(str(side))
    return text.format(**of_side) if of_side else "-"


def row(*cells):
    """Returns a row of a Markdown table."""
    return f"| {' | '.join(map(str, cells))} |"


def _command(case):
    experiment, changed = CASES[case]
    return f"`{' '.join([experiment, *(f'--{name}={value}' for name, value in changed.items())])}`"


if __name__ == "__main__":
    main()
