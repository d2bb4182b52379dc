"""Folders, tables, texts and arrays of a user's own: read right, or refused in one message."""

import csv
import hashlib
import json
import os
import pathlib
import random
import shutil

import numpy as np
import PIL.Image
import pyarrow
import pyarrow.parquet
import pytest

from tfmodels.data.load import load
from tfmodels.data.own import find, found_files, preparation
from tfmodels.data.own.reading import Reading
from tfmodels.errors import DataError, InputError, UserError

WORDS = ["red", "rot", "rouge", "שלום", "こんにちは", "слово", "a,b", 'quo"te',
         "line\nbreak", " x "]


def opened(path, *needs, data=None, **reading):
    """Returns the data set that a path is, read with some settings."""
    wants = reading.pop("wants", ())
    return load(str(path), data or path.parent / "prepared", needs, wants,
                reading=Reading(**reading))


def everything(dataset, key):
    """Returns the values of all splits together."""
    return [value for split in dataset.splits.values() for value in split.arrays()[key]]


def write_csv(path, rows, header=("text", "label"), encoding="utf-8", **dialect):
    with open(path, "w", encoding=encoding, newline="") as file:
        csv.writer(file, **dialect).writerows([header, *rows] if header else rows)
    return path


def rows(count=60, classes=3):
    return [(f"{WORDS[i % len(WORDS)]} {i}", f"class {i % classes}") for i in range(count)]


def write_image(path, value, size=(9, 8), mode="RGB", **options):
    path.parent.mkdir(parents=True, exist_ok=True)
    value = (value, value, value % 7) if mode == "RGB" else value
    PIL.Image.new(mode, size, value).save(path, **options)


@pytest.fixture
def photos(tmp_path):
    """40 images of two classes, all different, one of another size."""
    for i in range(40):
        write_image(tmp_path / "photos" / ("cat", "dog")[i % 2] / f"{i}.png", i)
    return tmp_path / "photos"


# Tables


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be",
                                      "utf-32"])
def test_tables_in_every_unicode_encoding(tmp_path, encoding):
    dataset = opened(write_csv(tmp_path / "a.csv", rows(), encoding=encoding), "text", "label")
    assert sorted(everything(dataset, "text")) == sorted(text.encode() for text, _ in rows())
    assert dataset.class_names == ("class 0", "class 1", "class 2")


def test_latin_1_is_said(tmp_path, capsys):
    found = opened(write_csv(tmp_path / "a.csv", [(f"déjà vu {i}", "ñ") for i in range(30)],
                             encoding="latin-1"), "text", "label")
    assert "Latin-1" in capsys.readouterr().out
    assert "déjà vu 3".encode() in everything(found, "text")
    assert found.class_names == ("ñ",)


@pytest.mark.parametrize("dialect", [
    {"delimiter": ";"}, {"delimiter": "|"}, {"delimiter": "\t"}, {"lineterminator": "\n"},
    {"lineterminator": "\r\n"}, {"quoting": csv.QUOTE_ALL}])
def test_tables_in_every_dialect(tmp_path, dialect):
    dataset = opened(write_csv(tmp_path / "a.csv", rows(), **dialect), "text", "label")
    assert sorted(everything(dataset, "text")) == sorted(text.encode() for text, _ in rows())


@pytest.mark.parametrize(("labels", "names"), [
    ([1, 2, 10], ("1", "2", "10")), (["b", "a", "a b"], ("a", "a b", "b")),
    ([True, False, True], ("False", "True")), (["1.0", "2.0", "10"], ("1", "2", "10")),
    ([" a", "a ", "b\nc"], ("a", "b c")), (['"q"', "'", ","], ('"q"', "'", ",")),
    (["ja", "是", "نعم"], ("ja", "نعم", "是"))])
def test_labels_of_every_kind(tmp_path, labels, names):
    some = [(f"text {i}", labels[i % 3]) for i in range(30)]
    assert opened(write_csv(tmp_path / "a.csv", some), "text", "label").class_names == names
    path = tmp_path / "a.jsonl"
    path.write_text("\n".join(json.dumps({"text": text, "label": label}) for text, label in some))
    assert opened(path, "text", "label").class_names == names


def test_blank_long_and_equal_texts_are_examples(tmp_path):
    texts = ["", "  ", "word " * 100_000, "same", "same", *(f"text {i}" for i in range(30))]
    dataset = opened(write_csv(tmp_path / "a.csv", [(text, "x") for text in texts]), "text")
    assert sorted(everything(dataset, "text")) == sorted(text.encode() for text in texts)


@pytest.mark.parametrize(("header", "needs", "plan"), [
    (("id", "review", "sentiment"), ("text", "label"), "text: review, label: sentiment"),
    (("english", "french"), ("source", "target"), "source: english, target: french"),
    (("de", "it"), ("source", "target"), "source: de, target: it"),
    (("Text", "Klasse"), ("text", "label"), "text: Text, label: Klasse")])
def test_obvious_columns_are_guessed_and_said(tmp_path, capsys, header, needs, plan):
    some = [[f"{i}"] * (len(header) - 2) + [f"some words {i}", f"k {i % 2}"] for i in range(30)]
    opened(write_csv(tmp_path / "a.csv", some, header), *needs)
    assert plan in capsys.readouterr().out


def test_columns_are_taken_as_said(tmp_path):
    some = [(f"a {i}", f"b {i}", i % 2) for i in range(30)]
    dataset = opened(write_csv(tmp_path / "a.csv", some, ("one", "two", "three")), "text", "label",
                     text_column="two", label_column="three")
    assert b"b 7" in everything(dataset, "text")
    assert dataset.class_names == ("0", "1")


def test_a_table_of_pairs_needs_no_header(tmp_path, capsys):
    path = tmp_path / "pairs.tsv"
    path.write_text("".join(f"How are you {i}?\tWie geht es {i}?\n" for i in range(30)))
    assert len(everything(opened(path, "source", "target"), "source")) == 30
    assert "without column names" in capsys.readouterr().out


def test_json_lines_and_parquet_are_read(tmp_path):
    some = rows(40)
    for kind in ("jsonl", "parquet"):
        path = tmp_path / f"a.{kind}"
        if kind == "jsonl":
            path.write_text("".join(json.dumps({"text": t, "label": n}) + "\n" for t, n in some))
        else:
            pyarrow.parquet.write_table(pyarrow.table(
                {"text": [t for t, _ in some], "label": [n for _, n in some]}), path)
        assert sorted(everything(opened(path, "text", "label"), "text")) == sorted(
            text.encode() for text, _ in some)


@pytest.mark.parametrize("stated_in", ["schema", "README"])
def test_hugging_faces_layout_is_read(tmp_path, stated_in):
    folder = tmp_path / "set" / "data"
    folder.mkdir(parents=True)
    write_image(tmp_path / "a.png", 50)
    features = {"image": {"_type": "Image"},
                "label": {"_type": "ClassLabel", "names": ["cat", "dog", "never"]}}
    for split, count in (("train", 30), ("test", 9)):
        images = []
        for i in range(count):
            write_image(tmp_path / "a.png", i if split == "train" else 100 + i)
            images.append({"bytes": (tmp_path / "a.png").read_bytes(), "path": None})
        table = pyarrow.table({"image": images, "label": [i % 2 for i in range(count)]})
        if stated_in == "schema":
            table = table.replace_schema_metadata(
                {"huggingface": json.dumps({"info": {"features": features}})})
        pyarrow.parquet.write_table(table, folder / f"{split}-00000-of-00001.parquet")
    (tmp_path / "set" / "README.md").write_text("---\ndataset_info:\n  features:\n" + (
        "  - name: label\n    dtype:\n      class_label:\n        names:\n          '0': cat\n"
        "          '1': dog\n          '2': never\n" if stated_in == "README" else
        "  - name: image\n    dtype: image\n") + "---\n# A set\n")
    dataset = opened(tmp_path / "set", "image", "label")
    assert dataset.class_names == ("cat", "dog", "never")
    assert dataset.splits["test"].size == 9
    assert dataset.splits["train"].size + dataset.splits["validation"].size == 30
    assert dataset.image_shape == (8, 9, 3)


def test_a_table_of_image_files(tmp_path):
    for i in range(30):
        write_image(tmp_path / "set" / "pictures" / f"{i}.png", i)
    write_csv(tmp_path / "set" / "about.csv", [(f"pictures/{i}.png", i % 2) for i in range(30)],
              ("file", "kind"))
    dataset = opened(tmp_path / "set", "image", "label", image_column="file", label_column="kind")
    assert sorted(image[0, 0, 0] for image in everything(dataset, "image")) == list(range(30))


@pytest.mark.parametrize("path", ["", "about.csv"])
def test_a_changed_image_of_a_table_is_noticed(tmp_path, path):
    for i in range(30):
        write_image(tmp_path / "set" / "pictures" / f"{i}.png", i)
    write_csv(tmp_path / "set" / "about.csv", [(f"pictures/{i}.png", i % 2) for i in range(30)],
              ("file", "kind"))
    columns = {"image_column": "file", "label_column": "kind"}
    before = opened(tmp_path / "set" / path, "image", "label", **columns)
    write_image(tmp_path / "set" / "pictures" / "5.png", 200)
    after = opened(tmp_path / "set" / path, "image", "label", **columns)
    assert before.version != after.version
    assert sorted(image[0, 0, 0] for image in everything(after, "image")) == [
        *range(5), *range(6, 30), 200]


BAD_TABLES = {
    "empty": (b"", "no byte"),
    "one line": (b"text,label\n", "no row that can be read"),
    "zero bytes": (b"a\0b\0\0\0,c\n" * 30, "zero bytes"),
    "binary": (bytes(range(1, 32)) * 40 + b"\xff\xfe", "binary|no table"),
    "no label": (b"text,number\n" + b"a b,\n" * 30, "label"),
    "ragged rows": (b"text,label\n" + b"a,b\na,b,c\n" * 30, "fields, not 2"),
    "open quote": (b'text,label\n"a b,c\n' + b"d,e\n" * 30, "no row that can be read"),
    "labels all different": (b"text,label\n" + b"".join(
        b"some %d,%d.5\n" % (i, i) for i in range(200)), "no classes"),
    "two examples": (b"text,label\na,b\nc,d\n", "only 2 examples"),
    "equal examples": (b"text,label\n" + b"a,b\n" * 30, "equal ones count once"),
}


@pytest.mark.parametrize(("content", "message"), BAD_TABLES.values(), ids=BAD_TABLES)
def test_bad_tables_are_refused(tmp_path, content, message):
    (tmp_path / "a.csv").write_bytes(content)
    with pytest.raises(UserError, match=message):
        opened(tmp_path / "a.csv", "text", "label")
    assert not list((tmp_path / "prepared").glob("own/*/*"))


@pytest.mark.parametrize(("name", "content", "message"), [
    ("a.jsonl", "[1, 2]\n", "no line that is a JSON object"),
    ("a.jsonl", "{\n" * 30, "no line that is a JSON object"),
    ("a.jsonl", '{"text": {"a": 1}, "label": 1}\n' * 9, "text"),
    ("a.parquet", "PAR1 nothing", "no Parquet file"),
    ("a.npz", "PK nothing", "no file of plain NumPy arrays"),
    ("a.npy", "nothing", "no file of plain NumPy arrays"),
    ("a.txt", "\x00\x01\x02" * 99, "no text"),
    ("a.xlsx", "PK", "nothing that can be read as data")])
def test_bad_files_are_refused(tmp_path, name, content, message):
    (tmp_path / name).write_text(content)
    with pytest.raises(UserError, match=message):
        opened(tmp_path / name, "text", "label")


def test_an_unknown_column_is_named_with_the_nearest(tmp_path):
    path = write_csv(tmp_path / "a.csv", rows())
    with pytest.raises(InputError, match="text_column=txt.*did you mean text"):
        opened(path, "text", text_column="txt")


def test_damaged_tables_never_crash(tmp_path):
    rng = np.random.default_rng(0)
    whole = write_csv(tmp_path / "whole.csv", rows(30)).read_bytes()
    path, fine = tmp_path / "a.csv", 0
    for turn in range(500):
        content = bytearray(whole)
        for place in rng.integers(0, len(content), rng.integers(1, 9)):
            content[place] = rng.integers(256)
        if turn % 3 == 0:
            del content[rng.integers(len(content)):]
        path.write_bytes(content)
        try:
            source = find.find(path, found_files.gather(path), Reading())
            plan = source.plan(("text", "label"), (), Reading())
            found = list(source.records(plan, Reading()))
            assert all(record.fault or record.values.keys() == plan.keys() for record in found)
        except UserError:
            continue
        fine += 1
    assert 0 < fine < 500


# Texts


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_running_text_keeps_its_lines_in_order(tmp_path, encoding):
    lines = [f"line {i} {WORDS[i % 6]}" if i % 5 else "" for i in range(100)]
    for end in ("\n", "\r\n"):
        (tmp_path / "a.txt").write_bytes(end.join(lines).encode(encoding))
        dataset = opened(tmp_path / "a.txt", "text")
        assert everything(dataset, "text") == [line.encode() for line in lines]
        assert 70 < dataset.splits["train"].size < 90


def test_a_text_without_lines_is_cut_at_spaces(tmp_path):
    text = " ".join(f"word{i}" for i in range(5000))
    (tmp_path / "a.txt").write_text(text)
    dataset = opened(tmp_path / "a.txt", "text")
    pieces = everything(dataset, "text")
    assert b"".join(pieces).decode() == text
    assert all(piece.endswith(b" ") for piece in pieces[:-1])
    assert min(split.size for split in dataset.splits.values()) >= 3


def test_a_running_text_of_several_files(tmp_path):
    for name in ("train", "test"):
        (tmp_path / "set").mkdir(exist_ok=True)
        (tmp_path / "set" / f"{name}.txt").write_text("".join(f"{name} {i}\n" for i in range(30)))
    splits = opened(tmp_path / "set", "text").splits
    assert list(splits["test"].arrays()["text"]) == [b"test %d" % i for i in range(30)]
    assert list(splits["train"].arrays()["text"])[:2] == [b"train 0", b"train 1"]
    assert splits["train"].size + splits["validation"].size == 30


def test_texts_in_class_folders(tmp_path, capsys):
    for i in range(30):
        path = tmp_path / "mails" / ("ham", "spam")[i % 2] / f"{i}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(f"größe {i}\r\nzwei".encode("latin-1" if i == 3 else "utf-8"))
    dataset = opened(tmp_path / "mails", "text", "label")
    assert dataset.class_names == ("ham", "spam")
    opened(tmp_path / "mails", "text", "label")
    assert capsys.readouterr().out.count("some texts are read as Latin-1") == 2
    assert sorted(everything(dataset, "text")) == sorted(
        f"größe {i}\r\nzwei".encode() for i in range(30))


@pytest.mark.parametrize(("needs", "message"), [
    (("text", "label"), "without labels"), (("image",), "without images"),
    (("source", "target"), "without sources")])
def test_a_running_text_is_no_table(tmp_path, needs, message):
    (tmp_path / "a.txt").write_text("some text\n" * 9)
    with pytest.raises(InputError, match=message):
        opened(tmp_path / "a.txt", *needs)


# Images


def test_a_folder_per_class(photos):
    dataset = opened(photos, "image", "label")
    assert dataset.class_names == ("cat", "dog")
    assert dataset.image_shape == (8, 9, 3)
    for split in dataset.splits.values():
        for image, label in zip(*split.arrays().values(), strict=True):
            assert image[0, 0, 0] % 2 == label


def test_many_folders_of_few_images_are_classes(tmp_path):
    for i in range(120):
        write_image(tmp_path / "set" / f"bird {i % 80:02}" / f"{i}.png", i)
    assert len(opened(tmp_path / "set", "image", "label").class_names) == 80


def test_given_splits_are_kept_and_a_missing_one_comes_from_train(photos, tmp_path):
    for i in range(10):
        write_image(tmp_path / "set" / "test" / "dog" / f"{i}.png", 200 + i)
    shutil.copytree(photos, tmp_path / "set" / "train")
    dataset = opened(tmp_path / "set", "image", "label")
    assert sorted(image[0, 0, 0] for image in dataset.splits["test"].arrays()["image"]) == list(
        range(200, 210))
    assert dataset.splits["train"].size + dataset.splits["validation"].size == 40


def test_a_flat_folder_has_images_and_no_labels(tmp_path):
    for i in range(20):
        write_image(tmp_path / "flat" / f"{i}.png", i, mode="L")
    (tmp_path / "flat" / "notes.pdf").write_bytes(b"%PDF")
    (tmp_path / "flat" / ".hidden.png").write_bytes(b"?")
    assert opened(tmp_path / "flat", "image", wants=("label",)).image_shape == (8, 9, 1)
    with pytest.raises(InputError, match="no folder per class"):
        opened(tmp_path / "flat", "image", "label")
    with pytest.raises(InputError, match="holds images, no text"):
        opened(tmp_path / "flat", "text")


def test_sizes_that_differ_are_told(photos):
    write_image(photos / "cat" / "large.png", 99, size=(80, 60))
    with pytest.raises(InputError, match=r"image_size.*8x9 to 60x80 pixels.*most often 8x9 \(40\)"):
        opened(photos, "image", "label")
    assert opened(photos, "image", image_size="12x20").image_shape == (12, 20, 3)


def test_grey_among_colour_becomes_colour(photos):
    write_image(photos / "cat" / "grey.png", 250, mode="L")
    dataset = opened(photos, "image")
    assert dataset.image_shape == (8, 9, 3)
    assert any((image == 250).all() for image in everything(dataset, "image"))
    assert opened(photos, "image", channels="1").image_shape == (8, 9, 1)


def test_16_bit_grey_is_said_to_be_scaled(tmp_path, capsys):
    for i in range(20):
        write_image(tmp_path / "flat" / f"{i}.png", 3000 * i, mode="I;16")
    assert sorted(image[0, 0, 0] for image in everything(opened(tmp_path / "flat", "image"), "image"
                                                         )) == [3000 * i // 257 for i in range(20)]
    assert "scaled from 0-65,535 to 0-255" in capsys.readouterr().out


def test_a_few_that_cannot_be_read_are_left_out_and_named(tmp_path, capsys):
    for i in range(200):
        write_image(tmp_path / "flat" / f"{i}.png", i)
    (tmp_path / "flat" / "broken.png").write_bytes(b"no image")
    assert len(everything(opened(tmp_path / "flat", "image"), "image")) == 200
    assert "left out 1 that cannot be read: broken.png (it is no image" in capsys.readouterr().out
    with pytest.raises(DataError, match="broken.png cannot be read"):
        opened(tmp_path / "flat", "image", strict=True)
    for i in range(9):
        (tmp_path / "flat" / f"broken {i}.png").write_bytes(b"no image")
    with pytest.raises(DataError, match=r"10 of 210 examples cannot be read: .*at most 1%"):
        opened(tmp_path / "flat", "image")


def test_a_pipe_and_links_are_no_trap(photos, tmp_path):
    os.mkfifo(photos / "cat" / "pipe.png")
    (photos / "dog" / "around").symlink_to(photos)
    (photos / "dog" / "nowhere.png").symlink_to(tmp_path / "nowhere")
    assert len(everything(opened(photos, "image"), "image")) == 40


def test_names_that_are_no_text(tmp_path, capsys):
    folder = os.fsencode(tmp_path / "flat")
    for i in range(200):
        path = os.fsdecode(folder + b"/gr\xfc\xdfe " + bytes(str(i % 2), "ascii"))
        write_image(pathlib.Path(path) / f"{i}.png", i)
    (pathlib.Path(path) / os.fsdecode(b"\xff.png")).write_bytes(b"no image")
    dataset = opened(tmp_path / "flat", "image", "label")
    assert dataset.class_names == ("gr??e 0", "gr??e 1")
    assert "left out 1 that cannot be read: gr??e 1/?.png" in capsys.readouterr().out


def test_an_empty_folder_and_a_missing_one(tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="is an empty folder"):
        opened(tmp_path / "empty", "image")
    with pytest.raises(InputError, match="does not exist.*did you mean empty"):
        opened(tmp_path / "emty", "image")


# Arrays


@pytest.mark.parametrize(("arrays", "shape"), [
    ({"images": np.zeros((30, 5, 7), np.uint8)}, (5, 7, 1)),
    ({"images": np.zeros((30, 5, 7, 4), np.uint8)}, (5, 7, 4)),
    ({"x": np.zeros((30, 5, 7, 3), np.float64)}, (5, 7, 3)),
    ({"pixels": np.zeros((30, 5, 7), bool)}, (5, 7, 1)),
    ({"x_train": np.zeros((30, 5, 7), np.uint8), "y_train": np.arange(30) % 2,
      "x_test": np.zeros((9, 5, 7), np.uint8), "y_test": np.arange(9) % 2}, (5, 7, 1))])
def test_arrays_of_every_kind(tmp_path, arrays, shape):
    for _name, array in arrays.items():
        if array.ndim > 2 and array.dtype != bool:
            array[:] = (np.arange(len(array)) / (255 if array.dtype == float else 1)).reshape(
                -1, *[1] * (array.ndim - 1))
        elif array.dtype == bool:
            array.reshape(30, -1)[np.arange(30), np.arange(30)] = True
    np.savez(tmp_path / "a.npz", **arrays)
    dataset = opened(tmp_path / "a.npz", "image", wants=("label",))
    assert dataset.image_shape == shape
    assert len(everything(dataset, "image")) == sum(
        len(array) for array in arrays.values() if array.ndim > 2)
    if "x_test" in arrays:
        assert dataset.splits["test"].size == 9
        assert dataset.class_names == ("0", "1")


@pytest.mark.parametrize(("arrays", "message"), [
    ({"a": np.zeros((4, 4))}, "expected images"),
    ({"images": np.zeros((30, 5, 7, 2), np.uint8)}, "1, 3 or 4 channels"),
    ({"images": np.full((30, 5, 7), 300.0)}, "neither fractions from 0 to 1"),
    ({"images": np.full((30, 5, 7), "a")}, "type <U1"),
    ({"images": np.array([{}] * 30, object).reshape(30, 1, 1)}, "type object|cannot be read"),
    ({"images": np.zeros((30, 5, 7), np.uint8), "labels": np.zeros(29)}, "expected as many")])
def test_bad_arrays_are_refused(tmp_path, arrays, message):
    np.savez(tmp_path / "a.npz", **arrays)
    with pytest.raises(UserError, match=message):
        opened(tmp_path / "a.npz", "image")


# Splits and preparation


def by_split(dataset):
    return {name: {hashlib.sha256(image).digest() for image in split.arrays()["image"]}
            for name, split in dataset.splits.items()}


def test_equal_images_never_fall_on_two_sides_and_a_new_one_moves_no_other(tmp_path):
    for i in range(150):
        write_image(tmp_path / "flat" / f"{i}.png", i)
    for i in range(15):  # a tenth twice, in another kind of file
        write_image(tmp_path / "flat" / f"again {i}.bmp", i)
    before = by_split(opened(tmp_path / "flat", "image"))
    assert sum(map(len, before.values())) == len(set.union(*before.values())) == 150
    write_image(tmp_path / "flat" / "new.png", 222)
    after = by_split(opened(tmp_path / "flat", "image"))
    assert all(before[name] <= after[name] for name in before)
    assert sum(map(len, after.values())) == 151


def test_shares_are_kept_within_chance(tmp_path):
    path = write_csv(tmp_path / "a.csv", [(f"text {i}", i % 2) for i in range(2000)])
    splits = opened(path, "text", "label", split="0.5,0.2,0.3").splits
    for name, share in (("train", 0.5), ("validation", 0.2), ("test", 0.3)):
        assert abs(splits[name].size - 2000 * share) < 4 * np.sqrt(2000 * share * (1 - share))


def test_of_few_examples_every_split_has_one(tmp_path):
    for count in (3, 4, 7, 12):
        path = write_csv(tmp_path / f"{count}.csv", [(f"text {i}", i % 2) for i in range(count)])
        sizes = {name: split.size for name, split in opened(path, "text", "label").splits.items()}
        assert min(sizes.values()) >= 1
        assert sum(sizes.values()) == count


def test_files_are_read_again_only_when_their_content_has_changed(photos, capsys, monkeypatch):
    first = opened(photos, "image", "label")
    monkeypatch.setattr(preparation, "_make", None)
    again = opened(photos, "image", "label")
    assert again.version == first.version
    for path in photos.rglob("*.png"):  # as a copy would: other times
        path.touch()
    assert opened(photos, "image", "label").version == first.version
    monkeypatch.undo()
    write_image(photos / "cat" / "0.png", 255)
    assert opened(photos, "image", "label").version != first.version


def test_a_preparation_that_dies_leaves_nothing(photos, monkeypatch):

    def full(*_):
        raise OSError(28, "No space left on device")
    monkeypatch.setattr(preparation, "_write", full)
    with pytest.raises(UserError, match="no room"):
        opened(photos, "image")
    assert not list((photos.parent / "prepared").glob("own/*/*"))
    monkeypatch.undo()
    assert opened(photos, "image").image_shape == (8, 9, 3)


def test_keras_seeds_are_the_same_whether_data_is_prepared_or_not(photos):
    random.seed(3)
    expected = random.random()
    random.seed(3)
    opened(photos, "image")
    assert random.random() == expected
