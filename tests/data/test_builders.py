import hashlib
import lzma
import re
from pathlib import Path

import numpy as np
import PIL.Image
import pytest
import sklearn.datasets
import tensorflow_datasets as tfds

import tfmodels.data
from tfmodels.data.load import load

FILES = Path(tfmodels.data.__file__).parent / "files"


def test_every_embedded_file_is_in_the_table_of_provenance_with_its_sha256():
    table = (FILES / "README.md").read_text("utf-8")
    rows = dict(re.findall(r"^\| `([^`]+)` .*`([0-9a-f]{64})` \|$", table, re.MULTILINE))
    files = {path.name: path.read_bytes() for path in FILES.iterdir() if path.name != "README.md"}
    assert rows == {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}


@pytest.fixture(scope="module")
def digits():
    with np.load(FILES / "mnist_10k.npz") as source:
        return dict(source)


def _sorted_rows(images, labels):
    rows = np.concatenate([images.reshape(len(images), -1), labels[:, np.newaxis]], axis=1)
    return rows[np.lexsort(rows.T)]


def test_mnist_10k_holds_the_digits_of_the_file(data_dir, digits):
    dataset = load("mnist_10k", data_dir, validation=0)
    assert dataset.class_names == tuple("0123456789")
    assert dataset.image_shape == (28, 28, 1)
    assert list(dataset.splits) == ["train", "test"]
    for split, size in (("train", 8_000), ("test", 2_000)):
        arrays = dataset.splits[split].arrays()
        assert arrays["image"].shape == (size, 28, 28, 1)
        assert (arrays["image"].dtype, arrays["label"].dtype) == (np.uint8, np.int32)
        np.testing.assert_array_equal(
            _sorted_rows(arrays["image"], arrays["label"]),
            _sorted_rows(digits[f"x_{split}"], digits[f"y_{split}"]),
        )


def test_emoji_captions_holds_each_picture_with_its_name(data_dir):
    dataset = load("emoji_captions", data_dir, ("image", "text"), validation=0)
    assert dataset.image_shape == (32, 32, 3)
    with PIL.Image.open(FILES / "emoji-32.png") as file:
        cells = [file.crop((32 * column, 32 * row, 32 * column + 32, 32 * row + 32)).tobytes()
                 for row in range(38) for column in range(38)]
    names = (FILES / "emoji-names.txt").read_bytes().split(b"\n")[:-1]
    wanted = sorted(zip(names, cells[:1_377], strict=True))
    found, test = [], []
    for split, size in (("train", 1_240), ("test", 137)):
        arrays = dataset.splits[split].arrays()
        assert len(arrays["image"]) == size
        rows = [(text, image.tobytes())
                for text, image in zip(arrays["text"], arrays["image"], strict=True)]
        found += rows
        test = rows
    assert sorted(found) == wanted
    assert sorted(test) == sorted(zip(names[9::10], cells[9:1_377:10], strict=True))


def test_diabetes_table_holds_the_rows_of_scikit_learn(data_dir):
    dataset = load("diabetes_table", data_dir, tables=True)
    assert (dataset.columns.target, dataset.columns.categories) == ("progression", ("sex",))
    source = sklearn.datasets.load_diabetes(scaled=False)
    place = source.feature_names.index("sex")
    assert dataset.columns.numbers == tuple(np.delete(source.feature_names, place))
    wanted = np.column_stack([source.data, source.target]).astype(np.float32)
    parts = [split.arrays() for split in dataset.splits.values()]
    assert [len(part["value"]) for part in parts] == [294, 73, 75]
    found = np.concatenate([np.column_stack([
        np.insert(part["numbers"], place, part["categories"][:, 0].astype(np.float32), 1),
        part["value"]]) for part in parts])
    np.testing.assert_array_equal(found[np.lexsort(found.T)], wanted[np.lexsort(wanted.T)])


@pytest.fixture(scope="module")
def verses():
    """(book, chapter, verse, text) by cutting the file at its headings, not line by line."""
    source = lzma.decompress((FILES / "bible-kjv.txt.xz").read_bytes()).decode()
    parts = re.split(r"(?:\A|\n)\n?([1-3]? ?[A-Z][A-Za-z ]+) (\d+)\n\n", source)[1:]
    found = []
    for book, chapter, body in zip(parts[::3], parts[1::3], parts[2::3], strict=True):
        for number, text in re.findall(r"^  (\d+) ((?:.|\n(?!  \d+ ))+)", body, re.MULTILINE):
            found.append((book, int(chapter), int(number), " ".join(text.split("\n")).strip()))
    return found


def test_kjv_verses_are_31102_in_66_books_and_1189_chapters(verses):
    assert len(verses) == 31_102
    assert len({v[0] for v in verses}) == 66
    assert len({v[:2] for v in verses}) == 1_189
    for before, after in zip(verses, verses[1:], strict=False):
        assert after[2] == (before[2] + 1 if after[:2] == before[:2] else 1)


def test_kjv_verses_splits_by_every_tenth_verse_without_overlap(data_dir, verses):
    books = list(dict.fromkeys(v[0] for v in verses))
    for split, wanted in (
        ("test", {v for i, v in enumerate(verses) if i % 10 == 9}),
        ("train", {v for i, v in enumerate(verses) if i % 10 != 9}),
    ):
        examples = tfds.load("kjv_verses", split=split, data_dir=data_dir).batch(1000)
        found = {
            (books[book], chapter, verse, text.decode())
            for e in tfds.as_numpy(examples)
            for book, chapter, verse, text in zip(
                *(e[key].tolist() for key in ("book", "chapter", "verse", "text")), strict=True
            )
        }
        assert found == wanted
        assert len(found) == {"train": 27_992, "test": 3_110}[split]


def test_kjv_verses_labels_are_the_genres_in_canonical_order(data_dir, verses):
    dataset = load("kjv_verses:1.0.0", data_dir, ("text", "label"), validation=0)
    assert dataset.class_names == (
        *("law", "history", "wisdom", "major prophets", "minor prophets"),
        *("gospels and acts", "epistles", "apocalypse"),
    )
    firsts = ["Genesis", "Joshua", "Job", "Isaiah", "Hosea", "Matthew", "Romans", "Revelation"]
    starts = [next(i for i, v in enumerate(verses) if v[0] == book) for book in firsts]
    ends = [*starts[1:], len(verses)]
    train = dataset.splits["train"].arrays()
    counts = np.bincount(train["label"], minlength=8)
    for start, end, count in zip(starts, ends, counts, strict=True):
        assert count == sum(i % 10 != 9 for i in range(start, end))
    first_of_genre = {verses[start][3].encode(): label for label, start in enumerate(starts)}
    hits = {t: label for t, label in zip(*train.values(), strict=True) if t in first_of_genre}
    assert hits.items() <= first_of_genre.items()
    assert len(hits) >= 4
