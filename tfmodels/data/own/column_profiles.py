"""What a column of a table holds, found by reading all of it once. Imports no TensorFlow."""

import datetime
import decimal
import math
import re

from tfmodels.data.own.columns import label_text

# What cells say, in lower case, that state nothing.
MISSING = ("", "nan", "-nan", "null", "na", "n/a", "#n/a", "<na>", "none", "nil", "?")
_NO_LABEL = MISSING[:-3]  # the last may be classes
_MOST_DIFFERENT = 100_000  # values of a column that are told apart
_FEW = 20  # different integers, or texts, that are taken for classes however many rows there are
_TEXTS = 0.1  # of a column of numbers; they count as missing, as "unknown" is often written
_LARGEST = 3.4e38  # of a float32
_EXACT = 2**24  # integers up to which float32 tells apart
# With a decimal comma, or with commas between thousands.
_COMMA = re.compile(r"[+-]?(\d+|\d{1,3}(\.\d{3})+),\d+|[+-]?\d{1,3}(,\d{3})+(\.\d+)?")
_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}(,\d{3})+(\.\d+)?")
_UNIT = re.compile(r"^[$€£¥] ?|(?<=\d) ?[$€£¥%]$")
_GAP = re.compile(r"(?<=\d)[ '’](?=\d{3}(\D|$))")  # between thousands
_POINT = "numbers have a decimal point, no separator of thousands and no unit"
_DATE = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}([T ].*)?|\d{1,2}:\d\d(:\d\d)?")


def is_missing(value, of=MISSING):
    """Tells whether a cell states nothing."""
    if isinstance(value, str):
        return value.strip().lower() in of
    return value is None or (isinstance(value, float) and math.isnan(value))


def lacks_label(value):
    """Tells whether a cell states no label."""
    return is_missing(value, _NO_LABEL)


def number(value):
    """Returns a cell's number, NaN where float32 cannot hold it; None where it is none."""
    if isinstance(value, bool) or (isinstance(value, str) and "_" in value):
        return None
    if isinstance(value, (str, int, float, decimal.Decimal)):
        try:
            found = float(value)
        except ValueError:
            return None
        except OverflowError:
            return math.nan
        return found if abs(found) < _LARGEST else math.nan
    return None


def category(value):
    """Returns a cell's text, empty where it states nothing."""
    return "" if is_missing(value) else label_text(value) or ""


def _bare(text):
    """Returns a text without a unit and without gaps between thousands."""
    return _GAP.sub("", _UNIT.sub("", text))


class Profile:
    """What is known of one column.

    Attributes:
        missing, numbers, texts, others: how many cells state nothing, a number, no number, and
            neither (such as bytes and lists).
        written_otherwise, otherwise: how many texts are numbers with a comma, with gaps between
            thousands or with a unit, and the first of them.
    """

    def __init__(self, name):
        self.name = name
        self.missing = self.numbers = self.texts = self.others = self._infinite = 0
        self.written_otherwise, self.otherwise, self._decimal_commas = 0, "", False
        self.low, self.high, self._whole = math.inf, -math.inf, True
        self._values, self._example, self._dates = set(), None, 0

    def add(self, value):
        """Takes in a cell."""
        if is_missing(value):
            self.missing += 1
            return
        if not isinstance(value, (str, int, float, decimal.Decimal, datetime.date, datetime.time)):
            self.others += 1
            return
        found = number(value)
        if found is None:
            self.texts += 1
            value = label_text(value)
            self._dates += bool(_DATE.fullmatch(value or ""))
            self._example = self._example or value
            self._add_otherwise(value or "")
        elif math.isnan(found):
            self.missing += 1
            self._infinite += 1
            return
        else:
            self.numbers += 1
            self.low, self.high = min(self.low, found), max(self.high, found)
            self._whole = self._whole and found.is_integer()
            value = found
        if len(self._values) < _MOST_DIFFERENT:
            self._values.add(value)

    def _add_otherwise(self, text):
        bare = _bare(text)
        comma = _COMMA.fullmatch(bare)
        if comma or (bare != text and number(bare) is not None):
            self.written_otherwise += 1
            self.otherwise = self.otherwise or text
            self._decimal_commas |= bool(comma) and not _THOUSANDS.fullmatch(bare)

    def in_plain(self):
        """Returns the first number that is written otherwise as it is expected."""
        bare = _bare(self.otherwise)
        if self._decimal_commas:
            return bare.replace(".", "").replace(",", ".")
        return bare.replace(",", "")

    def are_few(self):
        """Tells whether there are so few different values that they are taken for classes."""
        return self.different <= min(_FEW, self.filled / 2)

    def are_dates(self):
        """Tells whether most texts are dates."""
        return self._dates > self.texts / 2

    @property
    def filled(self):
        """How many cells state something."""
        return self.numbers + self.texts

    @property
    def different(self):
        """How many different values there are, counted up to 100,000."""
        return len(self._values)

    @property
    def only(self):
        """The one value of a column that has no other, as a text."""
        return label_text(next(iter(self._values)))

    def is_number_to_predict(self):
        """Tells whether a label is rather a number than a class."""
        if self.texts or self.different <= 2:
            return False
        return not self._whole or self.different > min(_FEW, self.filled / 2)

    def is_mostly_numbers(self):
        """Tells whether all but a few cells that state something state a number."""
        return self.numbers and self.texts <= _TEXTS * self.filled

    def use(self):
        """Returns what the column is as a feature.

        Returns:
            (`numbers`, `categories` or None, what a user should know of it or "").
        """
        if self.others:
            return None, "neither numbers nor texts"
        if not self.filled:
            return None, "empty"
        if self.different == 1 and not self.missing:
            return None, f"always {self.only!r}"
        if self.is_mostly_numbers():
            return self._as_number()
        dates = self.are_dates()
        several = self.different > min(_FEW, self.filled / 2)
        if self.different == self.filled or (several and (
                self.different > self.filled / 2 or self.different == _MOST_DIFFERENT)):
            kind = "dates" if dates else "texts"
            point = f"; {_POINT}" if self.written_otherwise else ""
            return None, (f"{'all' if self.different == self.filled else 'mostly'} different "
                          f"{kind}, such as {self._example[:30]!r}{point}")
        if self.written_otherwise > self.texts / 2:
            return "categories", f"taken as categories, such as {self.otherwise!r}; {_POINT}"
        return "categories", "dates, taken as categories" if dates else ""

    def _as_number(self):
        span = self.high - self.low + 1
        if (self._whole and not self.missing and not self.texts and span == self.filled > 2
                and self.different == min(self.filled, _MOST_DIFFERENT)):
            return None, "it numbers the rows"
        if self.texts:
            return "numbers", (f"{self.texts:,} of {self.filled:,} cells are no numbers, such as "
                               f"{self._example[:30]!r}, and count as missing"
                               + (f"; {_POINT}" if self.written_otherwise else ""))
        if self._infinite:
            return "numbers", (f"{self._infinite:,} of {self.numbers + self._infinite:,} cells are "
                               "infinite or beyond float32, and count as missing")
        return "numbers", self.rounded

    @property
    def rounded(self):
        """Says that float32 does not hold all digits, empty if it does."""
        exact = not self._whole or max(abs(self.low), abs(self.high)) <= _EXACT
        return "" if exact else "integers of more than 7 digits, which float32 rounds"
