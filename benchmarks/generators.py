"""Samples of `gan` beside those of two GANs as tutorials teach them, after equally long training.

    python -m benchmarks.generators [--seconds=240] [--count=5000] [--out=DIR]

All three train in turn in this process on the same training split: `gan` for its own number of
steps, the others for as many seconds as it took, and no less than --seconds, as time alone is what
they get to choose. The same extractor scores as many samples of each against the test split, and
training images as the floor. Time is that of training alone, as in `benchmarks.speed`; beside it
stands the processor time, which tells whether another program slowed one more than the others.
"""

import os
import warnings

from benchmarks import records
from benchmarks.speed.measure import Cost
from tfmodels.errors import UserError
from tfmodels.launcher import pages, quiet

# Heading and metric of the table's columns.
COLUMNS = {"Fréchet distance": "frechet_distance", "classifier score": "classifier_score",
           "confident share": "confident_share", "precision": "precision", "recall": "recall",
           "rarest digit": "rarest_class_share", "commonest digit": "commonest_class_share"}
OURS, FLOOR = "gan", "real images"


def main(argv=None):
    """Runs the comparison and prints a table; returns its rows."""
    flags = _flags().parse_args(argv)
    try:
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
        quiet.import_tensorflow()
        warnings.simplefilter("ignore")
        print(records.this_machine(), *table({}), sep="\n", flush=True)
        rows = {}
        for name, row in compare(flags.seconds, flags.count, flags.dataset, flags.data_dir,
                                 flags.steps):
            rows[name] = row
            print(table(rows)[-1], flush=True)
    except UserError as error:
        raise SystemExit(f"error: {error}") from None
    print(*ratios(rows), sep="\n")
    records.write(flags.out, "generators", flags.dataset.replace("/", "-"), argv,
                  {"count": flags.count, "rows": rows})
    return rows


def compare(seconds, count, dataset="mnist_10k", data_dir="", steps=None):
    """Trains and scores one generator after the other.

    Args:
        seconds: of training that the others get at least.
        count: samples of each.
        dataset: of digits; images of a height and width divisible by 4.
        data_dir: folder of prepared data sets.
        steps: of ours; by default the page's.

    Yields:
        (name, row) of ours, the others and the floor; a row is a scorecard with the `steps`,
        `seconds` and `cpu_seconds` of training.
    """
    from benchmarks.peers import other_gans
    from benchmarks.speed.ours import Ours
    from tfmodels.tasks.latent_generation import latent_sampler
    from tfmodels.training import device
    chosen = {"dataset": dataset, "data_dir": data_dir} | ({"steps": steps} if steps else {})
    settings = pages.config_class("gan")(**chosen)
    ours = Ours("gan", settings)
    cost = ours.train(settings.steps)
    ours.close()
    seconds = max(seconds, cost.wall)
    data = ours.task.data
    images, real = (data.splits[name].arrays()["image"] for name in ("train", "test"))

    def row(drawn, steps, cost, known=images):
        return scored(drawn, real, known) | {
            "steps": steps, "seconds": cost.wall, "cpu_seconds": cost.cpu}

    yield OURS, row(draw(ours.task.signatures["sample"], count), settings.steps, cost)
    for name, make in (("plain DCGAN", other_gans.plain_dcgan),
                       ("keras.io conditional_gan, no labels", other_gans.conditional_gan)):
        device.set_up("float32", settings.seed)
        recipe = make(data.image_shape)
        cost = other_gans.train(recipe, images, seconds)
        sample = latent_sampler(recipe.decode, recipe.model.latent_size)
        yield name, row(draw(sample, count), cost.examples // recipe.batch_size, cost)
    first = min(count, len(images) * 3 // 4)
    yield FLOOR, row(images[:first], 0, Cost(0), images[first:])


def draw(sample, count, batch=500):
    """Returns `count` images uint8 [count, H, W, C] of a `sample` signature."""
    import numpy as np
    import tensorflow as tf
    return np.concatenate([
        sample(count=tf.constant(min(batch, count - first)), seed=tf.constant(first))["images"]
        for first in range(0, count, batch)])


def scored(images, real, known):
    """Returns the scorecard of images of digits, with the share of the commonest class.

    Args:
        images: uint8 [N, H, W, C].
        real: images of the test split.
        known: training images.
    """
    from tfmodels.evaluation import extractors, sample_metrics, scorecard
    by = extractors.digits()
    card = scorecard.scorecard(images, real, known, by)
    shares = sample_metrics.class_shares(by(images).probabilities)
    return card | {"metrics": card["metrics"] | {"commonest_class_share": float(shares.max())}}


def markdown(found):
    """Returns the Markdown of {data set: record}."""
    return "\n".join(
        "\n".join([*table(record["figures"]["rows"]), "",
                   records.prose(f"{record['figures']['count']:,} samples of each, on `{name}`. "
                                 + records.origin({name: record}))]) + "\n"
        for name, record in found.items())


def table(rows):
    """Returns the lines of a Markdown table: two of heading, then one for each of {name: row}."""
    lines = ["| samples of | steps | seconds | " + " | ".join(COLUMNS) + " |",
             "|---" * (3 + len(COLUMNS)) + "|"]
    for name, row in rows.items():
        trained = (f"{row[key]:,.0f}" if row[key] else "-" for key in ("steps", "seconds"))
        figures = (f"{row['metrics'][metric]:.3g}" for metric in COLUMNS.values())
        lines.append(f"| {' | '.join([name, *trained, *figures])} |")
    return lines


def ratios(rows):
    """Returns a line for each of the others: its Fréchet distance over that of ours."""
    def distance(name):
        return rows[name]["metrics"]["frechet_distance"]
    return [f"Fréchet distance of {name} / {OURS}: {distance(name) / distance(OURS):.2f}"
            for name in rows if name not in (OURS, FLOOR)]


def _flags():
    """Returns the parser of the command line."""
    parser = records.parser("generators", __doc__)
    parser.add_argument("--seconds", type=records.positive, default=240,
                        help="seconds that the others train at least (default: 240)")
    parser.add_argument("--count", type=records.positive, default=5000,
                        help="samples of each (default: 5000)")
    parser.add_argument("--steps", type=records.positive, help="steps of gan (default: its own)")
    parser.add_argument("--dataset", default="mnist_10k",
                        help="a data set of digits (default: mnist_10k)")
    parser.add_argument("--data_dir", default="", help="folder of prepared TFDS data sets")
    return parser


if __name__ == "__main__":
    main()
