"""Which split an example or a file belongs to. Imports neither TensorFlow nor NumPy."""

import bisect
import itertools
import re

from tfmodels.errors import InputError, SettingError, nearest

SPLITS = ("train", "validation", "test")

_NAMES = {"train": "train", "training": "train", "tr": "train",
          "validation": "validation", "valid": "validation", "val": "validation",
          "dev": "validation", "development": "validation",
          "test": "test", "testing": "test", "eval": "test", "evaluation": "test"}
_FIRST_WORD = re.compile(r"[A-Za-z]+(?![A-Za-z])")


def named(name):
    """Returns the split that the name of a folder, a file or a catalogue's split means, or None.

    That is its first word: `train`, `Training`, `val`, `test-00000-of-00003.parquet`.
    """
    word = _FIRST_WORD.match(name)
    return _NAMES.get(word[0].lower()) if word else None


def exactly(name):
    """Returns the split that is all that a folder's name says, or None."""
    return _NAMES.get(name.lower())


def among(names, mapping):
    """Returns {split: its name} of a prepared set's splits.

    Args:
        names: of its splits.
        mapping: {split: name} as said, which wins; else a split's own name does, and then a name
            that means it, if only one does.

    Raises:
        InputError: a name is not there, or none is that of training.
    """
    for split, name in mapping.items():
        if name not in names:
            raise SettingError("split", f"{split}={name}", "expected one of "
                               f"{', '.join(names)}{nearest(name, names)}")
    found = dict(mapping)
    for split in SPLITS if not mapping else ():
        meant = [name for name in names if exactly(name) == split]
        if split in names or len(meant) == 1:
            found[split] = split if split in names else meant[0]
    if "train" not in found:
        raise InputError(f"its splits are {', '.join(names)}, of which none is train: expected it "
                         "to be said which is", "split names")
    return found


def said(given):
    """Returns `; split by name in train and test`, empty where no split is given."""
    names = [split for split in SPLITS if split in given]
    if not names:
        return ""
    taken = [split for split in SPLITS if split not in given]
    return (f"; split by name in {_listed(names)}, "
            + (f"{_listed(taken)} taken from train" if taken else "which fractions do not change"))


def _listed(names):
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def place(digest):
    """Returns where in [0, 1) an example lies by the hash of its content, of at least 8 bytes."""
    return int.from_bytes(digest[:8], "big") / 2**64


def spread(given, shares):
    """Returns {split: fraction} over which examples are spread that no split was given for.

    Args:
        given: the splits that are there; where train is one, its examples are spread over itself
            and those that are missing.
        shares: fractions of train, validation and test.
    """
    left = {split: share for split, share in zip(SPLITS, shares, strict=True)
            if split == "train" or split not in given}
    return {split: share / sum(left.values()) for split, share in left.items()}


def by_place(where, fractions):
    """Returns the split of a place in [0, 1), by {split: fraction}, which add up to 1.

    The place alone decides, so that equal examples never fall on two sides, and examples that are
    added later move no other.
    """
    names, bounds = list(fractions), list(itertools.accumulate(fractions.values()))
    return names[min(bisect.bisect_right(bounds, where), len(names) - 1)]
