"""Readers of tables in JSON, as of `table_readers`: an object a line, or one array of them."""

import itertools
import json

from tfmodels.data.own import encodings
from tfmodels.errors import InputError

LOOKED_AT = 200  # rows by which columns are guessed
_EXPECTED = ('expected an array of objects such as [{"text": "…", "label": "…"}], or an object a '
             "line")


class JsonLines:
    """Objects, one a line."""

    classes, counts = {}, "line"

    def __init__(self, file):
        self._path = file.path
        self._encoding, usual = encodings.encoding_of(file.path)
        self.said = "" if usual == "UTF-8" else f"read as {usual}"
        names, fault = {}, "it is empty"
        for _, row, why in itertools.islice(self.rows(), LOOKED_AT):
            names |= dict.fromkeys(row or ())
            fault = why
        if not names:
            raise InputError(f"{file.path} has no {self.counts} that is a JSON object ({fault}): "
                             + (_EXPECTED if self.counts == "row" else "expected lines such as "
                                '{"text": "…", "label": "…"}'))
        self.names = list(names)

    def rows(self):
        """As of `table_readers`; values are those of JSON."""
        with encodings.open_text(self._path, self._encoding) as lines:
            for number, line in enumerate(lines, 1):
                if not line.strip():
                    continue
                try:
                    row = json.loads(line)
                except (ValueError, RecursionError) as error:
                    yield number, None, f"it is no JSON ({str(error)[:80]})"
                    continue
                if not isinstance(row, dict):
                    yield number, None, "it is no JSON object"
                else:
                    yield number, row, ""


class Json(JsonLines):
    """An array of objects, or what else is written as one JSON text; or objects, one a line.

    An object of one list of objects is that list; one of columns, each a list or an object of cells
    as pandas writes them, is its rows.
    """

    def __init__(self, file):
        self._rows = None
        encoding, _ = encodings.encoding_of(file.path)
        with encodings.open_text(file.path, encoding) as opened:
            start = opened.readline()
            try:
                whole = isinstance(json.loads(start), list) or not opened.read(1 << 16).strip()
            except (ValueError, RecursionError):
                whole = True
            if whole:
                opened.seek(0)
                self._rows = _rows_of(_parsed(opened.read(), file.path), file.path)
                self.counts = "row"
        super().__init__(file)

    def rows(self):
        """As of `JsonLines`."""
        if self._rows is None:
            yield from super().rows()
            return
        for number, row in enumerate(self._rows, 1):
            yield (number, row, "") if isinstance(row, dict) else (
                number, None, "it is no JSON object")


def _parsed(text, path):
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path} is no JSON ({str(error)[:80]}): {_EXPECTED}") from None


def _rows_of(value, path):
    """Returns the rows that a JSON value states."""
    if isinstance(value, list):
        return value
    if isinstance(value, dict):
        lists = [part for part in value.values() if isinstance(part, list)
                 and part and isinstance(part[0], dict)]
        if len(lists) == 1:
            return lists[0]
        columns = {name: list(part.values()) if isinstance(part, dict) else part
                   for name, part in value.items()}
        if len({len(part) if isinstance(part, list) else None
                for part in columns.values()} - {None}) == 1 and all(
                    isinstance(part, list) for part in columns.values()):
            return [dict(zip(columns, cells, strict=True)) for cells in zip(
                *columns.values(), strict=True)]
    raise InputError(f"{path} is no table: {_EXPECTED}")
