"""Samples: images drawn from a run, or read from files and scored; texts written by a run."""

import os
import pathlib

from experiments import modes, quiet, scores, texts
from tfmodels.errors import InputError, nearest
from tfmodels.evaluation import sample_files
from tfmodels.training import run as runs


def draw(path, sampling, text_count, out):
    """Draws images, or writes texts, with a run's export; returns 0.

    Args:
        path: the run's folder.
        sampling: a `Sampling`.
        text_count: how many texts, of a run that writes some; `sampling.count` is that of images.
        out: file of the picture or the texts, or empty.
    """
    target = _target(out)
    with modes.held(path) as (folder, _):
        quiet.import_tensorflow()
        from tfmodels.export import saved_model
        signatures = saved_model.load(path / "export")
        if "generate" in signatures:
            texts.write(signatures["generate"], sampling, text_count, target)
        elif "sample" in signatures:
            _draw_images(folder, signatures["sample"], sampling, target)
        else:
            raise InputError(f"{path} has no samples to draw: expected a run of a generative "
                             "experiment, such as gan or char_rnn")
    return 0


def _target(out):
    """Returns the path of the file that --out means, None if it is not given.

    The file takes its place as a whole, which must not happen to a device or a pipe; where the
    user's own link leads, it does.
    """
    if not out:
        return None
    target = pathlib.Path(out).expanduser()
    if target.is_symlink():
        target = pathlib.Path(os.path.realpath(target))
    if not target.parent.is_dir() or (target.exists() and not target.is_file()):
        raise InputError(f"flag --out={out}: expected a file in a folder that exists")
    return target


def _draw_images(folder, sample, sampling, target):
    """Draws a picture of images with a `sample` signature."""
    import tensorflow as tf

    from tfmodels.evaluation import pictures
    from tfmodels.training.events import save_png
    if sampling.prompt:
        raise InputError(f"flag --prompt={sampling.prompt}: {folder.path} draws images: expected a "
                         "run of a language model, such as char_rnn")
    classes, seed = {}, sampling.sample_seed
    if "labels" in sample.inputs:
        names = folder.manifest["data"]["class_names"]
        wanted = _indices(sampling.labels, names)
        if len(wanted) > sampling.count:
            raise InputError(f"flag --labels={sampling.labels}: expected at most as many classes "
                             f"as images, --count={sampling.count}")
        classes["labels"] = tf.constant(wanted, tf.int32)
    elif sampling.labels:
        raise InputError(f"flag --labels={sampling.labels}: {folder.path} was not trained to draw "
                         "a given class: expected a run of diffusion, or of gan with --conditional")
    with texts.refusals():
        images = sample(count=tf.constant(sampling.count), seed=tf.constant(seed),
                        **classes)["images"]
    if not target:
        target = folder.path / f"samples/drawn-{seed}.png"
        target.parent.mkdir(exist_ok=True)
    save_png(target, pictures.grid(images.numpy()))
    print(f"{sampling.count} samples in {target}")


def _indices(labels, names):
    """Returns the numbers of classes named in a text, separated by commas."""
    wanted = [label.strip() for label in labels.split(",")] if labels else []
    for label in wanted:
        if label not in names:
            raise InputError(f"flag --labels: no class {label!r}: expected some of "
                             f"{', '.join(names)}{nearest(label, names)}")
    return [names.index(label) for label in wanted]


def score(path, dataset, data_dir, out):
    """Prints the scorecard of the images, and writes it as JSON if `out` is given.

    Args:
        path: folder of PNGs or .npz file, see `sample_files.read`.
        dataset, data_dir: the data set; its training split is what copies are searched in.
        out: file name, or empty.

    Returns:
        Exit code 0.
    """
    target = _target(out)
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
    real, train = (baselines.first_images(data.splits[split]) for split in ("test", "train"))
    card = generation.scorecard(images, real, train, data.class_names)
    result = {"images": str(path), "dataset": dataset,
              **scores.as_test_entries({"errors": {}} | card)}
    result |= scores.baselines(
        generation.baselines(len(images), real, train, data.class_names), result["errors"])
    scores.show(result)
    print(f"{len(images):,} images of {path} against {len(real):,} test images of {dataset}, by "
          f"extractor {card['extractor'][:12]}")
    if target:
        runs.write_json(target, result)
        print(f"written to {target}")
    return 0
