"""Tables: read right, or refused in one message."""

import csv
import json

import numpy as np
import pyarrow
import pyarrow.parquet
import pytest
from data.own.making import everything, opened, rows, write_csv

from tfmodels.data.own import find, found_files
from tfmodels.data.own.reading import Reading
from tfmodels.errors import InputError, UserError


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
    (("German", "English"), ("source", "target"), "source: German, target: English"),
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
    "equal examples": (b"text,label\n" + b"a,b\n" * 30, "only 30 examples, of which 1 differ"),
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
    ("a.json", "[1, 2]", "no row that is a JSON object.*an array of objects"),
    ("a.json", '[{"text": "a"', "is no JSON"), ("a.json", '{"a": [1], "b": {}}', "is no table"),
    ("a.csv.gz", "text,label", "gzip cannot unpack it"),
    ("a.xlsx", "PK", "a.xlsx is not read as it is: save each sheet as CSV"),
    ("a.tar.gz", "PK", "a.tar.gz is not read as it is: unpack it"),
    ("a.feather", "PK", "save it as Parquet"),
    ("a.exe", "MZ", "nothing that can be read as data")])
def test_bad_files_are_refused(tmp_path, name, content, message):
    (tmp_path / name).write_text(content)
    with pytest.raises(UserError, match=message):
        opened(tmp_path / name, "text", "label")


def test_a_folder_of_nothing_that_is_read_says_what_to_do(tmp_path):
    for name in ("a.zip", "b.zip"):
        (tmp_path / name).write_text("PK")
    with pytest.raises(InputError, match=r"a\.zip, one of 2 files, is not read as it is: unpack"):
        opened(tmp_path, "image", data=tmp_path / "prepared")


def test_names_of_splits_are_for_prepared_sets(tmp_path):
    with pytest.raises(InputError, match="split=train=a: .*expected fractions"):
        opened(write_csv(tmp_path / "a.csv", rows()), "text", split="train=a")


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
