"""Rows of tables: which are left out, what they are called, and which split they are of."""

import json

import pytest
from data.own.making import everything, opened, read, rows, write_csv

from tfmodels.errors import DataError, InputError


def test_faults_name_the_line_that_an_editor_shows(tmp_path, capsys):
    lines = ["text,label", ""]
    for i in range(150):
        lines += [f'"some words {i}', f'and more",k{i % 2}', ""]
    lines.append("one,two,three")
    for end, name in (("\n", "a.csv"), ("\r\n", "b.csv")):
        (tmp_path / name).write_bytes(end.join(lines).encode())
        opened(tmp_path / name, "text", "label")
        line = lines.index("one,two,three") + 1
        assert f"{name}, line {line} (it has 3 fields" in capsys.readouterr().out
    some = [json.dumps({"text": f"a {i}", "label": i % 2}) + "\n" for i in range(150)]
    (tmp_path / "a.jsonl").write_text("".join(some) + "\n\n[]\n")
    opened(tmp_path / "a.jsonl", "text", "label")
    assert "a.jsonl, line 153 (it is no JSON object)" in capsys.readouterr().out


@pytest.mark.parametrize("blank", ["", " ", "NaN"])
def test_rows_without_a_label_are_left_out_and_counted(tmp_path, capsys, blank):
    some = [(text, blank if i % 5 == 0 else name) for i, (text, name) in enumerate(rows())]
    path = write_csv(tmp_path / "a.csv", some)
    dataset = opened(path, "text", "label")
    assert len(everything(dataset, "text")) == 48
    assert dataset.class_names == ("class 0", "class 1", "class 2")
    said = "label, such as 'NaN'" if blank == "NaN" else "label"
    assert f"left out 12 rows without a label ({said})" in capsys.readouterr().out
    with pytest.raises(DataError, match="a.csv, line 2 cannot be read: it has no label"):
        opened(path, "text", "label", strict=True)
    write_csv(path, [(text, blank) for text, _ in rows()])
    with pytest.raises(InputError, match=r"60 rows without a label \(label.*\) and none with"):
        opened(path, "text", "label")


def test_pairs_without_a_target_are_left_out_and_counted(tmp_path, capsys):
    some = [(f"one {i}", f"two {i}" if i % 4 else "") for i in range(40)]
    dataset = opened(write_csv(tmp_path / "a.csv", some, ("source", "target")), "source", "target")
    assert sorted(everything(dataset, "target")) == sorted(b.encode() for _, b in some if b)
    assert "left out 10 rows without a target (target)" in capsys.readouterr().out


@pytest.mark.parametrize(("names", "said"), [
    (["train"], "split by name in train, validation and test taken from train"),
    (["test", "train"], "split by name in train and test, validation taken from train"),
    (["test", "train", "val"], "split by name in train, validation and test, which fractions do")])
def test_splits_that_are_given_are_said(tmp_path, capsys, names, said):
    (tmp_path / "set").mkdir()
    for name in [*names]:
        write_csv(tmp_path / "set" / f"{name}.csv", [(f"{name} {i}", i % 2) for i in range(30)])
    if names == ["train"]:
        write_csv(tmp_path / "set" / "training.csv", rows())
    opened(tmp_path / "set", "text")
    assert f"the columns text, label; {said}" in capsys.readouterr().out


@pytest.mark.parametrize(("header", "row"), [
    (("", "text", "label"), lambda i, text, name: (i, text, name)),  # as pandas writes an index
    (("label", "text", "", ""), lambda i, text, name: (name, text, "", ""))])
def test_columns_without_a_name_leave_the_header_one(tmp_path, header, row):
    some = [row(i, text, name) for i, (text, name) in enumerate(rows())]
    found = read(write_csv(tmp_path / "a.csv", some, header), "text", "label")
    assert [(one["text"], one["label"]) for one in found] == rows()


def test_a_split_without_labels_has_texts(tmp_path):
    (tmp_path / "set").mkdir()
    write_csv(tmp_path / "set" / "train.csv", rows())
    write_csv(tmp_path / "set" / "test.csv", [(text,) for text, _ in rows()], ("text",))
    assert len(read(tmp_path / "set", "text")) == 120
    with pytest.raises(InputError, match="test.csv has no column 'label', which .*train.csv has"):
        read(tmp_path / "set", "text", "label")
