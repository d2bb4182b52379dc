"""Which data sets there are and how large, without importing TensorFlow or TFDS."""

import json
import os
import re
from pathlib import Path
from typing import NamedTuple

from tfmodels.data.own.prepared_copies import Copies
from tfmodels.errors import InputError, nearest


class Embedded(NamedTuple):
    """What is known of an embedded data set before it is prepared.

    `name` is also the module of this package that defines its builder.
    """

    version: str
    splits: dict  # split name -> number of examples
    kinds: tuple  # out of those of `tfmodels.data.features.KINDS`
    content: str


EMBEDDED = {
    "mnist_10k": Embedded(
        version="1.0.0",
        splits={"train": 8_000, "test": 2_000},
        kinds=("image", "label"),
        content="the first 8,000 training and 2,000 test digits of MNIST",
    ),
    "emoji_captions": Embedded(
        version="1.0.0",
        splits={"train": 1_240, "test": 137},
        kinds=("image", "text"),
        content="1,377 pictures of Noto Emoji, each with its name",
    ),
    "kjv_verses": Embedded(
        version="1.0.0",
        splits={"train": 27_992, "test": 3_110},
        kinds=("text", "label"),
        content="the 31,102 verses of the King James Bible with their book and one of 8 genres",
    ),
    "chat_pairs": Embedded(
        version="1.0.0",
        splits={"train": 870, "validation": 101, "test": 108},
        kinds=("source", "target"),
        content="1,079 English questions and answers of the package chatterbot-corpus",
    ),
    "emoji_names": Embedded(
        version="1.0.0",
        splits={"train": 3_285, "validation": 292, "test": 386},
        kinds=("source", "target"),
        content="3,963 names of emoji in English and French, of the package emoji",
    ),
    "diabetes_table": Embedded(
        version="1.0.0",
        splits={"train": 294, "validation": 73, "test": 75},
        kinds=("numbers", "categories", "value"),
        content="age, sex and 8 measurements of 442 patients with diabetes, and how far the disease"
                " had gone a year later, of the package scikit-learn",
    ),
}

MEMORY_LIMIT = 2048  # MiB of a decoded split up to which it is kept in memory, if not said

# How files end that are data, read or not, so that their names are paths even where none is there.
OWN_SUFFIXES = (".csv", ".tsv", ".jsonl", ".ndjson", ".parquet", ".txt", ".npz", ".npy",
                ".json", ".gz", ".xlsx", ".xls", ".feather", ".arrow", ".zip", ".tar")

_NAME = re.compile(r"(?P<name>\w+)(/(?P<config>[\w.+-]+))?(:(?P<version>\d+\.\d+\.\d+))?")
_VERSION = re.compile(r"\d+\.\d+\.\d+")


def default_data_dir():
    """Returns the folder for prepared data sets: $TFDS_DATA_DIR or ~/tensorflow_datasets."""
    return os.environ.get("TFDS_DATA_DIR") or str(Path.home() / "tensorflow_datasets")


def resolve_data_dir(data_dir=None):
    """Returns `data_dir`, or the default one, as an absolute Path with `~` expanded."""
    return Path(data_dir or default_data_dir()).expanduser().absolute()


def embedded_for(needs):
    """Returns `name (kinds)` of every embedded set that has all of `needs`, as one string."""
    return ", ".join(
        f"{name} ({', '.join(entry.kinds)})"
        for name, entry in EMBEDDED.items()
        if set(needs) <= set(entry.kinds)
    )


def own_path(name, data_dir=None):
    """Returns the absolute Path that a data set's name means, None where it is no path.

    A path begins with /, ./, ../ or ~, ends as a file of data does, or is there, or was when it was
    prepared, and neither an embedded set nor one prepared under `data_dir` has its name.
    """
    path = Path(os.path.abspath(Path(name).expanduser())) if name else None
    is_path = path and (
        name.startswith(("/", "./", "../", "~")) or name in (".", "..")
        or path.suffix.lower() in OWN_SUFFIXES
        or ((path.exists() or Copies(path, resolve_data_dir(data_dir)).any())
            and not _is_known(name, data_dir)))
    return path if is_path else None


def _is_known(name, data_dir):
    """Tells whether a name is that of an embedded or a prepared set."""
    try:
        return split_sizes(name, data_dir) is not None
    except InputError:  # it has no name's form
        return False


def parse_name(name):
    """Splits 'name', 'name/config', 'name:1.0.0' or 'name/config:1.0.0'.

    Returns:
      (name, config or None, version or None).

    Raises:
      InputError: the name has another form.
    """
    match = _NAME.fullmatch(name)
    if not match:
        raise InputError(f"{name!r} is not a data set name: expected name, name/config, name:1.0.0")
    if match["config"] and _VERSION.fullmatch(match["config"]):
        raise InputError(f"a version follows a colon: {match['name']}:{match['config']}")
    return match["name"], match["config"], match["version"]


def prepared_dir(name, data_dir=None):
    """Finds a prepared copy of a data set.

    Args:
      name: 'name', 'name/config', either with ':version'. Without a version: the newest one
        there, or for an embedded set the one this package would prepare.
      data_dir: folder of prepared sets, `default_data_dir()` if None.

    Returns:
      The Path of the folder that holds dataset_info.json, or None.
    """
    name, config, version = parse_name(name)
    folder = resolve_data_dir(data_dir) / name
    default_config = folder / ".config" / "metadata.json"
    if config is None and default_config.is_file():
        config = json.loads(default_config.read_text("utf-8")).get("default_config_name")
    folder = folder / config if config else folder
    if version is None and name in EMBEDDED:
        version = EMBEDDED[name].version
    found = [path.parent for path in folder.glob("*/dataset_info.json")]
    found = [path for path in found if _VERSION.fullmatch(path.name)]
    found = [path for path in found if version in (None, path.name)]
    return max(found, key=lambda path: [int(part) for part in path.name.split(".")], default=None)


def split_sizes(name, data_dir=None):
    """Returns {split name: number of examples} as prepared, or None if that is not known yet.

    It is known for the embedded sets and for sets prepared under `data_dir`.
    """
    folder = prepared_dir(name, data_dir)
    if folder is None:
        name, _, version = parse_name(name)
        known = name in EMBEDDED and version in (None, EMBEDDED[name].version)
        return dict(EMBEDDED[name].splits) if known else None
    info = json.loads((folder / "dataset_info.json").read_text("utf-8"))
    return {split["name"]: sum(map(int, split["shardLengths"])) for split in info["splits"]}


def prepared_names(data_dir=None):
    """Returns the names of the sets that are prepared under `data_dir`, sorted."""
    folder = resolve_data_dir(data_dir)
    found = {path.relative_to(folder).parts[0] for pattern in ("*/*/", "*/*/*/")
             for path in folder.glob(f"{pattern}dataset_info.json")}
    return sorted(name for name in found if name not in ("own", "downloads")
                  and not name.startswith("incomplete."))


def check_name(name, data_dir=None):
    """Raises InputError unless `name` is embedded, prepared under `data_dir` or in TFDS."""
    if split_sizes(name, data_dir) is not None:
        return
    base, _, version = parse_name(name)
    if base in EMBEDDED:
        raise InputError(f"{base} has no version {version}, only {EMBEDDED[base].version}")

    import tensorflow_datasets as tfds  # loads TensorFlow: seconds

    catalogue = tfds.list_builders()
    if base not in catalogue:
        if "/" in name and Path(name).parent.is_dir():
            from tfmodels.data.own import find
            find.check(Path(name).absolute())
        there = prepared_names(data_dir)
        raise InputError(
            f"unknown data set {base!r}"
            f"{nearest(base, [*EMBEDDED, *there, *catalogue, *sorted(os.listdir())])}\n"
            f"embedded, no network needed: {embedded_for(())}\n"
            + (f"prepared in {resolve_data_dir(data_dir)}: {', '.join(there)[:300]}\n" if there
               else "")
            + "or any name from https://www.tensorflow.org/datasets/catalog, "
            "or the path of your own files",
            "data folder"
        )
