"""Images and labels in an .npz or .npy file of NumPy. Nothing is unpickled."""

import math
import zipfile

import numpy as np

from tfmodels.data.own import array_values, splits
from tfmodels.data.own.records import Record, Source
from tfmodels.errors import InputError

_IMAGES = ("images", "image", "x", "data", "pixels")
_LABELS = ("labels", "label", "y", "targets", "target", "classes")
_MOST_BYTES = 8 << 30  # of one array, by what its header says


class Arrays(Source):
    """Arrays `images` and `labels`, or such arrays for each split (`x_train`, `y_test`, …)."""

    def __init__(self, root, files):
        super().__init__()
        self._root, self.files = root, files
        self._path = files[0].path
        self._headers = _headers(self._path)
        images = {name: _role(name) for name in self._headers}
        self._images = {split: name for name, (role, split) in images.items()
                        if role == "image" and len(self._headers[name][0]) >= 3}
        self._labels = {split: name for name, (role, split) in images.items()
                        if role == "label" and len(self._headers[name][0]) in (1, 2)}
        if not self._images:
            fitting = [name for name, (shape, _) in self._headers.items() if len(shape) >= 3]
            if len(fitting) != 1:
                raise InputError(f"{self._path} holds {_described(self._headers)}: expected images "
                                 "[N, H, W] or [N, H, W, C] in an array of the name images, and "
                                 "labels [N] in one of the name labels")
            self._images = {None: fitting[0]}
        if len(self._images) > 1:
            self._images.pop(None, None)
        if "train" not in self._images:
            split, name = next(iter(self._images.items()))
            self._images = {None: name}
            self._labels = {None: self._labels[split]} if split in self._labels else {}
        for split, name in self._images.items():
            self._check(split, name)
        self.given = frozenset(self._images) - {None}
        self.line = f"arrays {_described(self._headers)}"

    def plan(self, needs, wants, reading):
        """As of `Source`."""
        missing = [need for need in needs if need not in ("image", "label")]
        if missing:
            raise InputError(f"{self._path} holds images, no {missing[0]}")
        without = [name for split, name in self._images.items() if split not in self._labels]
        if "label" in needs and without:
            raise InputError(f"{self._path} holds {_described(self._headers)}, no labels of "
                             f"{without[0] or 'the images'}: expected integers or texts [N] in an "
                             "array of the name labels, or y_train beside x_train")
        wanted = not without and ("label" in needs or "label" in wants)
        if without and self._labels:
            self.notes.add(f"{', '.join(self._labels.values())} not used: {without[0]} has no "
                           "labels")
        return {"image": "array"} | ({"label": "array"} if wanted else {})

    def records(self, plan, reading):
        """As of `Source`."""
        for split, name in self._images.items():
            images = read_array(self._path, name)
            pixels, said = array_values.to_pixels(images, f"array {name!r} of {self._path}")
            if said:
                self.notes.add(said)
            labels = None
            if "label" in plan:
                labels = array_values.to_labels(read_array(self._path, self._labels[split]),
                                                f"array {self._labels[split]!r} of {self._path}")
            for index, image in enumerate(images):
                if not np.isfinite(image).all():
                    yield Record(f"{name}[{index}]", split, {}, "a pixel is NaN or infinite")
                    continue
                values = {"image": pixels(image if image.ndim == 3 else image[..., None])}
                if labels is not None:
                    values["label"] = labels[index].item()
                yield Record(f"{name}[{index}]", split, values)

    def _check(self, split, name):
        shape, kind = self._headers[name]
        whole = shape if len(shape) == 4 else (*shape, 1)
        if len(whole) != 4 or whole[-1] not in (1, 3, 4) or min(whole) < 1:
            raise InputError(f"array {name!r} of {self._path} has shape {shape}: expected "
                             "[N, H, W] or [N, H, W, C] with 1, 3 or 4 channels")
        if kind.kind not in "buif":
            raise InputError(f"array {name!r} of {self._path} has type {kind}: expected uint8, or "
                             "fractions from 0 to 1")
        if split in self._labels:
            count = self._headers[self._labels[split]][0][0]
            if count != whole[0]:
                raise InputError(f"{self._path} has {whole[0]:,} images in {name!r} and {count:,} "
                                 f"labels in {self._labels[split]!r}: expected as many")


def read_array(path, name):
    """Returns an array of an .npz or .npy file; of the latter only what is looked at is read."""
    try:
        if name == "":
            return np.load(path, mmap_mode="r", allow_pickle=False)
        with np.load(path, allow_pickle=False) as file:
            return file[name]
    except (ValueError, OSError, EOFError, KeyError, zipfile.BadZipFile) as error:
        raise InputError(f"{path} is damaged: {' '.join(str(error).split())[:200]}") from None


def _headers(path):
    """Returns {array: (shape, dtype)} of a file, without reading what they hold."""
    try:
        if not zipfile.is_zipfile(path):
            array = np.load(path, mmap_mode="r", allow_pickle=False)
            return {"": (array.shape, array.dtype)}
        found = {}
        with zipfile.ZipFile(path) as archive:
            for member in archive.infolist():
                with archive.open(member) as file:
                    version = np.lib.format.read_magic(file)
                    shape, _, kind = (np.lib.format.read_array_header_1_0 if version == (1, 0)
                                      else np.lib.format.read_array_header_2_0)(file)
                _check_bytes(path, member, shape, kind)
                found[member.filename.removesuffix(".npy")] = shape, kind
    except InputError:
        raise
    except Exception as error:  # whichever way a damaged or hostile file fails
        raise InputError(f"{path} is no file of plain NumPy arrays: "
                         f"{' '.join(str(error).split())[:200]}") from None
    if not found:
        raise InputError(f"{path} holds no array")
    return found


def _check_bytes(path, member, shape, kind):
    size = math.prod(shape) * kind.itemsize
    if max(size, member.file_size) > _MOST_BYTES:
        raise InputError(f"array {member.filename.removesuffix('.npy')!r} of {path} has "
                         f"{max(size, member.file_size):,} bytes: expected at most "
                         f"{_MOST_BYTES:,}; a folder of images is read piece by piece")


def _role(name):
    """Returns (`image`, `label` or None, split or None) of names such as x_train, test_labels."""
    words = name.lower().replace("-", "_").split("_")
    split = next((split for split in map(splits.exactly, words) if split), None)
    role = next((role for role, usual in (("image", _IMAGES), ("label", _LABELS))
                 if any(word in usual for word in words)), None)
    return role, split


def _described(headers, most=6):
    return ", ".join(f"{f'{name} ' if name else ''}{kind} {list(shape)}"
                     for name, (shape, kind) in list(headers.items())[:most])
