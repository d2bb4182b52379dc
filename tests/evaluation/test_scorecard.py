"""The scorecard on real digits: every metric moves the right way, and says how sure it is."""

import hashlib

import numpy as np
import pytest
import scipy.ndimage

from tfmodels.evaluation import extractor, extractors, general_extractor, scorecard

COUNT = 1000
# What is wrong with the images -> what must rise and what must fall, beside real ones.
UNLIKE = ("frechet_distance", "kernel_distance")
FAITHFUL = ("precision", "density", "classifier_score", "confident_share")
VARIED = ("recall", "coverage")
MOVES = {"noise": (UNLIKE, FAITHFUL + VARIED),
         "blur": (UNLIKE, FAITHFUL + VARIED),
         "dropped classes": (UNLIKE, (*VARIED, "classifier_score", "classes_present",
                                      "class_evenness", "rarest_class_share")),
         "repeated": (UNLIKE, VARIED),
         "copied": (("near_copy_share",), ("nearest_train_ratio",))}
NEIGHBOURS = {"precision", "recall", "density", "coverage"}
DISTANCES = {"frechet_distance", "kernel_distance", "sample_diversity"}


@pytest.fixture(scope="module")
def cards(digits):
    """name -> metrics of real images and of damaged ones, on demand."""
    real, train = digits.train[:COUNT], digits.train[COUNT:3000]
    five = digits.train[3000:][digits.train_labels[3000:] < 5][:COUNT]
    random = np.random.default_rng(0)
    wrong = {"real": lambda: real,
             "noise": lambda: _pixels(real + random.normal(0, 60, real.shape)),
             "blur": lambda: _pixels(scipy.ndimage.gaussian_filter(
                 real.astype(float), (0, 1.5, 1.5, 0))),
             "dropped classes": lambda: five,
             "repeated": lambda: np.tile(real[:20], (COUNT // 20, 1, 1, 1)),
             "copied": lambda: train[:COUNT]}
    known = {}

    def card(name):
        if name not in known:
            known[name] = scorecard.scorecard(wrong[name](), digits.test[:COUNT], train,
                                               extractors.digits(), resamples=0)["metrics"]
        return known[name]
    return card


def _pixels(images):
    return np.clip(np.round(images), 0, 255).astype(np.uint8)


@pytest.mark.parametrize("wrong", MOVES)
def test_metrics_move_the_right_way(wrong, cards):
    rise, fall = MOVES[wrong]
    real, found = cards("real"), cards(wrong)
    for name in rise:
        assert found[name] > 1.2 * real[name], name
    for name in fall:
        assert found[name] < 0.95 * real[name], name


def test_metrics_of_real_images_are_near_their_best(cards):
    real = cards("real")
    assert real["frechet_distance"] < 12
    assert min(real["precision"], real["recall"], real["coverage"]) > 0.8
    assert real["density"] > 0.75
    assert 0.9 < real["nearest_train_ratio"] < 1.1
    assert real["near_copy_share"] < 0.03
    assert real["classifier_score"] > 9
    assert real["classes_present"] == 10
    assert real["class_evenness"] > 0.99


def test_metrics_that_have_no_reason_to_move_stay(cards):
    real, five, copied = cards("real"), cards("dropped classes"), cards("copied")
    assert five["precision"] == pytest.approx(real["precision"], abs=0.06)
    assert five["nearest_train_ratio"] == pytest.approx(real["nearest_train_ratio"], abs=0.2)
    assert five["classes_present"] == 5
    assert copied["nearest_train_ratio"] == 0
    assert copied["near_copy_share"] == 1
    assert copied["precision"] == pytest.approx(real["precision"], abs=0.05)


@pytest.fixture(scope="module")
def intervals(digits):
    """The card of 300 and of 1,500 real digits, with intervals."""
    return [scorecard.scorecard(digits.train[:count], digits.test[:count],
                                 digits.train[1500:3500], extractors.digits(), resamples=60)
            for count in (300, 1500)]


def test_every_interval_holds_its_metric_and_shrinks_with_more_images(intervals):
    few, many = intervals
    for card in intervals:
        assert set(card["intervals"]) == set(card["metrics"])
        for name, (low, high) in card["intervals"].items():
            assert low <= card["metrics"][name] <= high, name
    for name in ("frechet_distance", "kernel_distance", "precision", "recall", "density",
                 "nearest_train_ratio", "classifier_score", "confident_share"):
        widths = [np.diff(card["intervals"][name])[0] for card in (few, many)]
        assert 0 < widths[1] < 0.8 * widths[0], name


def test_card_names_the_extractor_and_the_number_of_samples(intervals):
    assert intervals[0]["samples"] == 300
    assert intervals[0]["extractor"] == hashlib.sha256(extractor.FILE.read_bytes()).hexdigest()


def test_the_same_images_get_the_same_card(digits, intervals):
    again = scorecard.scorecard(digits.train[:300], digits.test[:300], digits.train[1500:3500],
                                 extractors.digits(), resamples=60)
    assert again == intervals[0]


def test_quick_scores_are_a_part_of_the_card(digits, cards):
    quick = scorecard.scores(digits.train[:COUNT], digits.test[:COUNT], extractors.digits())
    assert set(quick) == {"frechet_distance", "sample_diversity", "confident_share",
                          "rarest_class_share", "classes_present"}
    assert quick == {name: cards("real")[name] for name in quick}


@pytest.mark.parametrize("shape", [(32, 32, 3), (2, 3, 4)])
def test_other_pictures_are_scored_and_only_digits_get_class_metrics(shape):
    images = np.random.default_rng(0).integers(0, 256, (300, *shape)).astype(np.uint8)
    by = general_extractor.GeneralExtractor(images)
    assert set(scorecard.scores(images[:100], images[100:], by)) == {
        "frechet_distance", "sample_diversity"}
    card = scorecard.scorecard(images[:100], images[100:200], images[200:], by, resamples=3)
    assert set(card["metrics"]) == DISTANCES | NEIGHBOURS
    assert set(card["copies"]) == {"nearest_train_ratio", "near_copy_share"}
    assert np.isfinite([*card["metrics"].values(), *card["copies"].values()]).all()


@pytest.mark.parametrize(("samples", "real", "train", "left_out"), [
    (7, 3, 6, NEIGHBOURS - {"recall"}),
    (2, 1, 1, NEIGHBOURS | DISTANCES),
    (2, 2, 1, NEIGHBOURS)])
def test_what_few_images_do_not_allow_is_left_out_with_a_word(digits, samples, real, train,
                                                              left_out):
    images = digits.train[100:100 + samples], digits.test[:real], digits.train[:train]
    card = scorecard.scorecard(*images, extractors.digits(), resamples=20)
    assert {name for name in card["errors"] if " " not in name} == left_out
    assert not left_out & set(card["metrics"])
    assert all("expected at least" in card["errors"][name] for name in left_out)
    assert {*card["metrics"], *left_out} == {
        *NEIGHBOURS, *DISTANCES, "nearest_train_ratio", "near_copy_share", "classifier_score",
        "confident_share", "classes_present", "class_evenness", "rarest_class_share"}
    assert np.isfinite([*card["metrics"].values(), *sum(card["intervals"].values(), [])]).all()
    for name in card["metrics"]:
        assert (name in card["intervals"]) != (f"{name} interval" in card["errors"])
    quick = scorecard.scores(*images[:2], extractors.digits())
    assert ("frechet_distance" in quick) == ("frechet_distance" not in left_out)
    assert np.isfinite(list(quick.values())).all()


def test_images_all_alike_are_scored_without_nan(digits):
    alike = np.repeat(digits.test[:1], 9, axis=0)
    card = scorecard.scorecard(digits.train[:9], alike, alike, extractors.digits(), resamples=5)
    assert set(card["errors"]) == {"sample_diversity"}
    assert np.isfinite([*card["metrics"].values(), *sum(card["intervals"].values(), [])]).all()
