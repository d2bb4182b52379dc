"""Text files: a running text, or a folder per class of texts."""

import bisect
import itertools

from tfmodels.data.own import encodings, splits
from tfmodels.data.own.found_files import TEXTS
from tfmodels.data.own.image_folder import given_splits
from tfmodels.data.own.records import Record, Source
from tfmodels.errors import InputError

_LOOKED_AT = 20  # lines that tell a table
_AS_TABLE = "each line has tabs: as a table it is read by the ending .tsv"
_LONG_LINE, _PIECES = 1000, 50  # characters; a text without lines becomes some 50 of them


class RunningText(Source):
    """Lines of one or more files, in order, blank ones too.

    Where no file is named as a split, the first lines of each file are for training, those behind
    them for validation and the last ones for the test: what was written before is known, what
    comes is not, and a file that is added moves no line of another.
    """

    ordered = True

    def __init__(self, root, files):
        super().__init__()
        self._root = root
        self.files = [file for file in files if file.suffix in TEXTS] or files
        folders = given_splits(self.files)
        self._split_of = {file: folders.get(file.parts[0]) if folders else (
            splits.named(file.parts[-1]) if len(files) > 1 else None) for file in self.files}
        found = set(self._split_of.values())
        if "train" not in found or None in found:
            self._split_of, found = dict.fromkeys(self.files), ()
        self.given = frozenset(found)
        self._encodings = encodings_of(self.files)
        some = f"{len(self.files):,} files" if len(self.files) > 1 else "a file"
        self.line = (f"a running text in {some} of {sum(f.size for f in self.files):,} bytes"
                     + splits.said(self.given) + said_of(self._encodings))
        start = list(itertools.islice(self._lines(self.files[0]), _LOOKED_AT))
        if start and len({line.count("\t") for line in start} - {0}) == 1 and all(
                "\t" in line for line in start):
            self.line += "; " + _AS_TABLE

    def plan(self, needs, wants, reading):
        """As of `Source`."""
        missing = [need for need in needs if need != "text"]
        if missing:
            raise InputError(f"{self._root} is a running text, without {missing[0]}s: expected a "
                             "table (.csv, .tsv, .jsonl, .parquet)"
                             + (" or a folder per class of texts" if missing == ["label"] else "")
                             + (f"; {_AS_TABLE}" if _AS_TABLE in self.line else ""))
        return {"text": "line"}

    def records(self, plan, reading):
        """As of `Source`."""
        fractions = splits.spread(self.given, reading.shares())
        for file in self.files:
            split = self._split_of[file]
            parts = [(split, 0)] if split not in (None, "train") else self._parts(file, fractions)
            for number, line in enumerate(self._lines(file)):
                while len(parts) > 1 and number >= parts[1][1]:
                    parts = parts[1:]
                yield Record(f"{file.name}, line {number + 1:,}", parts[0][0], {"text": line})

    def _parts(self, file, fractions):
        """Returns (split, its first line) of the parts of a file; fractions are of characters."""
        ends = list(itertools.accumulate(len(line) + 1 for line in self._lines(file)))
        total, first, sum_of, parts = (ends or [0])[-1], 0, 0.0, []
        for split, fraction in fractions.items():
            parts.append((split, first))
            sum_of += fraction
            first = max(first + 1, bisect.bisect_right(ends, sum_of * total))
        return parts

    def _lines(self, file):
        """Yields the lines of a file; one that is much of a text is cut at spaces."""
        encoding, _ = self._encodings[file]
        longest = max(_LONG_LINE, file.size // _PIECES)
        with encodings.open_text(file.path, encoding, newline=None) as lines:
            for line in lines:
                line = line.removesuffix("\n")
                while len(line) > longest:
                    end = line.rfind(" ", longest // 2, longest) + 1 or longest
                    yield line[:end]
                    line = line[end:]
                yield line


class TextFolder(Source):
    """Texts, one a file, below a folder: `[SPLIT/]CLASS/…/NAME.txt`."""

    def __init__(self, root, files):
        super().__init__()
        self._root = root
        self.files = [file for file in files if file.suffix in TEXTS]
        self._folders = given_splits(self.files)
        self.given = frozenset(self._folders.values())
        self.count = len(self.files)
        places = map(self._place, self.files)
        classes = {label for _, label in places if label}
        self._labelled = len(classes) > 1 and all(
            label for _, label in map(self._place, self.files))
        self.line = (f"{len(self.files):,} texts of {len(classes):,} classes by folder"
                     + splits.said(self.given))

    def plan(self, needs, wants, reading):
        """As of `Source`; the label is the class folder's name."""
        missing = [need for need in needs if need not in ("text", "label")]
        if missing:
            raise InputError(f"{self._root} holds texts, without {missing[0]}s")
        labelled = "label" in needs or ("label" in wants and self._labelled)
        return {"text": "file"} | ({"label": "folder"} if labelled else {})

    def records(self, plan, reading):
        """As of `Source`."""
        for file in self.files:
            split, label = self._place(file)
            if label is None and "label" in plan:
                yield Record(file.name, None, {}, "it stands in no class folder")
                continue
            try:
                encoding, usual = encodings.encoding_of(file.path)
                if usual != "UTF-8":
                    self.notes.add(f"some texts are read as {usual}")
                with encodings.open_text(file.path, encoding) as opened:
                    text = opened.read()
            except (OSError, ValueError) as error:
                yield Record(file.name, split, {}, str(error))
                continue
            yield Record(file.name, split, {"text": text} | (
                {"label": label} if "label" in plan else {}))

    def _place(self, file):
        folders = file.parts[:-1]
        if self._folders:
            return self._folders.get(folders[0]) if folders else None, (
                folders[1] if len(folders) > 1 else None)
        return None, folders[0] if folders else None


def encodings_of(files):
    """Returns {file: (Python's name, usual name)}.

    Raises:
        InputError: one is no text.
    """
    found = {}
    for file in files:
        try:
            found[file] = encodings.encoding_of(file.path)
        except encodings.NoText as error:
            raise InputError(f"{file.path} is no text: {error}") from None
    return found


def said_of(found):
    """Returns what is said of encodings other than UTF-8: `; read as Latin-1`."""
    others = {usual for _, usual in found.values()} - {"UTF-8"}
    return f"; read as {', '.join(sorted(others))}" if others else ""

