"""A prepared TFDS data set as a source: images of different sizes, labels that are plain values."""

import numpy as np
import tensorflow_datasets as tfds

from tfmodels.data.own import columns, splits
from tfmodels.data.own.records import Record, Source
from tfmodels.data.prepare import quiet
from tfmodels.errors import DataError, InputError


class PreparedSet(Source):
    """The examples of a data set that TFDS has prepared, in a folder with dataset_info.json."""

    def __init__(self, root, files, reading):
        super().__init__()
        self._root = root
        self.files = files
        try:
            with quiet():
                self._builder = tfds.builder_from_directory(root)
        except Exception as error:
            raise DataError(f"{root} is not a readable data set: {error}") from error
        info = self._builder.info
        self._splits = splits.among(list(info.splits), reading.names())
        self.given = frozenset(self._splits)
        self.count = sum(info.splits[name].num_examples for name in self._splits.values())
        self.line = (f"the prepared data set {info.full_name}, in "
                     f"{', '.join(self._splits.values())}")

    def plan(self, needs, wants, reading):
        """As of `Source`."""
        plan = plan_of(self._builder.info, needs, wants, reading)
        missing = [need for need in needs if need not in plan]
        if missing:
            features = ", ".join(f"{key} ({type(feature).__name__})" for key, feature
                                 in self._builder.info.features.items())
            raise InputError(f"{self._root} has no {missing[0]}; its features: {features[:300]}")
        return plan

    def class_names(self, plan):
        """As of `Source`."""
        label = self._builder.info.features[plan["label"]]
        return label.names if isinstance(label, tfds.features.ClassLabel) else None

    def records(self, plan, reading):
        """As of `Source`."""
        names = self.class_names(plan) if "label" in plan else None
        for split, name in self._splits.items():
            with quiet():
                dataset = self._builder.as_dataset(
                    split=name, shuffle_files=False, read_config=tfds.ReadConfig(
                        interleave_cycle_length=1, try_autocache=False))
            for number, example in enumerate(dataset.as_numpy_iterator()):
                values = {kind: _plain(example[key]) for kind, key in plan.items()}
                if names and "label" in values:
                    known = 0 <= values["label"] < len(names)
                    values["label"] = names[values["label"]] if known else None
                yield Record(f"{name}, example {number:,}", split, values)


def plan_of(info, needs, wants, reading):
    """Returns {kind: feature key} of what a prepared set has of the kinds that are wanted."""
    if not hasattr(info.features, "items"):
        return {}
    found = {}
    for kind in (*needs, *wants):
        said = getattr(reading, f"{kind}_column", "")
        fitting = [key for key, feature in info.features.items()
                   if key not in found.values() and _fits(kind, feature, key)]
        usual = sorted(fitting, key=lambda key: (
            key != said, not isinstance(info.features[key], tfds.features.ClassLabel),
            [*columns.USUAL[kind], key].index(key)))
        if kind in ("source", "target") and not {said, *columns.USUAL[kind]} & set(usual):
            continue
        if usual and (said or len(fitting) == 1 or usual[0] in columns.USUAL[kind] or isinstance(
                info.features[usual[0]], (tfds.features.ClassLabel, tfds.features.Image))):
            found[kind] = usual[0]
    return found


def _fits(kind, feature, key):
    """Tells whether a feature can be read as a kind."""
    if kind == "image":
        return (isinstance(feature, tfds.features.Image) and feature.np_dtype in (
            np.uint8, np.uint16) and feature.shape[-1] in (1, 3, 4))
    if kind == "label":
        if isinstance(feature, tfds.features.ClassLabel):
            return bool(feature.num_classes)
        text = isinstance(feature, tfds.features.Text) and key in columns.USUAL["label"]
        return text or (feature.shape == () and np.dtype(feature.np_dtype).kind in "iub")
    return isinstance(feature, tfds.features.Text)


def _plain(value):
    """Returns a value of a feature as sources give it; 16 bits of an image as 8."""
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if value.ndim < 3:
        return value.item()
    return (value // 257).astype(np.uint8) if value.dtype == np.uint16 else value
