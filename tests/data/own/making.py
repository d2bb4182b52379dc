"""Files of a user's own, made for tests, and what is read of them."""

import csv

import PIL.Image

from tfmodels.data.load import load
from tfmodels.data.own import find, found_files
from tfmodels.data.own.reading import Reading

WORDS = ["red", "rot", "rouge", "שלום", "こんにちは", "слово", "a,b", 'quo"te',
         "line\nbreak", " x "]


def opened(path, *needs, data=None, **reading):
    """Returns the data set that a path is, read with some settings."""
    wants = reading.pop("wants", ())
    return load(str(path), data or path.parent / "prepared", needs, wants,
                reading=Reading(**reading))


def read(path, *needs, wants=(), **reading):
    """Returns the values of all records that a path holds, before they are prepared."""
    reading = Reading(**reading)
    source = find.find(path, found_files.gather(path), reading)
    return [record.values for record in source.records(source.plan(needs, wants, reading), reading)]


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
