"""Selected examples, against NumPy on the whole arrays."""

import numpy as np
import pytest

from tfmodels.data.load import load
from tfmodels.data.selection import Selection
from tfmodels.data.sources import Examples
from tfmodels.errors import InputError

ODD = ("1", "3", "9")


def test_classes_are_taken_from_every_split_and_numbered_afresh(data_dir):
    whole, some = (load("mnist_10k", data_dir, selection=selection)
                   for selection in (None, Selection(("9", "1", "3"))))
    assert some.class_names == ODD
    for name, split in whole.splits.items():
        arrays, selected = split.arrays(), some.splits[name].arrays()
        kept = np.isin(arrays["label"], (1, 3, 9))
        assert some.splits[name].size == kept.sum()
        np.testing.assert_array_equal(selected["image"], arrays["image"][kept])
        np.testing.assert_array_equal(np.array((1, 3, 9))[selected["label"]],
                                      arrays["label"][kept])
        assert some.splits[name].fingerprint() != split.fingerprint()


def test_examples_per_class_are_of_the_training_split_alone_and_chosen_by_the_seed(data_dir):
    whole = load("mnist_10k", data_dir)
    images = {image.tobytes(): label for image, label in zip(
        *whole.splits["train"].arrays().values(), strict=True)}
    chosen = []
    for count, seed in ((10, 0), (10, 1), (20, 0)):
        data = load("mnist_10k", data_dir, selection=Selection(ODD, count, seed=seed))
        arrays = data.splits["train"].arrays()
        np.testing.assert_array_equal(np.bincount(arrays["label"]), [count] * 3)
        for image, label in zip(arrays["image"], arrays["label"], strict=True):
            assert str(images[image.tobytes()]) == ODD[label]
        chosen.append({image.tobytes() for image in arrays["image"]})
        assert data.splits["test"].size == np.isin(whole.splits["test"].arrays()["label"],
                                                   (1, 3, 9)).sum()
    assert chosen[0] != chosen[1]
    assert chosen[0] < chosen[2]  # more examples are the same and others


def test_texts_without_labels_stay_at_hand(data_dir):
    whole, some = (load("kjv_verses", data_dir, ("text", "label"), selection=selection)
                   for selection in (None, Selection(train_examples=1000, seed=4)))
    assert some.splits["train"].size == 1000
    assert some.unlabelled.size == whole.splits["train"].size
    assert some.splits["validation"].fingerprint() == whole.splits["validation"].fingerprint()
    labels = whole.splits["train"].arrays()["label"]
    shares = np.bincount(some.splits["train"].arrays()["label"]) / 1000
    assert np.abs(shares - np.bincount(labels) / len(labels)).max() < 0.06


def test_streamed_selection_equals_the_one_in_memory(data_dir):
    selection = Selection(ODD, 8, seed=2)
    resident = load("mnist_10k", data_dir, selection=selection).splits["train"]
    wanted, fingerprint = resident.arrays(), resident.fingerprint()
    streamed = load("mnist_10k", data_dir, selection=selection, memory_limit=0).splits["train"]
    np.testing.assert_array_equal(streamed.labels(), wanted["label"])
    assert streamed.fingerprint() == fingerprint
    assert int(streamed.records().cardinality()) == 24
    for key, values in streamed.arrays().items():
        np.testing.assert_array_equal(values, wanted[key])
    np.testing.assert_array_equal(streamed.head(5)["label"], wanted["label"][:5])
    assert Examples(streamed).batches(24, 0)(0)["image"].shape == (24, 28, 28, 1)


@pytest.mark.parametrize(("selection", "message"), [
    ({"classes": ("1", "seven")}, "no class 'seven': expected some of 0, 1"),
    ({"classes": ("1",)}, "expected at least two"),
    ({"examples_per_class": 3, "train_examples": 3}, "expected one of them"),
    ({"examples_per_class": 5000}, r"expected at most \d+, the training examples of class 5"),
    ({"train_examples": 7201}, "expected at most 7200")])
def test_what_cannot_be_selected_is_refused(selection, message, data_dir):
    with pytest.raises(InputError, match=message):
        load("mnist_10k", data_dir, selection=Selection(**selection))


def test_bound_known_before_the_data_is_read():
    assert Selection().at_most(50) == 50
    assert Selection(train_examples=7).at_most(50) == 7
    assert Selection(("a", "b"), examples_per_class=3).at_most(50) == 6
    assert Selection(("a", "b"), examples_per_class=30).at_most(50) == 50
