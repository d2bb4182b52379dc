"""What a table is for, and which of its columns is the label, where nobody says it."""

import pytest
from data.own.making import read, write_csv

from tfmodels.data.own import find
from tfmodels.data.own.reading import Reading

TEXT, PAIR, FEATURES = (("text",), ("label",), False), (("source", "target"), (), False), (
    (), (), True)


@pytest.mark.parametrize(("header", "row", "reading", "expected"), [
    (("source", "target"), lambda i: (f"a b {i}", f"c d {i}"), {}, PAIR),
    (("English", "French"), lambda i: (f"word{i}", f"mot{i}"), {}, PAIR),
    (None, lambda i: (f"a b {i}", f"c d {i}"), {}, PAIR),
    (("id", "question", "answer"), lambda i: (i, f"a b {i}", f"c d {i}"), {}, PAIR),
    (("id", "english", "french", "length"), lambda i: (i, f"a b {i}", f"c {i}", i % 9), {}, PAIR),
    (("review", "stars"), lambda i: (f"a b c d e {i}", i % 5), {}, TEXT),
    (("id", "review", "verdict"), lambda i: (i, f"a b {i}", "yn"[i % 2]), {}, TEXT),
    (("review", "rating"), lambda i: (f"a b c {i}", i / 7), {}, TEXT),
    (("title", "text"), lambda i: (f"a {i}", f"b c d {i}"), {}, TEXT),
    (("comment",), lambda i: (f"a b {i}",), {}, TEXT),
    (("a", "b", "c"), lambda i: (f"这是一个很好的产品我非常喜欢它{i}", i % 2, i % 3), {}, TEXT),
    (("name", "area", "zone", "price"), lambda i: (f"N {i}", i / 7, "ns"[i % 2], i / 3), {},
     FEATURES),
    (("area", "zone"), lambda i: (i / 7, "ns"[i % 2]), {}, FEATURES),
    (("note", "price"), lambda i: (f"a b c d e {i}", i / 3), {"label_column": "price"}, FEATURES),
    (("day", "zone"), lambda i: (f"2024-01-{i:02}", "ns"[i % 2]), {}, FEATURES),
    (("one", "two"), lambda i: (f"a b {i}", f"c d {i}"), {"text_column": "one"}, TEXT),
    (("one", "two"), lambda i: (f"a {i}", i % 3), {"source_column": "one"}, PAIR)])
def test_what_a_table_is_for_is_found_out(tmp_path, header, row, reading, expected):
    path = write_csv(tmp_path / "a.csv", [row(i) for i in range(60)], header)
    assert find.wanted(str(path), tmp_path, Reading(**reading)) == expected


@pytest.mark.parametrize(("header", "row", "label"), [
    (("id", "review", "verdict"), lambda i: (i, f"a b {i}", "yn"[i % 2]), "verdict"),
    (("review", "when", "stars"), lambda i: (f"a b c d e f {i}", f"{i}:00:00", i % 5), "stars")])
def test_the_only_column_of_classes_is_the_label(tmp_path, header, row, label):
    path = write_csv(tmp_path / "a.csv", [row(i) for i in range(40)], header)
    place = header.index(label)
    assert [record["label"] for record in read(path, "text", "label")] == [
        str(row(i)[place]) for i in range(40)]


def test_what_is_only_wanted_is_no_label_if_it_is_no_class(tmp_path):
    path = write_csv(tmp_path / "a.csv", [(f"a b {i}", i / 7) for i in range(60)],
                     ("review", "rating"))
    assert read(path, "text", wants=("label",))[0].keys() == {"text"}
