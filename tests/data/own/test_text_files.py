"""Running texts, and texts in class folders."""

import pytest
from data.own.making import WORDS, everything, opened

from tfmodels.errors import InputError


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


def test_a_table_that_ends_as_a_text_is_told(tmp_path, capsys):
    (tmp_path / "fra.txt").write_text("".join(f"Go {i}.\tVa {i} !\n" for i in range(30)))
    with pytest.raises(InputError, match=r"without sources.*has tabs.*\.tsv"):
        opened(tmp_path / "fra.txt", "source", "target")
    opened(tmp_path / "fra.txt", "text")
    assert "has tabs: as a table it is read by the ending .tsv" in capsys.readouterr().out
    (tmp_path / "a.txt").write_text("".join(f"\tGo {i}.\n" * (i % 2) + "on\n" for i in range(30)))
    opened(tmp_path / "a.txt", "text")
    assert "tabs" not in capsys.readouterr().out


def test_texts_in_class_folders_are_texts_where_no_label_is_needed(tmp_path):
    for i in range(30):
        path = tmp_path / "mails" / ("ham", "spam")[i % 2] / f"{i}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"text {i}")
    (tmp_path / "mails" / "beside.txt").write_text("text 30")
    dataset = opened(tmp_path / "mails", "text")
    assert sorted(everything(dataset, "text")) == sorted(b"text %d" % i for i in range(31))
    assert not opened(tmp_path / "mails", "text", wants=("label",)).class_names
    (tmp_path / "mails" / "beside.txt").unlink()
    assert opened(tmp_path / "mails", "text", wants=("label",)).class_names == ("ham", "spam")
