"""Readers of one table each: CSV and TSV, JSON lines, Parquet.

Each has `names` (of its columns), `said` (what a user should know of how it is read), `classes`
({column: class names} that the file states) and `rows()`, which yields (number from 1, {column:
value}, why the row cannot be read or "").
"""

import csv
import itertools
import json
import sys

from tfmodels.data.own import columns, encodings
from tfmodels.errors import InputError

LOOKED_AT = 200  # rows by which columns are guessed

csv.field_size_limit(sys.maxsize)


def reader(file):
    """Returns what reads a table.

    Raises:
        InputError: it is none.
    """
    try:
        return {".parquet": Parquet, ".jsonl": JsonLines, ".ndjson": JsonLines}.get(
            file.suffix, Delimited)(file)
    except (encodings.NoText, UnicodeError) as error:
        raise InputError(f"{file.path} is no table: {error}") from None


class Delimited:
    """Rows of a CSV or TSV file (RFC 4180, or with another delimiter)."""

    classes = {}

    def __init__(self, file):
        self._path = file.path
        self._encoding, usual = encodings.encoding_of(file.path)
        self._delimiter = "\t" if file.suffix == ".tsv" else self._sniffed()
        with self._opened() as lines:
            start = list(itertools.islice((row for row in self._parsed(lines) if isinstance(
                row, str) or any(row)), LOOKED_AT))
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
        """Yields (number from 1, {column: text}, why it cannot be read or "")."""
        with self._opened() as lines:
            number, skipped = 0, not self._header
            for row in self._parsed(lines):
                if not row or (isinstance(row, list) and not any(row)):
                    continue
                if not skipped:
                    skipped = True
                    continue
                number += 1
                if isinstance(row, str):
                    yield number, None, row
                elif len(row) != len(self.names):
                    yield number, None, f"it has {len(row)} fields, not {len(self.names)}"
                else:
                    yield number, dict(zip(self.names, row, strict=True)), ""

    def _opened(self):
        return encodings.open_text(self._path, self._encoding)

    def _parsed(self, lines):
        """Yields rows as lists; a text, what is wrong, where a row cannot be parsed."""
        # Tabs separate what is often not quoted at all: there a quote is a character.
        quoting = csv.QUOTE_NONE if self._delimiter == "\t" and not self._quoted() else 0
        parsed = csv.reader(lines, delimiter=self._delimiter, strict=True, quoting=quoting)
        while True:
            try:
                yield next(parsed)
            except StopIteration:
                return
            except csv.Error as error:
                yield f"it is no row ({error})"

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


class JsonLines:
    """Objects, one a line."""

    classes = {}

    def __init__(self, file):
        self._path = file.path
        self._encoding, usual = encodings.encoding_of(file.path)
        self.said = "" if usual == "UTF-8" else f"read as {usual}"
        names, fault = {}, "it is empty"
        for _, row, why in itertools.islice(self.rows(), LOOKED_AT):
            names |= dict.fromkeys(row or ())
            fault = why
        if not names:
            raise InputError(f"{file.path} has no line that is a JSON object ({fault}): expected "
                             'lines such as {"text": "…", "label": "…"}')
        self.names = list(names)

    def rows(self):
        """As of `Delimited`; values are those of JSON."""
        with encodings.open_text(self._path, self._encoding) as lines:
            number = 0
            for line in lines:
                if not line.strip():
                    continue
                number += 1
                try:
                    row = json.loads(line)
                except (ValueError, RecursionError) as error:
                    yield number, None, f"it is no JSON ({str(error)[:80]})"
                    continue
                if not isinstance(row, dict):
                    yield number, None, "it is no JSON object"
                else:
                    yield number, row, ""


class Parquet:
    """Rows of a Parquet file, with the features that Hugging Face's datasets writes into it."""

    said = ""

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

