"""--mode=sample: images drawn, or texts written, with a run's export."""

from tfmodels.errors import InputError, nearest
from tfmodels.launcher import building, output, quiet, written_texts


def draw(path, sampling, text_count, out):
    """Draws images, or writes texts, with a run's export; returns 0.

    Args:
        path: the run's folder.
        sampling: a `Sampling`.
        text_count: how many texts, of a run that writes some; `sampling.count` is that of images.
        out: file of the picture or the texts, or empty.
    """
    target = output.target(out)
    with building.held(path) as (folder, _):
        quiet.import_tensorflow()
        from tfmodels.export import saved_model
        signatures = saved_model.load(path / "export")
        if "generate" in signatures:
            written_texts.write(signatures["generate"], sampling, text_count, target)
        elif "sample" in signatures:
            _draw_images(folder, signatures["sample"], sampling, target)
        else:
            raise InputError(f"{path} has no samples to draw: expected a run of a generative "
                             "experiment, such as gan or char_rnn")
    return 0


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
    with written_texts.refusals():
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
