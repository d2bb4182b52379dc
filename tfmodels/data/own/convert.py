"""Records read, checked, cut into splits, and kept on disk until they are written."""

import collections
import contextlib
import hashlib
import io

import numpy as np
import PIL.Image

from tfmodels.data.own import columns, decode, image_sizes, splits, spool
from tfmodels.data.own.feature_tables import content
from tfmodels.data.own.found_files import in_threads, printable, read_bytes
from tfmodels.data.own.unreadable import Unreadable
from tfmodels.errors import DataError, InputError
from tfmodels.progress.counter import Counter

MOST_LEFT_OUT = 0.01  # of all examples; more that cannot be read are an error
_NAMED = 5  # of those that are told of


class Converted:
    """What was read: examples of each split in a file, and what is known of them all.

    Attributes:
        sizes: {split: number of examples}.
        class_names: in order; empty without labels.
        image_shape: (H, W, C) or None.
        notes: set of what else a user should know of how they were read.
        left_out: list of (name, why) of the first; how many there are is `left_out_count`.
    """

    def __init__(self, source, plan, reading, folder):
        """Reads all records.

        Args:
            source: a `Source`.
            plan: of it.
            reading: `Reading`.
            folder: Path of an empty folder for what is read.

        Raises:
            DataError: more than `MOST_LEFT_OUT` cannot be read, or with `strict` one.
            InputError: what was read is nothing to train on.
        """
        self._plan, self._reading, self._folder = plan, reading, folder
        self._channels = None if reading.channels == "auto" else int(reading.channels)
        self._seen, self._most_channels, self.left_out_count = 0, 0, 0
        self.notes = set()
        self.left_out, self._labels, self._side = [], collections.Counter(), None
        self._fractions = splits.spread(source.given, reading.shares())
        self.sizes = dict.fromkeys(splits.SPLITS, 0)
        with contextlib.ExitStack() as opened, Counter("reading", source.count) as progress:
            self._files = {split: opened.enter_context(open(
                folder / f"{split}.spool", "w", encoding="utf-8"))
                           for split in splits.SPLITS}
            for record, found in in_threads(self._convert, source.records(plan, reading)):
                self._take(source, record, found)
                progress()
        self.notes |= source.notes
        self._check_left_out()
        if not source.ordered:
            self._fill_empty(source)
        self.class_names = self._names(source) if "label" in plan else ()
        if not self._seen:
            raise InputError("there is no example: expected at least three")

    @property
    def image_shape(self):
        """(H, W, C) of all images, None without."""
        return (*self._side, self._channels or self._most_channels) if self._side else None

    def examples(self, split):
        """Yields the examples of a split as {canonical key: what TFDS takes}."""
        numbers = {name: number for number, name in enumerate(self.class_names)}
        for values, _ in spool.read(self._folder / f"{split}.spool"):
            if "image" in values and self._most_channels == 3 and not self._channels:
                values["image"] = _in_colour(values["image"])
            if "label" in values:
                values["label"] = numbers[values["label"]]
            yield values

    def _convert(self, record):
        """Returns the record and its (values, hash of its content), or why it cannot be read."""
        if record.fault:
            return record, record.fault
        values, digest = {}, None
        try:
            for kind, value in record.values.items():
                if kind == "image":
                    pixels = self._pixels(value)
                    values["image"] = decode.encode(pixels)
                    self_shape = pixels.shape
                    # Grey counts as the colours that it stands for.
                    shown = pixels if pixels.shape[-1] > 1 else np.repeat(pixels, 3, -1)
                    digest = hashlib.sha256(str(shown.shape).encode() + shown.tobytes()).digest()
                elif kind == "label":
                    values["label"] = columns.label_text(value)
                    if values["label"] is None:
                        raise Unreadable("it has no label")
                elif kind == "value":
                    values[kind] = value
                elif kind in ("numbers", "categories"):  # as they are kept
                    values[kind] = value
                    digest = hashlib.sha256((digest or b"") + content(value)).digest()
                else:
                    values[kind] = _text(value, kind)
                    if digest is None:
                        digest = hashlib.sha256(values[kind]).digest()
        except Unreadable as fault:
            return record, str(fault)
        return record, (values, digest, self_shape if "image" in values else None)

    def _pixels(self, value):
        if isinstance(value, str):
            try:
                value = read_bytes(value)
            except (OSError, ValueError) as error:
                why = getattr(error, "strerror", None) or error
                hint = (", a URL: expected a file" if ":/" in value else
                        ", with backslashes: expected /" if "\\" in value else "")
                raise Unreadable(f"{printable(value)}: {why}{hint}") from None
        if value is None or not isinstance(value, (bytes, np.ndarray)):
            raise Unreadable("it has no image")
        return decode.decode(value, self._reading.size(), self._reading, self._channels,
                             self.notes)

    def _take(self, source, record, found):
        """Keeps what was read of a record."""
        if isinstance(found, str):
            self._leave_out(record, found)
            return
        values, digest, shape = found
        if shape is not None:
            self._check_size(source, record, shape)
            self._most_channels = max(self._most_channels, shape[-1])
        split = record.split
        if split is None or (split == "train" and not source.ordered):
            split = splits.by_place(splits.place(digest), self._fractions)
        self._seen += 1
        self.sizes[split] += 1
        if "label" in values:
            self._labels[values["label"]] += 1
        spool.write(self._files[split], values, digest)

    def _leave_out(self, record, why):
        self.left_out_count += 1
        if len(self.left_out) < 100:
            self.left_out.append((record.name, why))
        if self._reading.strict:
            raise DataError(f"{record.name} cannot be read: {why}")

    def _check_left_out(self):
        total = self._seen + self.left_out_count
        if self.left_out_count > MOST_LEFT_OUT * total:
            raise DataError(
                f"{self.left_out_count:,} of {total:,} examples cannot be read: "
                f"{named(self.left_out, self.left_out_count)}; expected at most "
                f"{MOST_LEFT_OUT:.0%} of them. Mend or remove them")

    def _check_size(self, source, record, shape):
        if self._side is None:
            self._side = shape[:2]
        if shape[:2] != self._side:
            raise image_sizes.differing(source, self._plan, self._reading)

    def _fill_empty(self, source):
        """Gives a small set's empty splits the examples that lie nearest to them."""
        empty = [split for split in self._fractions if not self.sizes[split]]
        while empty:
            split = empty.pop()
            largest = max(self._fractions, key=self.sizes.get)
            found = list(spool.read(self._folder / f"{largest}.spool"))
            places = sorted({digest for _, digest in found})
            if len(places) < 2:
                distinct = self._distinct()
                differ = f", of which {distinct:,} differ" if distinct < self._seen else ""
                raise InputError(f"there are only {self._seen:,} examples{differ}: expected at "
                                 "least three, one for each of train, validation and test, which "
                                 "no two equal ones are in")
            moved = places[0] if split == "train" else places[-1]
            self._keep(largest, [example for example in found if example[1] != moved])
            self._keep(split, [example for example in found if example[1] == moved])

    def _distinct(self):
        """Returns how many different examples there are, of a few."""
        return len({digest for split in splits.SPLITS
                    for _, digest in spool.read(self._folder / f"{split}.spool")})

    def _keep(self, split, examples):
        """Makes a split hold some examples and no others."""
        self.sizes[split] = len(examples)
        with open(self._folder / f"{split}.spool", "w", encoding="utf-8") as file:
            for example in examples:
                spool.write(file, *example)

    def _names(self, source):
        stated = source.class_names(self._plan)
        if stated and set(self._labels) <= {columns.label_text(name) for name in stated}:
            return tuple(columns.label_text(name) for name in stated)
        if source.of_cells and len(self._labels) > max(
                columns.MOST_CLASSES, self._seen / 2):
            raise InputError(f"the label ({self._plan['label']}) has {len(self._labels):,} "
                             f"different values in {self._seen:,} examples, such as "
                             f"{', '.join(list(self._labels)[:3])}: these are no classes",
                             None if self._reading.label_column else "label column")
        return tuple(columns.class_names(set(self._labels)))


def named(faults, count):
    """Returns some of the faults in one line; a reason that all of them share is said once.

    Args:
        faults: list of (name, reason).
        count: how many there are, of which these are the first.
    """
    more = f" and {count - _NAMED:,} more" if count > _NAMED else ""
    names, reasons = zip(*faults[:_NAMED], strict=True)
    if len(set(reasons)) == 1:
        return f"{', '.join(names)}{more} ({reasons[0]})"
    return ", ".join(f"{name} ({reason})" for name, reason in faults[:_NAMED]) + more


def _text(value, kind):
    """Returns a text as UTF-8 bytes."""
    if value is None or isinstance(value, (dict, list)):
        raise Unreadable(f"its {kind} is missing")
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace").encode()
    return str(value).encode("utf-8", "replace")


def _in_colour(png):
    """Returns a grey PNG as one of three channels."""
    with PIL.Image.open(io.BytesIO(png)) as image:
        return decode.encode(np.asarray(image.convert("RGB"))) if image.mode == "L" else png
