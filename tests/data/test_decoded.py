"""Splits that took long to decode are kept, and read only where they are what they were."""

import os

import numpy as np
import pytest

from tfmodels.data import decoded
from tfmodels.data.load import load
from tfmodels.data.split import Split


@pytest.fixture
def decodings(monkeypatch):
    """Has every split kept; returns a list that grows by one for each that is decoded."""
    found, decode = [], Split._decoded
    monkeypatch.setattr(decoded, "_SECONDS", 0)
    monkeypatch.setattr(Split, "_decoded", lambda split: found.append(split) or decode(split))
    return found


def _arrays(folder, name="tiny_pictures", needs=("image", "label"), split="test"):
    return load(name, folder, needs).splits[split].arrays()


def test_a_split_is_decoded_once(copied, decodings):
    folder = copied("tiny_pictures")
    first = _arrays(folder)
    again = _arrays(folder)
    assert len(decodings) == 1
    assert first.keys() == again.keys()
    for key, array in first.items():
        np.testing.assert_array_equal(again[key], array)
        assert again[key].dtype == array.dtype
    assert len(_arrays(folder, split="train")["label"]) == 32
    assert _arrays(folder, needs=("image",)).keys() == {"image"}
    assert len(decodings) == 3


@pytest.mark.parametrize("change", ["time", "cut", "flipped", "foreign"])
def test_what_is_not_as_it_was_is_decoded_again(copied, decodings, change):
    folder = copied("tiny_pictures")
    first = _arrays(folder)
    [path] = (folder / "kept").iterdir()
    if change == "time":
        os.utime(next((folder / "tiny_pictures").glob("*/*train.tfrecord*")))
    elif change == "cut":
        os.truncate(path, path.stat().st_size // 2)
    elif change == "flipped":
        content = bytearray(path.read_bytes())
        content[content.index(first["image"].tobytes()) + 5] ^= 1
        path.write_bytes(content)
    else:
        path.write_text("not arrays")
    again = _arrays(folder)
    assert len(decodings) == 2
    np.testing.assert_array_equal(again["image"], first["image"])


def test_what_is_quick_large_or_text_is_not_kept(copied, decodings, monkeypatch):
    folder = copied("tiny_pictures")
    monkeypatch.setattr(decoded, "_MOST", 100)
    _arrays(folder)
    monkeypatch.undo()
    _arrays(folder)
    assert not (folder / "kept").exists()


def test_texts_are_not_kept(copied, decodings):
    folder = copied("kjv_verses")
    _arrays(folder, "kjv_verses", ("text", "label"))
    assert not (folder / "kept").exists()


def test_where_nothing_can_be_written_a_split_is_decoded(copied, decodings):
    folder = copied("tiny_pictures")
    (folder / "kept").write_text("a file")
    assert len(_arrays(folder)["label"]) == 4
