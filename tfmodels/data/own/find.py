"""What lies at a path: which kind of source it is."""

import collections
import pathlib

import yaml

from tfmodels.data import catalog
from tfmodels.data.own import found_files
from tfmodels.data.own.found_files import ARRAYS, IMAGES, TABLES, TEXTS
from tfmodels.data.own.prepared_copies import Copies
from tfmodels.errors import InputError, SettingError, nearest

EXPECTED = ("expected a folder of images or texts (one folder per class, or flat), a table (.csv, "
            ".tsv, .json, .jsonl, .parquet), a .txt, .npz or .npy file")

_UNPACK, _SHEET = "unpack it, and name the folder", "save each sheet as CSV (UTF-8)"
_ARROW = "save it as Parquet, as to_parquet of pandas and of Hugging Face's datasets does"
_TEXT = "save it as plain text (.txt)"
_INSTEAD = {  # what to do with files that are data, but not read
    ".zip": _UNPACK, ".tar": _UNPACK, ".tgz": _UNPACK, ".gz": _UNPACK, ".bz2": _UNPACK,
    ".xz": _UNPACK, ".7z": _UNPACK, ".rar": _UNPACK, ".zst": _UNPACK,
    ".xlsx": _SHEET, ".xls": _SHEET, ".ods": _SHEET, ".numbers": _SHEET,
    ".feather": _ARROW, ".arrow": _ARROW, ".pkl": _ARROW, ".pickle": _ARROW, ".orc": _ARROW,
    ".doc": _TEXT, ".docx": _TEXT, ".odt": _TEXT, ".rtf": _TEXT, ".pdf": _TEXT, ".epub": _TEXT}


def check(path, data_dir=None):
    """Refuses a path at which nothing is, naming what is nearest to it.

    Args:
        path: absolute Path.
        data_dir: folder of prepared sets, where a copy of what was at the path will do.
    """
    if path.exists() or (data_dir and Copies(path, data_dir).any()):
        return
    parent = path.parent
    while not parent.exists():
        parent = parent.parent
    missing = parent / path.relative_to(parent).parts[0]
    try:
        beside = sorted(other.name for other in parent.iterdir())
    except OSError:
        beside = []
    raise InputError(f"{path} does not exist: {missing.name!r} is not in {parent}"
                     f"{nearest(missing.name, beside)}")


def is_feature_table(name, data_dir, reading):
    """Tells whether a data set's name means a table of numbers and categories.

    Args:
        name: an embedded set's, or the path of files; of others it is not known.
        data_dir: folder of prepared sets.
        reading: `Reading`.
    """
    path = catalog.own_path(name, data_dir)
    if path is None:
        known = catalog.EMBEDDED.get(catalog.parse_name(name)[0])
        return bool(known) and bool({"numbers", "categories"} & set(known.kinds))
    if not path.exists():
        data_dir = catalog.resolve_data_dir(data_dir)
        check(path, data_dir)
        return Copies(path, data_dir).of_table()
    return is_table_of_features(find(path, found_files.gather(path), reading), reading)


def wanted(name, data_dir, reading):
    """Returns what is to be read of a data set where no experiment says it.

    Args:
        name, data_dir, reading: as of `is_feature_table`.

    Returns:
        (needs, wants, tables), as of `tfmodels.data.load.load`.
    """
    from tfmodels.data.own import table_sorts
    from tfmodels.data.own.table import Table
    everything = (), ("image", "label", "text", "source", "target"), False
    path = catalog.own_path(name, data_dir)
    if path is None:
        return ((), (), True) if is_feature_table(name, data_dir, reading) else everything
    source = find(path, found_files.gather(path), reading)
    return table_sorts.wanted(source, reading) if isinstance(source, Table) else everything


def is_table_of_features(source, reading):
    """Tells whether a source's rows are numbers and categories, rather than images."""
    from tfmodels.data.own.table import Table
    return isinstance(source, Table) and not reading.image_column and not source.has_images


def find(path, listed, reading):
    """Returns the `Source` of the files at a path.

    Args:
        path: Path.
        listed: its files, as of `files.gather`.
        reading: `Reading`; with an `image_column` a table is meant, whatever lies beside it.

    Raises:
        InputError: there is nothing that can be read.
    """
    from tfmodels.data.own.arrays import Arrays
    from tfmodels.data.own.image_folder import ImageFolder, given_splits
    from tfmodels.data.own.table import Table
    from tfmodels.data.own.text_files import RunningText, TextFolder
    if not listed:
        raise InputError(f"{path} is an empty folder: {EXPECTED}" if path.is_dir()
                         else f"{path} is no regular file: {EXPECTED}")
    if not any(file.size for file in listed):
        raise InputError(f"{path} holds no byte: {EXPECTED}")
    if (path / "dataset_info.json").is_file() and not (path / "state.json").is_file():
        from tfmodels.data.own.prepared_set import PreparedSet
        return PreparedSet(path, listed, reading)
    if reading.names():
        raise SettingError("split", reading.split, "the splits of a prepared data set have names "
                           "of their own; of other files expected fractions such as 0.8,0.1,0.1")
    if path.is_dir():
        listed = _without_notes(listed)
    kinds = collections.Counter(_kind(file) for file in listed)
    if path.is_dir():
        unpacked = {file.path for file in listed}  # what lies there packed too is read once
        listed = [file for file in listed if file.path.removesuffix(".gz") not in unpacked
                  or not file.path.endswith(".gz")]
        listed = _without_wrapping([file for file in listed if _kind(file)], path)
    readme = _readme(path)
    if kinds[TABLES] and (not kinds[IMAGES] or reading.image_column
                          or _is_hugging_face(listed, readme)):
        return _with_classes(Table(path, [f for f in listed if _kind(f) is TABLES]), readme)
    if kinds[IMAGES] and kinds[IMAGES] >= kinds[TEXTS] and path.is_dir():
        images = ImageFolder(path, listed)
        metadata = [file for file in listed
                    if _kind(file) is TABLES and file.parts[-1].startswith("metadata.")]
        table = Table(path, metadata) if metadata and not images.classes else None
        return table if table and table.has_images else images
    if kinds[ARRAYS]:
        found = [file for file in listed if _kind(file) is ARRAYS]
        if len(found) > 1:
            raise InputError(f"{path} holds {len(found)} files of NumPy: name one of them, such as "
                             f"{found[0].path}")
        return Arrays(path, found)
    if kinds[TEXTS]:
        texts = [file for file in listed if _kind(file) is TEXTS]
        depth = 2 if given_splits(texts) else 1
        in_folders = sum(len(file.parts) > depth for file in texts)
        return (TextFolder if in_folders > len(texts) / 2 else RunningText)(path, texts)
    raise InputError(_nothing(path))


def _without_notes(files):
    """Returns the files of a folder without JSON that stands beside data and tells of it."""
    others = [file for file in files if file.suffix != ".json"]
    return others if any(_kind(file) or file.suffix in _INSTEAD for file in others) else files


def _nothing(path):
    """Says that nothing there can be read, and what to do with it."""
    files = found_files.gather(path)
    unread = next((file for file in files if file.suffix in _INSTEAD), None)
    if unread:
        others = f", one of {len(files):,} files," if len(files) > 1 else ""
        return f"{unread.path}{others} is not read as it is: {_INSTEAD[unread.suffix]}"
    return (f"{path} holds nothing that can be read as data ({_endings(files)}): "
            f"{EXPECTED}")


def _kind(file):
    return next((kind for kind in (IMAGES, TEXTS, TABLES, ARRAYS) if file.suffix in kind), None)


def _without_wrapping(files, path):
    """Returns files without the folders that all of them stand in alone, as archives have them."""
    while files and len({file.parts[0] for file in files}) == 1 and len(files[0].parts) > 2:
        files = [file._replace(parts=file.parts[1:]) for file in files]
    return files


def _is_hugging_face(files, readme):
    """Tells whether tables hold the examples, though there are images beside them."""
    return bool(readme) or any(file.suffix == ".parquet" for file in files)


def _readme(path):
    """Returns what the README of a folder in Hugging Face's layout says of its data set."""
    try:
        text = (pathlib.Path(path) / "README.md").read_text("utf-8")
        about = yaml.safe_load(text.split("---")[1])["dataset_info"]
        return about[0] if isinstance(about, list) else about
    except (OSError, ValueError, IndexError, KeyError, TypeError, yaml.YAMLError):
        return None


def _with_classes(table, readme):
    """Gives a table the class names that a README states, where its files state none."""
    try:
        for feature in (readme or {}).get("features", ()):
            kind = feature["dtype"] if isinstance(feature["dtype"], dict) else {}
            names = kind.get("class_label", {}).get("names")
            if names:
                table.state_classes(feature["name"], [
                    str(names[key]) for key in sorted(names, key=int)])
    except (AttributeError, TypeError, ValueError, KeyError):
        pass  # a README is written by hand: what is not as expected says nothing
    return table


def _endings(files):
    endings = collections.Counter(file.suffix or "without an ending" for file in files)
    return ", ".join(f"{count:,} x {ending}" for ending, count in endings.most_common(4))
