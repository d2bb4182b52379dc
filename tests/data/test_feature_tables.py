"""The user's own tables: what their columns are taken for, and what is refused."""

import random

import numpy as np
import pytest

from tfmodels.data.load import load
from tfmodels.data.own.reading import Reading
from tfmodels.errors import InputError


@pytest.fixture
def table(tmp_path, data_dir):
    """Loads a CSV of a header and a row for each number, with settings of `Reading`."""
    def write_and_load(header, row, count=60, **reading):
        path = tmp_path / "table.csv"
        path.write_text("\n".join([header, *map(row, range(count))]) + "\n", encoding="utf-8")
        return load(str(path), data_dir, tables=True, reading=Reading(**reading))
    return write_and_load


def _rows(dataset):
    parts = [split.arrays() for split in dataset.splits.values()]
    return {key: np.concatenate([part[key] for part in parts]) for key in parts[0]}


def test_columns_are_numbers_categories_or_left_out_with_a_reason(table, capsys):
    draw = random.Random(0)
    dataset = table("id,size,floor,zone,note,country,sold,price", lambda i: ",".join([
        str(i), "" if i % 5 == 0 else f"{i / 7:.3f}", "unknown" if i == 3 else str(i % 4),
        ("north", "south", "NA")[i % 3], f"a house {i}", "DE", f"2024-01-{i % 5 + 10}",
        "" if i in (7, 8) else f"{draw.random():.4f}"]), label_column="price")
    assert dataset.columns.numbers == ("size", "floor")
    assert dataset.columns.categories == ("zone", "sold")
    assert dataset.columns.target == "price"
    rows = _rows(dataset)
    assert len(rows["value"]) == 58
    assert np.isnan(rows["numbers"][:, 0]).sum() == 12
    assert np.isnan(rows["numbers"][:, 1]).sum() == 1
    assert set(rows["categories"][:, 0]) == {b"north", b"south", b""}
    said = capsys.readouterr().out
    for part in ("price is the number to predict", "2 rows without one are left out",
                 "id (it numbers the rows)", "note (all different texts", "country (always 'DE')",
                 "floor: 1 of 60 cells are no numbers, such as 'unknown'",
                 "sold: dates, taken as categories"):
        assert part in said


def test_equal_rows_fall_into_one_split_whatever_their_label(table):
    draw = random.Random(1)
    dataset = table("a,b,y", lambda i: f"{i % 20},{'pq'[i % 2]},{draw.random()}", 200,
                    label_column="y")
    of_split = [{row.tobytes() for row in split.arrays()["numbers"]}
                for split in dataset.splits.values()]
    assert sum(map(len, of_split)) == len(set.union(*of_split)) == 20


@pytest.mark.parametrize(("label", "asked", "expected"), [
    (lambda i: i % 3, "auto", "label"), (lambda i: i % 3 / 2, "auto", "value"),
    (lambda i: i * 31 % 57, "auto", "value"), (lambda i: i % 3, "number", "value"),
    (lambda i: i % 3 / 2, "class", "label"), (lambda i: "xy"[i % 2], "auto", "label"),
    (lambda i: ("inf", "nan", i / 7, i / 9)[i % 4], "auto", "value")])
def test_the_label_is_a_class_or_a_number(table, label, asked, expected):
    dataset = table("a,b,y", lambda i: f"{i * 17 % 23},{'pq'[i % 2]},{label(i)}",
                    label_column="y", target=asked)
    rows = _rows(dataset)
    assert set(rows) == {"numbers", "categories", expected}
    assert np.isfinite(rows[expected]).all()


@pytest.mark.parametrize(("header", "row", "reading", "says"), [
    ("a,b", lambda i: f"{i / 7},{i % 3}", {"label_column": "prise"}, "of the columns.*: a, b"),
    ("a,y", lambda i: f"{i / 7},yes", {}, "is 'yes' in all 60 rows"),
    ("a,a,y", lambda i: f"{i / 7},{i % 7},{i % 2}", {}, "two columns have the name 'a'"),
    ("a,label", lambda i: f"{i / 7},name {i}", {}, "these are no classes"),
    ("a,y", lambda i: f"{i / 7},{'' if i else 'x'}", {}, "has 1 rows with a label"),
    ("id,text,c,y", lambda i: f"{i},text {i},c,{'pq'[i % 2]}", {},
     r"no column to predict y by: id \(it numbers the rows\), text \(all different.*c \(always"),
    ("a,y", lambda i: f"{i / 7},{i if i % 3 else 'x'}",
     {"label_column": "y", "target": "number"}, "has 20 texts and 40 numbers"),
    ("a,b,c", lambda i: f"{i / 7},{i / 9},{i / 11}", {}, "no column.*is obviously the label")])
def test_what_cannot_be_learnt_is_refused_in_one_message(table, header, row, reading, says):
    with pytest.raises(InputError, match=says):
        table(header, row, **reading)


@pytest.mark.parametrize(("label", "says"), [
    (lambda i: f"1.{i + 100},5", r"60 numbers written as '1\.100,5'.*as '1100\.5'"),
    (lambda i: f"{i},{i % 9}5", r"60 numbers written as '0,05'.*such as '0\.05'"),
    (lambda i: f"{i % 40 + 1},234", r"written as '1,234': expected a decimal point.*'1234'"),
    (lambda i: 900 + i if i % 20 else f"{i + 1},234", "has 3 numbers written as"),
    (lambda i: f"${i + 1},250.5", r"written as '\$1,250\.5'.*such as '1250\.5'"),
    (lambda i: f"{i + 1} 250,50 €", r"written as '1 250,50 €'.*such as '1250\.50'"),
    (lambda i: f"{i + 1}'250'000", r"written as \"1'250'000\".*such as '1250000'"),
    (lambda i: f"{i / 10 + 2}%", r"written as '2\.0%'.*such as '2\.0'")])
def test_a_label_of_numbers_that_are_written_otherwise_is_told(table, label, says):
    with pytest.raises(InputError, match=says) as caught:
        table("a;b;y", lambda i: f"{i * 17 % 23};{'pq'[i % 2]};{label(i)}", label_column="y")
    assert caught.value.remedy is None  # the column was named


def test_columns_of_numbers_that_are_written_otherwise_are_told(table, capsys):
    table("a;b;y", lambda i: f"{i % 9},5;{i * 17 % 23};{'pq'[i % 2]}", label_column="y")
    assert "a: taken as categories, such as '0,5'; numbers have a decimal point" in (
        capsys.readouterr().out)


def test_names_of_columns_may_be_missing_or_begin_with_digits(table):
    dataset = table(",1stFloor,label", lambda i: f"{i},{i / 7:.2f},{'pq'[i % 2]}")
    assert dataset.columns.numbers == ("1stFloor",)
