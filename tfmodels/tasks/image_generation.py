"""Image generation: draw images like those of a data set."""

import functools

import numpy as np
import tensorflow as tf

from tfmodels.data.parts import part_size
from tfmodels.data.sources import Examples
from tfmodels.evaluation import baselines, effort, extractors, pictures, scorecard, stand_ins
from tfmodels.export.checks import checked
from tfmodels.layers.scaling import from_signed
from tfmodels.progress import activity
from tfmodels.tasks.task import Task, nothing

_VALIDATED = 2000  # images drawn for a validation, or the split's size when that is smaller
_SCORED = 5000  # images drawn for the scorecard, or two and a half times the split's size
_SCORED_BYTES = 1 << 29
_BATCH = 500
_WEIGHT = 4  # of what is drawn in many passes: a U-Net keeps what it hands on, guided ones twice
_CLASSES = 40  # most classes in a picture of samples by class
_FEWEST_SHOWN = 16


def image_generation(model, sample, data, *, conditional=False, signatures=(), portable=None,
                     evaluate=nothing, compare=nothing, notes=None, show=None, faults=nothing,
                     on_collapse="warn", passes=1):
    """Makes the task of an image generator.

    Args:
        model: compiled; its train_step takes images uint8 [B, H, W, C], with `conditional` a pair
            of them and their labels int32 [B].
        sample: tf.function, made by `sampler`.
        data: a `Dataset` with image, with `conditional` label too.
        conditional: whether `model` is trained on labels and `sample` takes them.
        signatures: name -> tf.function; exported beside `sample`.
        portable: as of `Task`.
        evaluate, compare: metrics and baselines beside those of samples, as of `Task`.
        notes: (split) -> sentences about these metrics, for the end.
        show: as of `Task`; what logs more pictures than grids of samples.
        faults, on_collapse: as of `Task`.
        passes: of the network to draw an image; of large images that take many fewer are drawn, see
            `effort`.

    Returns:
        A `Task`; its baselines are those of `stand_ins`: real training images (the floor), a
        Gaussian of pixels, and what else must not pass for real.
    """
    train = data.splits["train"]
    signatures = {"sample": sample, **dict(signatures)}
    at_once = part_size(_BATCH, data.image_shape, _WEIGHT if passes > 1 else 1)

    def prepare(batch, _):
        return (batch["image"], batch["label"]) if conditional else batch["image"]

    def draw(signatures, count, seed=0, labels=()):
        return tf.concat([
            signatures["sample"](count=tf.constant(min(at_once, count - first)),
                                 seed=tf.constant(seed + first), **asked(np.roll(labels, -first)))
            ["images"] for first in range(0, count, at_once)], 0).numpy()

    def asked(labels):  # image i is of class labels[i modulo N]
        return {"labels": tf.constant(labels, tf.int32)} if conditional else {}

    def evaluate_quickly(signatures, split):
        real = baselines.first_images(split)
        wanted = min(_VALIDATED, max(effort.FEWEST, len(real)))
        drawn = draw(signatures, affordable(wanted, effort.VALIDATED))
        return {**evaluate(signatures, split),
                **scorecard.scores(drawn, real, extractor())}

    def affordable(wanted, *limits):
        return effort.affordable(wanted, data.image_shape, passes, *limits)

    extractor = functools.cache(lambda: extractors.of(data))

    @functools.cache
    def beside(split):
        real, known = map(baselines.first_images, (split, train))
        count = affordable(_wanted(real), effort.SAMPLED)
        return stand_ins.baselines(count, real, known, extractor())

    def final(signatures, split):
        real, known = map(baselines.first_images, (split, train))
        wanted = _wanted(real)
        count = affordable(wanted, effort.SAMPLED)
        with activity.of(f"drawing {count:,} samples"):
            drawn = draw(signatures, count)
        card = stand_ins.judged(drawn, real, known, extractor(), beside(split))
        return card | {"metrics": {**evaluate(signatures, split), **card["metrics"]},
                       "notes": [
                           *effort.note(count, wanted, data.image_shape, passes,
                                        "samples were drawn and scored"),
                           *_notes(split, real), *(notes(split) if notes else []),
                           *card["notes"]]}

    def compare_all(split):
        return {**beside(split), **compare(split)}

    def show_samples(events, step):
        events.image("validation", "samples", pictures.grid(
            draw(signatures, affordable(64, effort.SHOWN, _FEWEST_SHOWN))), step)

    def show_samples_by_class(events, step):
        classes = min(len(data.class_names), _CLASSES)
        rows = max(1, affordable(8 * classes, effort.SHOWN, _FEWEST_SHOWN) // classes)
        drawn = draw(signatures, rows * classes, seed=1, labels=range(classes))
        events.image("validation", "samples_by_class", pictures.grid(drawn, columns=classes), step)

    shown = {"samples": show_samples} | (
        {"samples_by_class": show_samples_by_class} if conditional else {}) | (show or {})

    return Task(model=model, data=data, source=Examples(train), prepare=prepare,
                signatures=signatures, portable=portable, evaluate=evaluate_quickly, final=final,
                baselines=compare_all, show=shown, faults=faults, on_collapse=on_collapse)


def _notes(split, real):
    """Returns a sentence about test images that are not looked at, in a list; [] if all are."""
    return [] if len(real) == split.size else [
        f"scored beside the first {len(real):,} of {split.size:,} test images"]


def _wanted(real):
    """Returns how many images are drawn for the scorecard against some real ones, at most."""
    return max(1, min(_SCORED, len(real) * 5 // 2, _SCORED_BYTES // real[0].size))


def sampler(draw, classes=0):
    """Returns the tf.function that draws images.

    Args:
        draw: (count int32 [], seed int32 [2]) -> float images [count, H, W, C] in [-1, 1]; with
            classes (count, seed, labels int32 [count]).
        classes: number of classes, 0 for an unconditional generator.

    Returns:
        count int32 [] >= 1, seed int32 [] -> {images: uint8 [count, H, W, C]}; equal seeds give
        equal images. With classes it takes `labels` int32 [N] in [0, classes) too: image i is of
        class labels[i modulo N], and of a random class when N is 0. Other values are refused with
        an InvalidArgumentError.
    """
    scalar = tf.TensorSpec([], tf.int32)

    def some(count):
        return checked(count, count >= 1, "count: expected at least 1")

    if not classes:
        @tf.function(input_signature=[scalar, scalar], autograph=False)
        def sample(count, seed):
            return {"images": from_signed(draw(some(count), tf.stack([seed, 0])))}
        return sample

    @tf.function(input_signature=[scalar, scalar, tf.TensorSpec([None], tf.int32)],
                 autograph=False)
    def sample_labels(count, seed, labels):
        count = some(count)
        labels = checked(labels, tf.reduce_all((labels >= 0) & (labels < classes)),
                         f"labels: expected classes from 0 to {classes - 1}")
        return {"images": from_signed(draw(count, tf.stack([seed, 0]),
                                           labels_of(count, seed, labels, classes)))}
    return sample_labels


def labels_of(count, seed, labels, classes):
    """Returns the class of each image that `sampler` is asked for, int32 [count]."""
    anything = tf.random.stateless_uniform([count], tf.stack([seed, 1]), 0, classes, tf.int32)
    # One more label than asked for, so that there is one to gather when none is.
    wanted = tf.gather(tf.concat([labels, [0]], 0),
                       tf.range(count) % tf.maximum(tf.size(labels), 1))
    return tf.where(tf.size(labels) > 0, wanted, anything)
