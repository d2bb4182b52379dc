"""Scores images from anywhere, in files, against the test split of a data set."""

import pathlib

from experiments import modes, quiet
from tfmodels.errors import InputError
from tfmodels.evaluation import sample_files
from tfmodels.training import run as runs


def evaluate(path, dataset, data_dir, out):
    """Prints the scorecard of the images, and writes it as JSON if `out` is given.

    Args:
        path: folder of PNGs or .npz file, see `sample_files.read`.
        dataset, data_dir: the data set; its training split is what copies are searched in.
        out: file name, or empty.

    Returns:
        Exit code 0.
    """
    target = pathlib.Path(out).expanduser()
    if out and (target.is_dir() or not target.parent.is_dir()):
        raise InputError(f"flag --out={out}: expected a file in a folder that exists")
    images = sample_files.read(path)
    quiet.import_tensorflow()
    from tfmodels.data.load import load
    from tfmodels.evaluation import baselines, generation
    data = load(dataset, data_dir, needs=("image",), wants=("label",))
    height, width, channels = data.image_shape
    if images.shape[1:3] != (height, width):
        raise InputError(f"{path} has images of {images.shape[2]}x{images.shape[1]} pixels, "
                         f"{dataset} of {width}x{height}: expected the same size, since scaling "
                         "changes the scores")
    images = sample_files.with_channels(images, channels)
    real = data.splits["test"].arrays()["image"]
    train = data.splits["train"].head(baselines.TRAINED_ON)["image"]
    card = generation.scorecard(images, real, train, data.class_names)
    others = generation.baseline_metrics(len(images), real, train, data.class_names)
    result = {"images": str(path), "dataset": dataset, **modes.as_test_entries(card),
              "baselines": {name: modes.as_test(scores) for name, scores in others.items()}}
    modes.print_scores(result)
    print(f"{len(images):,} images of {path} against {len(real):,} test images of {dataset}, by "
          f"extractor {card['extractor'][:12]}")
    if out:
        runs.write_json(target, result)
        print(f"written to {target}")
    return 0
