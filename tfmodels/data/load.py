"""A data set by name: prepared when needed, checked, and split in train, validation and test."""

import dataclasses
import math
from pathlib import Path

import numpy as np
import tensorflow as tf

from tfmodels.data import catalog
from tfmodels.data.features import KINDS, TABLE, Columns
from tfmodels.data.own import preparation, prepared_set, splits
from tfmodels.data.own.reading import Reading
from tfmodels.data.prepare import open_builder, prepare
from tfmodels.data.split import Split
from tfmodels.data.subset import select
from tfmodels.errors import InputError, nearest

TEST_SHARE = 0.1  # of the train split, where a set has neither a test nor a validation split

_CHANNELS = (1, 3, 4)  # of an image
_PAIR = ("source", "target")  # the two texts of `supervised_keys`, in their order


class UnsuitableDataset(InputError, ValueError):
    """The data set lacks a feature or a shape that an experiment needs."""


@dataclasses.dataclass(frozen=True)
class Dataset:
    """A prepared data set as an experiment sees it.

    Attributes:
      name: as asked for, without a version.
      version: such as "1.0.0".
      class_names: tuple of str, empty without a label.
      image_shape: (H, W, C), None without an image.
      columns: `Columns` of a table, else None.
      splits: {"train": Split, "validation": Split, "test": Split}; nothing is read before a
        split's `arrays()` or `stream()`. None is empty; without a `validation` fraction there is
        no "validation".
      unlabelled: the whole training split, of which a selection leaves a part in `splits`: what
        may be used without its labels.
    """

    name: str
    version: str
    class_names: tuple
    image_shape: tuple | None
    splits: dict
    unlabelled: Split
    columns: Columns | None = None


def load(name, data_dir=None, needs=("image", "label"), wants=(), validation=0.1,
         selection=None, memory_limit=catalog.MEMORY_LIMIT << 20, reading=None, tables=False):
    """Opens a data set, embedded, of the TFDS catalogue or the user's own, prepared on first use.

    Train, validation and test never overlap. They are:
      - the set's own "train", "validation" and "test" where it has all three;
      - with "train" and "test": the last `validation` of train is held out as validation;
      - with "train" and "validation": the latter is the test, validation comes from train;
      - names such as "training", "val" and "eval" mean these three;
      - with "train" only: its last tenth is the test, the `validation` before it validation.

    Args:
      name: 'name', 'name/config', either with ':version'; or the path of files, see
        `catalog.own_path`.
      data_dir: folder of prepared sets, `catalog.default_data_dir()` if None.
      needs: what each example must have, out of "image", "label", "text", "source", "target".
        Feature keys are found by their TFDS type, those in `supervised_keys` first; a source and
        its target are both texts of `supervised_keys`, as in the translation sets of TFDS.
      wants: what is read too where the set has it, out of the same.
      validation: fraction of train held out, in [0, 1); 0 for no validation split.
      selection: a `Selection` of classes and training examples, or None; needs "label".
      memory_limit: bytes of a decoded split up to which it is kept in memory, see `Split`.
      reading: how the user's own files are read, a `Reading`; None for the usual way.
      tables: whether a table is taken too, in the place of what is needed.

    Returns:
      A `Dataset`.

    Raises:
      InputError: no such set, version or config, or not what the selection asks for.
      UnsuitableDataset: the set lacks what is needed, its images have no one uint8 shape of 1, 3
        or 4 channels, or it has too few examples for all splits.
      DataError: the set cannot be downloaded, prepared or read.
      StorageError: the disk is full.
    """
    data_dir, reading = catalog.resolve_data_dir(data_dir), reading or Reading()
    builder, version, split_names, columns = _open(name, data_dir, needs, wants, reading, tables)
    if columns:
        needs, wants = (), TABLE
    features = _find_features(name, builder.info, needs, wants)
    info = builder.info
    parts = {split: Split(builder, source, start, stop, features, memory_limit,
                          data_dir / "kept")
              for split, (source, start, stop) in _ranges(name, info, validation,
                                                              split_names).items()}
    dataset = Dataset(
        name=name if catalog.own_path(name, data_dir) else name.partition(":")[0],
        version=version,
        class_names=(_class_names(name, info.features[features["label"]])
                     if "label" in features else ()),
        image_shape=tuple(info.features[features["image"]].shape) if "image" in features else None,
        splits=parts,
        unlabelled=parts["train"],
        columns=columns,
    )
    if selection and columns and "label" not in features:
        raise InputError(f"{name} has no classes, but a number to predict: expected neither classes"
                         " nor a number of training examples to select")
    return select(dataset, selection) if selection else dataset


def _open(name, data_dir, needs, wants, reading, tables):
    """Returns the prepared builder, its version or the hash of its content, {split: its name}
    where that was said, and its `Columns`, None where it is no table or none is taken.

    A set that has what is needed in another shape, such as images of different sizes or labels
    that are plain numbers, is brought into the usual one as the user's own files are.
    """
    path = catalog.own_path(name, data_dir)
    if path:
        builder, content = preparation.prepared(path, data_dir, needs, wants, reading, tables)
        return builder, content, {}, Columns.of(builder.info) if tables else None
    builder, prepared = open_builder(name, data_dir)
    columns = Columns.of(builder.info) if tables else None
    misfit = not columns and _misfit(name, builder.info, needs, wants, reading)
    if not prepared:
        prepare(name, data_dir)
        builder, _ = open_builder(name, data_dir)
    if misfit:
        return *preparation.prepared(Path(builder.data_dir), data_dir, needs, wants,
                                     reading), {}, None
    return builder, str(builder.info.version), reading.names(), columns


def _misfit(name, info, needs, wants, reading):
    """Tells whether a set must be brought into shape; refuses one that cannot be."""
    try:
        _find_features(name, info, needs, wants)
    except UnsuitableDataset:
        plan = prepared_set.plan_of(info, needs, wants, reading)
        if not set(needs) <= plan.keys():
            raise
        if "image" in plan and None in info.features[plan["image"]].shape and not reading.size():
            raise _unsuitable(name, "has images of different sizes, not uint8 of one fixed shape",
                              dict(info.features.items()), needs, "image size") from None
        return True
    return reading.shapes_images and "image" in needs


def _find_features(name, info, needs, wants):
    """Returns {canonical key: feature key} or raises UnsuitableDataset."""
    available = dict(info.features.items()) if hasattr(info.features, "items") else {}
    supervised = tf.nest.flatten(info.supervised_keys or ())
    found = {}
    for need in dict.fromkeys((*needs, *wants)):
        if need not in KINDS:
            raise InputError(f"unknown kind of feature {need!r}: expected some of "
                             f"{', '.join(KINDS)}{nearest(need, KINDS)}")
        possible = supervised[_PAIR.index(need):][:1] if need in _PAIR else list(available)
        if KINDS[need].named:
            possible = [need]
        fitting = [key for key in possible if isinstance(available.get(key), KINDS[need].feature)
                   and (need != "label" or available[key].num_classes)]
        if not fitting and need not in needs:
            continue
        if not fitting:
            raise _unsuitable(name, f"has no {need}", available, needs)
        fitting.sort(key=lambda key: (key not in supervised, key != need))
        found[need] = fitting[0]
    if "image" in found:
        image = available[found["image"]]
        dtype = np.dtype(image.np_dtype)
        if None in image.shape or dtype != np.uint8 or image.shape[-1] not in _CHANNELS:
            lacking = (f"has {dtype} images of shape {image.shape}, not uint8 of one fixed shape "
                       "with 1, 3 or 4 channels")
            raise _unsuitable(name, lacking, available, needs)
    return found


def _unsuitable(name, lacking, available, needs, remedy=None):
    features = ", ".join(f"{key} ({type(feature).__name__})" for key, feature in available.items())
    return UnsuitableDataset(
        f"data set {name!r} {lacking}; needed: {', '.join(needs)}\n"
        f"its features: {features[:300]}\n"
        f"embedded data sets that fit: {catalog.embedded_for(needs)}", remedy
    )


def _class_names(name, label):
    """Returns the names of a ClassLabel's classes, which may be numbers."""
    if len(label.names) != label.num_classes:  # TFDS leaves empty names out as it reads them
        raise UnsuitableDataset(
            f"data set {name!r} has {label.num_classes} classes, but {len(label.names)} class "
            "names: expected names of one line each, none of them empty")
    return tuple(label.names)


def _ranges(name, info, validation, said):
    """Returns {split: (source split, first index, index after the last)}.

    Args:
        said: {split: its name}, where it is not found by its name.
    """
    try:
        names = splits.among(list(info.splits), said)
    except InputError as fault:
        raise UnsuitableDataset(f"data set {name!r}: {fault}", fault.remedy) from None
    sizes = {split: info.splits[source].num_examples for split, source in names.items()}
    stop = sizes["train"]
    ranges = {}
    if "test" in sizes:
        ranges["test"] = ("test", 0, sizes["test"])
    elif "validation" in sizes:
        ranges["test"] = ("validation", 0, sizes["validation"])
    else:
        held_out = round(sizes["train"] * TEST_SHARE)
        ranges["test"] = ("train", stop - held_out, stop)
        stop -= held_out
    if validation and "test" in sizes and "validation" in sizes:
        ranges["validation"] = ("validation", 0, sizes["validation"])
    elif validation:
        held_out = round(sizes["train"] * validation)
        ranges["validation"] = ("train", stop - held_out, stop)
        stop -= held_out
    ranges["train"] = ("train", 0, stop)
    for split, (source, start, stop) in ranges.items():
        if stop <= start:
            _refuse_empty(name, split, source, sizes[source],
                          TEST_SHARE if split == "test" else validation)
    return {split: (names[source], start, stop) for split, (source, start, stop) in sorted(
        ranges.items(), key=lambda item: splits.SPLITS.index(item[0]))}


def _refuse_empty(name, split, source, size, share):
    """Says that a split would have no example, of a source split of so many."""
    if source == split or not size:
        raise UnsuitableDataset(f"data set {name!r} has no {split} example: its {source!r} split "
                                f"has {size}; expected more")
    least = math.floor(0.5 / share) + 1  # that are rounded up to one example
    raise UnsuitableDataset(
        f"data set {name!r} has too few examples to hold some out as {split}: its {source!r} "
        f"split has {size}; expected at least {least}, or a {split!r} split of its own")
