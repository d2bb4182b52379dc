"""Readers of one table each: CSV and TSV, Parquet, and those of JSON.

Each has `names` (of its columns), `said` (what a user should know of how it is read), `classes`
({column: class names} that the file states), `counts` (what `rows` numbers: a `line` of the file,
as an editor shows it, or a `row`) and `rows()`, which yields (number from 1, {column: value}, why
the row cannot be read or "").
"""

import csv
import itertools
import json
import sys

from tfmodels.data.own import columns, encodings
from tfmodels.data.own.json_readers import LOOKED_AT, Json, JsonLines
from tfmodels.errors import InputError

csv.field_size_limit(sys.maxsize)


def reader(file):
    """Returns what reads a table.

    Raises:
        InputError: it is none.
    """
    try:
        return {".parquet": Parquet, ".jsonl": JsonLines, ".ndjson": JsonLines,
                ".json": Json}.get(file.suffix, Delimited)(file)
    except (encodings.NoText, UnicodeError) as error:
        raise InputError(f"{file.path} is no table: {error}") from None


class Delimited:
    """Rows of a CSV or TSV file (RFC 4180, or with another delimiter)."""

    classes, counts = {}, "line"

    def __init__(self, file):
        self._path = file.path
        self._encoding, usual = encodings.encoding_of(file.path)
        self._delimiter = "\t" if file.suffix == ".tsv" else self._sniffed()
        with self._opened() as lines:
            start = [row for _, row in itertools.islice(self._parsed(lines), LOOKED_AT)]
        if not start:
            raise InputError(f"{file.path} is empty: expected a line of column names and rows")
        first, rows = start[0], [row for row in start[1:] if len(row) == len(start[0])]
        if isinstance(first, str):
            raise InputError(f"{file.path} is no table: {first}")
        self._header = columns.is_header(first, rows)
        self.names = (columns.named(first) if self._header
                      else [str(number) for number in range(1, len(first) + 1)])
        self.said = " ".join(filter(None, [
            "" if usual == "UTF-8" else f"read as {usual}",
            "" if self._header else "without column names, so they are numbered"]))

    def rows(self):
        """Yields (the line it begins in, {column: text}, why it cannot be read or "")."""
        with self._opened() as lines:
            for number, row in itertools.islice(self._parsed(lines), int(self._header), None):
                if isinstance(row, str):
                    yield number, None, row
                elif len(row) != len(self.names):
                    yield number, None, f"it has {len(row)} fields, not {len(self.names)}"
                else:
                    yield number, dict(zip(self.names, row, strict=True)), ""

    def _opened(self):
        return encodings.open_text(self._path, self._encoding)

    def _parsed(self, lines):
        """Yields (the line from 1 it begins in, row as a list) of rows that are not blank.

        A row that cannot be parsed is a text, what is wrong.
        """
        # Tabs separate what is often not quoted at all: there a quote is a character.
        quoting = csv.QUOTE_NONE if self._delimiter == "\t" and not self._quoted() else 0
        parsed = csv.reader(lines, delimiter=self._delimiter, strict=True, quoting=quoting)
        while True:
            number = parsed.line_num + 1
            try:
                row = next(parsed)
            except StopIteration:
                return
            except csv.Error as error:
                row = f"it is no row ({error})"
            if any(row):
                yield number, row

    def _quoted(self):
        with self._opened() as lines:
            start = lines.read(1 << 16)
        return start.startswith('"') or '\t"' in start or '\n"' in start

    def _sniffed(self):
        """Returns the delimiter that cuts the first lines most evenly."""
        with self._opened() as lines:
            start = lines.read(1 << 16)
        best = ","
        most = 0
        for delimiter in ",;\t|":
            try:
                rows = [row for row in csv.reader(start.splitlines(True), delimiter=delimiter)
                        if any(row)][:50]
            except csv.Error:
                continue
            width = len(rows[0]) if rows else 0
            even = sum(len(row) == width for row in rows) / max(1, len(rows)) * (width > 1) * (
                1 + width / 100)
            if even > most:
                best, most = delimiter, even
        return best


class Parquet:
    """Rows of a Parquet file, with the features that Hugging Face's datasets writes into it."""

    said, counts = "", "row"

    def __init__(self, file):
        import pyarrow.parquet
        self._path = file.path
        try:
            schema = pyarrow.parquet.read_schema(file.path)
        except Exception as error:  # whichever way a damaged file fails
            raise InputError(f"{file.path} is no Parquet file that can be read: "
                             f"{' '.join(str(error).split())[:200]}") from None
        self.names = list(schema.names)
        if not self.names:
            raise InputError(f"{file.path} has no columns")
        self.classes = _classes_of(schema)

    def rows(self):
        """As of `Delimited`; values are Python's."""
        import pyarrow.parquet
        number = 0
        try:
            with pyarrow.parquet.ParquetFile(self._path) as file:
                for batch in file.iter_batches(batch_size=256):
                    for row in batch.to_pylist():
                        number += 1
                        for name, names in self.classes.items():
                            value = row[name]
                            row[name] = (names[value] if isinstance(value, int)
                                         and 0 <= value < len(names) else None)
                        yield number, row, ""
        except Exception as error:
            raise InputError(f"{self._path} cannot be read behind row {number:,}: "
                             f"{' '.join(str(error).split())[:200]}") from None


def _classes_of(schema):
    """Returns {column: class names} of the features that a Parquet schema tells of."""
    try:
        about = json.loads((schema.metadata or {})[b"huggingface"])["info"]["features"]
        return {name: feature["names"] for name, feature in about.items()
                if isinstance(feature, dict) and feature.get("_type") == "ClassLabel"
                and name in schema.names and all(isinstance(n, str) for n in feature["names"])}
    except (KeyError, ValueError, TypeError, AttributeError):
        return {}

