"""What stands beside generated images: real ones, and what must not pass for real.

Under the extractor of digits all metrics are known to tell noise and blur from real images. Under
others a check tells, each time: a metric under which noise or blur is as good as real training
images, or hardly worse, is left out.
"""

import functools

import numpy as np
import tensorflow as tf

from tfmodels.data.parts import parts
from tfmodels.errors import InputError, attempt
from tfmodels.evaluation import extractors, scorecard
from tfmodels.evaluation.directions import lower_is_better

FLOOR = "real_images"
_MUCH = 0.9  # of the floor's share, from which on what must not pass passes
_BLURRED = 8  # least pixels that are left of the shorter side
_BATCH_PIXELS = 1 << 23


def baselines(count, real_images, train_images, by):
    """Returns what computes the metrics of what stands beside `count` generated images.

    Args:
        count: samples; a baseline has as many images, since distances depend on their number.
        real_images, train_images, by: as for `scorecard`.

    Returns:
        {name: function of no arguments that returns metrics, and as "errors" {name: why} of those
        that so few images do not allow}: `real_images`, the floor, training images in the place of
        samples, the first of them that the extractor was not trained on and at most three
        quarters, with the others as the training set; `pixel_gaussian`; but for digits also
        `uniform_noise` and `blurred_images`. What is computed is kept.
    """
    first = min(count, by.unseen, len(train_images) * 3 // 4)
    digits = by is extractors.digits()

    def score(name, images, known):
        card = scorecard.scorecard(images, real_images, known, by, resamples=0, name=name)
        return card["metrics"] | card["copies"] | (
            {"errors": card["errors"]} if card["errors"] else {})

    def floor():
        if not first:
            raise InputError(f"needs 2 training images, there are {len(train_images)}")
        return score(FLOOR, train_images[:first], train_images[first:])

    def gaussian():
        return score("pixel_gaussian", scorecard.pixel_gaussian(train_images, count),
                     train_images if digits else None)

    def uniform():
        random = np.random.default_rng(0)
        return score("uniform_noise", random.integers(
            0, 256, (count, *train_images.shape[1:]), np.uint8), None)

    def blur():
        return score("blurred_images", blurred(train_images[:count]), None)
    found = {FLOOR: floor, "pixel_gaussian": gaussian} | (
        {} if digits else {"uniform_noise": uniform, "blurred_images": blur})
    return {name: functools.cache(compute) for name, compute in found.items()}


def blurred(images):
    """Returns images without detail: an eighth of their pixels, at least 8, on the shorter side.

    Args:
        images: uint8 [N, H, W, C].
    """
    shape = images.shape[1:3]
    side = max(_BLURRED, min(shape) // 8)
    small = [max(1, round(length * min(1, side / min(shape)))) for length in shape]
    if small == list(shape):
        small = [max(1, length // 2) for length in shape]
    drawn = np.empty_like(images)
    for first, some in parts(max(1, _BATCH_PIXELS // images[0].size), images):
        coarse = tf.image.resize(some, small, antialias=True)
        drawn[first:first + len(some)] = tf.cast(tf.clip_by_value(tf.round(
            tf.image.resize(coarse, shape, "bicubic")), 0, 255), tf.uint8)
    return drawn


def passing(cards):
    """Returns {metric: why} of the metrics under which noise or blur passes for real.

    Args:
        cards: {name: metrics} of `FLOOR` and of what must not pass.
    """
    floor, why = cards[FLOOR], {}
    for name, metrics in cards.items():
        for metric, value in metrics.items():
            if name != FLOOR and metric in floor and metric not in why and _passes(
                    metric, value, floor[metric]):
                why[metric] = f"{name} gets {value:.3g}, real images {floor[metric]:.3g}"
    return why


def _passes(metric, value, real):
    """Returns whether what is not real gets a score that is as good as real images', or nearly."""
    if lower_is_better(metric):
        return value - real <= abs(real) / 2
    if metric == "sample_diversity":  # best at 1
        return abs(value - 1) <= abs(real - 1) + 0.05
    return value >= _MUCH * real


def judged(images, real_images, train_images, by, beside):
    """Returns the `scorecard` of images, checked where need be, with `notes` on how it was made.

    Args:
        beside: of `baselines`.
    """
    card = scorecard.scorecard(images, real_images, train_images, by)
    if by is not extractors.digits():
        card = checked(card, beside)
    return card | {"notes": notes(card, by)}


def checked(card, beside):
    """Leaves out of a card the metrics under which noise or blur passes for real.

    Args:
        card: of `scorecard`.
        beside: of `baselines`.

    Returns:
        The card, with `left_out`, {metric: why}; unchecked where there is no floor.
    """
    found = {name: attempt(f"check against {name}", compute, card["errors"])
             for name, compute in beside.items()}
    cards = {name: {metric: value for metric, value in metrics.items() if metric in card["metrics"]}
             for name, metrics in found.items() if metrics is not None}
    why = passing(cards) if FLOOR in cards else {}
    return card | {"left_out": why} | {
        part: {name: value for name, value in card[part].items() if name not in why}
        for part in ("metrics", "intervals")}


def notes(card, by):
    """Returns sentences that say how images were judged, and what is left out of their card."""
    said = [f"judged by the {by.name} ({by.about}; sha256 {by.sha256[:12]})"]
    if card.get("left_out"):
        said.append("left out, since noise or blur passes for real under it: " + "; ".join(
            f"{metric} ({why})" for metric, why in card["left_out"].items()))
    return said
