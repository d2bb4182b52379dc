"""Tables of examples: CSV, TSV, JSON and Parquet, one file or one per split."""

import collections
import functools
import itertools
import pathlib

from tfmodels.data.own import column_profiles, columns, splits
from tfmodels.data.own.found_files import file_at
from tfmodels.data.own.image_folder import given_splits
from tfmodels.data.own.records import Record, Source
from tfmodels.data.own.table_readers import LOOKED_AT, reader
from tfmodels.errors import InputError


class Table(Source):
    """Rows of one table, or of one table for each split."""

    of_cells = True

    def __init__(self, root, files):
        super().__init__()
        self.root, self.files = root, files
        folders = given_splits(files)
        self._split_of = {file: folders.get(file.parts[0]) if folders else
                          (splits.named(file.parts[-1]) if len(files) > 1 else None)
                          for file in files}
        if "train" not in self._split_of.values():
            self._split_of = dict.fromkeys(files)
        self.files = [file for file in files
                      if self._split_of[file] or not any(self._split_of.values())]
        self.given = frozenset(filter(None, self._split_of.values()))
        self._read = {file: reader(file) for file in self.files}
        self._first = next((file for file in self.files if self._split_of[file] == "train"),
                           self.files[0])
        self.names = self._read[self._first].names
        kinds = ", ".join(sorted({file.suffix.lstrip(".").upper() for file in self.files}))
        said = " ".join(dict.fromkeys(found.said for found in self._read.values() if found.said))
        self.line = (f"a table ({kinds}) with the columns {', '.join(map(str, self.names[:8]))}"
                     + (" …" if len(self.names) > 8 else "")
                     + splits.said(self.given)
                     + (f"; {said}" if said else ""))

    @functools.cached_property
    def examples(self):
        """{column: some of its values}, by which columns are guessed."""
        found = list(itertools.islice(self._read[self._first].rows(), LOOKED_AT))
        rows = [row for _, row, fault in found if not fault]
        if not rows:
            why = found[0][2] if found else "there is none"
            raise InputError(f"{self._first.path} has no row that can be read below its column "
                             f"names {', '.join(self.names)}: {why}")
        return {name: [row.get(name) for row in rows] for name in self.names}

    def plan(self, needs, wants, reading):
        """As of `Source`."""
        plan = columns.choose(self.names, self.examples, needs, wants, reading, self.root)
        self.check(plan.values())
        self.line += "; " + ", ".join(f"{kind}: {name}" for kind, name in plan.items())
        return plan

    def check(self, names):
        """Checks that every file has some of the columns.

        Raises:
            InputError: one lacks a column, as the test of a competition lacks its label.
        """
        for file in self.files:
            missing = next((name for name in names if name not in self._read[file].names), None)
            if missing is not None:
                raise InputError(f"{file.path} has no column {missing!r}, which "
                                 f"{self._first.path} has: expected it in every file of the "
                                 "table, or that file to be elsewhere")

    def records(self, plan, reading):
        """As of `Source`.

        Rows without a label, or without one of a pair of texts, are no examples: they are left
        out and counted, however many they are.

        Raises:
            InputError: all rows lack it.
        """
        found, lacking, example = 0, collections.Counter(), {}
        for file, number, row, fault in self.rows():
            values = {} if fault else {kind: row.get(name) for kind, name in plan.items()}
            lacks = next((kind for kind in values if _lacks(kind, values[kind])), None)
            if lacks:
                lacking[lacks] += 1
                example[lacks] = example.get(lacks) or str(values[lacks] or "").strip()
                if not reading.strict:
                    continue
                fault = f"it has no {lacks} ({plan[lacks]})"
            if "image" in values:
                values["image"] = self._image(values["image"], file)
            found += 1
            yield Record(self.name_of(file, number), self.split_of(file), values, fault)
        for kind, count in lacking.items():
            such = f", such as {example[kind]!r}" if example[kind] else ""
            said = f"{count:,} rows without a {kind} ({plan[kind]}{such})"
            if not found:
                raise InputError(f"{self.root} has {said} and none with one",
                                 None if getattr(reading, f"{kind}_column") else f"{kind} column")
            self.notes.add(f"left out {said}")

    def referenced(self, plan):
        """As of `Source`: the image files that cells name."""
        first = [self._image(value, self._first) for value in self.examples[plan["image"]]
                 ] if "image" in plan else []
        if not any(isinstance(value, str) for value in first):  # cells hold the images themselves
            return []
        values = (self._image(row.get(plan["image"]), file)
                  for file, _, row, fault in self.rows() if not fault)
        paths = dict.fromkeys(value for value in values if isinstance(value, str))
        return list(filter(None, map(file_at, paths)))

    def rows(self):
        """Yields (file, number for `name_of`, {column: cell}, why it cannot be read or "")."""
        for file in self.files:
            for number, row, fault in self._read[file].rows():
                yield file, number, row, fault

    def name_of(self, file, number):
        """Returns what a row is called: `reviews.csv, line 12`, as an editor counts."""
        return f"{file.name}, {self._read[file].counts} {number:,}"

    def split_of(self, file):
        """Returns the split that a file is, None where content decides."""
        return self._split_of[file]

    @property
    def has_images(self):
        """Whether a column holds images."""
        return any(columns.is_image(values) for values in self.examples.values())

    def class_names(self, plan):
        """As of `Source`."""
        return self._read[self._first].classes.get(plan.get("label"))

    def state_classes(self, column, names):
        """Gives a column of integers its class names, where the files themselves state none."""
        for found in self._read.values():
            if column in found.names and column not in found.classes:
                found.classes = {**found.classes, column: names}

    def _image(self, value, file):
        """Returns the bytes or the path of an image that a cell states."""
        if isinstance(value, dict):
            value = value.get("bytes") or value.get("path")
        if isinstance(value, str) and value.strip():
            return str(pathlib.Path(file.path).parent / value.strip())
        return value


def _lacks(kind, value):
    """Tells whether a cell states no label, or nothing of a pair of texts."""
    if kind == "label":
        return column_profiles.lacks_label(value) or columns.label_text(value) is None
    return kind in ("source", "target") and (
        value is None or (isinstance(value, str) and not value.strip()))
