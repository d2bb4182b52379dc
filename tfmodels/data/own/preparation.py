"""A user's own files as a prepared TFDS data set, made once for each content."""

import dataclasses
import hashlib
import json
import os
import pathlib
import shutil

import numpy as np
import tensorflow_datasets as tfds
from tensorflow_datasets.core import registered

from tfmodels.data.features import TABLE, Columns
from tfmodels.data.local_info import LocalInfo
from tfmodels.data.own import find, found_files, prepared_copies
from tfmodels.data.own.convert import Converted, named
from tfmodels.data.own.feature_tables import FeatureTable
from tfmodels.data.own.prepared_copies import Copies
from tfmodels.data.prepare import locked, quiet, random_state_kept
from tfmodels.errors import DataError, InputError, StorageError, recognize
from tfmodels.progress.counter import Counter

_MADE_BY = 2  # rises when the same files would become other examples


def prepared(path, data_dir, needs, wants, reading, tables=False):
    """Returns the prepared builder of the files at a path, and says what they are.

    While names, sizes and times of the files are as they were, nothing is read again; where only
    times have changed, the files are read and compared. Of files that are gone the copy that was
    prepared last is used.

    Args:
        path: absolute Path of a file or folder.
        data_dir: Path of the folder of prepared sets.
        needs, wants: kinds of features, as of `tfmodels.data.load.load`.
        reading: `Reading`.
        tables: whether a table of numbers and categories is read in the place of what is needed.

    Returns:
        (a `tfds.core.DatasetBuilder`, the hash of the content).

    Raises:
        InputError: nothing there can be read as what is needed.
        DataError: too much of it is damaged, or `data_dir` cannot be written.
        StorageError: the disk is full.
    """
    if not path.exists():
        return _of_gone(path, data_dir, needs, wants, reading, tables)
    listed = found_files.gather(path)
    source = find.find(path, listed, reading) if tables else None
    if source and find.is_table_of_features(source, reading):
        source, needs, wants = FeatureTable(source), TABLE, ()
    asked = _asked(needs, wants, reading)
    copies = Copies(path, data_dir)
    base = copies.folder
    known = copies.of_listing(asked, listed)
    if known:
        print(known[1]["line"], flush=True)
        return _opened(known[0]), known[0].name
    source = source or find.find(path, listed, reading)
    plan = source.plan(needs, wants, reading)
    if not plan.keys() - {"label"}:
        raise InputError(f"{path} has no column of texts, images or pairs that is obviously one",
                         "text column")
    line = f"{found_files.shown(path)}: {source.line}"
    print(line, flush=True)
    referenced = source.referenced(plan)
    with Counter("looking for changes", len(source.files) + len(referenced)) as progress:
        content = found_files.content_digest([*source.files, *referenced], progress)
    key = hashlib.sha256(json.dumps(
        [content, _MADE_BY, asked["reading"], plan], sort_keys=True).encode()).hexdigest()[:16]
    about = {"asked": [asked], "line": line, "path": str(path),
             "listing": found_files.listing_digest([*listed, *referenced]),
             "referenced": [file.path for file in referenced]}
    with locked(data_dir, f"own.{base.name}"), random_state_kept():
        try:
            if (base / key / "dataset_info.json").is_file():
                before = prepared_copies.read(base / key)
                others = [one for one in before["asked"] if one != asked]
                prepared_copies.write(base / key, before | about | {"asked": [*others, asked]})
            else:
                _make(source, plan, reading, base, key, about)
        except OSError as error:
            raise recognize(error) or DataError(f"could not prepare {path}: {error}") from error
    return _opened(base / key), key


def _asked(needs, wants, reading):
    """Returns what a copy answers to, of which one may answer several."""
    return {"made_by": _MADE_BY, "needs": list(needs), "wants": list(wants),
            "reading": dataclasses.asdict(reading)}


def _of_gone(path, data_dir, needs, wants, reading, tables):
    """Returns what `prepared` does, of files that are not there any more: of their newest copy."""
    copies = Copies(path, data_dir)
    asked = [_asked(TABLE, (), reading)] * tables + [_asked(needs, wants, reading)]
    found = next(filter(None, (copies.newest(one | {"made_by": made_by}) for one in asked
                               for made_by in range(_MADE_BY, 0, -1))), None)
    if not found:
        find.check(path)
    folder, about = found
    print(copies.line(folder, about), flush=True)
    return _opened(folder), folder.name


def _make(source, plan, reading, base, key, about):
    """Reads the files and publishes the data set as a whole."""
    staging = base / "incomplete"
    shutil.rmtree(staging, ignore_errors=True)
    try:
        staging.mkdir(parents=True)
        found = Converted(source, plan, reading, staging)
        for note in sorted(found.notes):
            print(note, flush=True)
        if found.left_out_count:
            print(f"left out {found.left_out_count:,} that cannot be read: "
                  f"{named(found.left_out, found.left_out_count)}", flush=True)
        folder = _written(found, plan, source.ordered, staging, about["line"])
        about["line"] = "; ".join([about["line"], *sorted(found.notes)])  # of a later training
        prepared_copies.write(folder, about | {"left_out": found.left_out, "sizes": found.sizes,
                                "left_out_count": found.left_out_count})
        os.rename(folder, base / key)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
        if not any(base.iterdir()):
            base.rmdir()


def _written(found, plan, ordered, staging, line):
    """Writes the examples by TFDS; returns the folder of the finished data set."""
    features = {}
    if "image" in plan:
        features["image"] = tfds.features.Image(shape=found.image_shape, encoding_format="png")
    if "label" in plan:
        features["label"] = tfds.features.ClassLabel(names=list(found.class_names))
    if "value" in plan:
        features["value"] = tfds.features.Scalar(np.float32)
    columns = Columns.of_plan(plan)
    if columns:
        features |= columns.features()
    features |= {kind: tfds.features.Text() for kind in plan if kind not in features}
    supervised = ("source", "target") if "source" in plan else None
    with registered.skip_registration():
        class Own(tfds.core.GeneratorBasedBuilder):
            """Examples of a user's own files."""

            VERSION = tfds.core.Version("1.0.0")

            def _info(self):
                return LocalInfo(
                    builder=self, description=line, supervised_keys=supervised,
                    features=tfds.features.FeaturesDict(features), disable_shuffling=ordered,
                    metadata=columns and columns.metadata())

            def _split_generators(self, _):
                return {split: self._generate_examples(split)
                        for split, size in found.sizes.items() if size}

            def _generate_examples(self, split):
                yield from enumerate(_counted(found.examples(split), progress))

    with Counter("writing", sum(found.sizes.values())) as progress, quiet():
        builder = Own(data_dir=os.fspath(staging))
        try:
            builder.download_and_prepare(file_format="tfrecord")
        except Exception as error:
            if "Not enough disk space" in str(error):
                raise StorageError(f"no room to prepare data in {staging.parent}") from error
            raise
    return pathlib.Path(builder.data_dir)


def _counted(examples, progress):
    for example in examples:
        yield example
        progress()


def _opened(folder):
    try:
        with quiet():
            return tfds.builder_from_directory(folder)
    except Exception as error:
        raise DataError(f"{folder} is not a readable data set ({error}): delete it to have it "
                        "prepared again") from error
