"""A folder of images, with one folder per class or without."""

import collections

from tfmodels.data.own import splits
from tfmodels.data.own.found_files import IMAGES
from tfmodels.data.own.records import Record, Source
from tfmodels.errors import InputError


class ImageFolder(Source):
    """Images below a folder: `[SPLIT/][CLASS/…/]NAME`; splits only where one of them is train.

    Attributes:
        classes: names of the class folders, sorted; empty where there are none.
    """

    def __init__(self, root, files):
        super().__init__()
        self._root = root
        self.files = [file for file in files if file.suffix in IMAGES]
        self._splits = given_splits(self.files)
        self.given = frozenset(self._splits.values())
        self._places = [self._place(file) for file in self.files]
        classes = collections.Counter(label for _, label in self._places)
        self._without = classes.pop(None, 0)
        self.classes = sorted(classes)
        self.count = len(self.files)
        count = f"{len(self.classes):,} class{'es' if len(self.classes) > 1 else ''}"
        self.line = (f"{len(self.files):,} images" + f" of {count} by folder" * bool(self.classes)
                     + splits.said(self.given))

    def plan(self, needs, wants, reading):
        """As of `Source`; the label is the class folder's name."""
        missing = [need for need in needs if need not in ("image", "label")]
        if missing:
            raise InputError(f"{self._root} holds images, no {missing[0]}: expected texts or a "
                             "table (.txt, .csv, .tsv, .jsonl, .parquet)")
        if "label" in needs and not self.classes:
            raise InputError(f"{self._root} has no folder per class, so its images have no label: "
                             "expected CLASS/NAME.jpg below it, with at least two classes")
        labelled = "label" in needs or ("label" in wants and len(self.classes) > 1
                                        and not self._without)
        return {"image": "file"} | ({"label": "folder"} if labelled else {})

    def records(self, plan, reading):
        """As of `Source`."""
        for file, (split, label) in zip(self.files, self._places, strict=True):
            if self._splits and split is None:
                yield Record(file.name, None, {}, "it stands beside the folders of the splits")
            elif "label" not in plan:
                yield Record(file.name, split, {"image": file.path})
            elif label is None:
                yield Record(file.name, split, {}, "it stands in no class folder")
            else:
                yield Record(file.name, split, {"image": file.path, "label": label})

    def _place(self, file):
        """Returns (split, class) of a file, each None where there is none."""
        folders = file.parts[:-1]
        if not self._splits:
            return None, folders[0] if folders else None
        split = self._splits.get(folders[0]) if folders else None
        return split, folders[1] if len(folders) > 1 else None


def given_splits(files):
    """Returns {folder: split} where all folders at the top are named as splits, one as train."""
    tops = {file.parts[0] for file in files if len(file.parts) > 1}
    found = {top: splits.exactly(top) for top in tops}
    if "train" not in found.values() or None in found.values():
        return {}
    return found
