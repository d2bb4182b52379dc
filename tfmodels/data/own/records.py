"""What sources of examples give: records, each with a name, a split and raw values."""

import abc
from typing import NamedTuple


class Record(NamedTuple):
    """One example before it is read.

    Attributes:
        name: where it stands, such as `cats/3.jpg` or `reviews.csv, row 12`.
        split: as given, one of `splits.SPLITS`; None where its content decides.
        values: {canonical key: raw value}; of an image the path of its file, bytes or pixels.
        fault: why it cannot be read, where that is known already.
    """

    name: str
    split: str | None
    values: dict
    fault: str = ""


class Source(abc.ABC):
    """Examples at a path, of one kind of file.

    Attributes:
        line: what was found there, in a sentence.
        files: list of `File`, whose content decides what the examples are.
        ordered: whether the order of the examples means something, as in a running text; its
            records then have a split each.
        count: how many examples there are, None where only reading can tell.
        of_cells: whether labels are cells of a table, whose values may be no classes.
        notes: set that `records` tells what a user should know of how they were read.
        given: the splits that are there, a set; empty where content decides.
    """

    ordered = False
    count = None
    of_cells = False
    given = frozenset()

    def __init__(self):
        self.notes = set()

    @abc.abstractmethod
    def plan(self, needs, wants, reading):
        """Returns {canonical key: where it is} of what is read.

        Args:
            needs, wants: kinds of features, as of `tfmodels.data.load.load`.
            reading: `Reading`.

        Raises:
            InputError: something of `needs` is not there.
        """

    def referenced(self, plan):
        """Returns the `File`s that examples name beside `files`, whose content decides too."""
        return []

    def class_names(self, plan):
        """Returns the names of the classes in order where the source states them, else None."""
        return None

    @abc.abstractmethod
    def records(self, plan, reading):
        """Yields a `Record` for each example, always in the same order."""
