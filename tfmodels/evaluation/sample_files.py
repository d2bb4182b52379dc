"""Reads generated images from a stranger's files, which are bounded before they are decoded."""

import collections
import math
import pathlib
import zipfile

import numpy as np
import PIL.Image

from tfmodels.errors import InputError

FEWEST = 10  # images with which the nearest neighbours of every metric exist
_MOST_BYTES = 2 << 30  # of the decoded images
_LONGEST_SIDE = 1024  # pixels
_EXPECTED = "expected a folder of PNG files or an .npz file"


def read(path):
    """Reads images from a folder of PNGs or from an .npz file.

    Args:
        path: folder, whose `*.png` are read in order of their names; or .npz file, whose array
            `images`, else the first, is uint8 [N, H, W, C] or [N, H, W]. Nothing is unpickled,
            and two arrays of one name are refused.

    Returns:
        uint8 [N, H, W, C] with 1 or 3 channels.

    Raises:
        InputError: what is wrong with the files.
    """
    path = pathlib.Path(path).expanduser()
    if path.is_dir():
        images = _read_folder(path)
    elif path.suffix == ".npz" and path.is_file():
        images = _read_npz(path)
    else:
        raise InputError(f"{path} {'is neither' if path.exists() else 'does not exist'}: "
                         f"{_EXPECTED}")
    if len(images) < FEWEST:
        raise InputError(f"{path} holds {len(images)} images: expected at least {FEWEST}, and "
                         "thousands for figures that mean something")
    return images


def with_channels(images, channels):
    """Returns images as grey (1) or RGB (3), whatever they were; grey by ITU-R 601 weights."""
    if images.shape[-1] == channels:
        return images
    if channels == 3:
        return np.repeat(images, 3, axis=-1)
    grey = images @ np.array([0.299, 0.587, 0.114], np.float32)
    return np.round(grey).astype(np.uint8)[..., None]


def _read_folder(folder):
    """Returns the PNGs of a folder, in colour if one of them is."""
    paths = sorted(path for path in folder.iterdir()
                   if path.suffix.lower() == ".png" and path.is_file())
    if not paths:
        raise InputError(f"no .png files in {folder}: {_EXPECTED}")
    images = []
    for path in paths:
        image = _read_png(path, len(paths))
        if images and image.shape[:2] != images[0].shape[:2]:
            raise InputError(f"images of different sizes: {paths[0].name} has {_size(images[0])} "
                             f"pixels, {path.name} {_size(image)}; expected one size")
        images.append(image)
    channels = max(image.shape[-1] for image in images)
    return np.stack([with_channels(image, channels) for image in images])


def _read_png(path, count):
    """Returns one image, uint8 [H, W, 1 or 3]; `count` images of its size must fit in memory."""
    try:
        with PIL.Image.open(path, formats=["PNG"]) as file:  # reads the header only
            width, height = file.size
            _check_size(path, (count, height, width, 3))
            if file.mode not in ("1", "L", "P", "RGB", "RGBA", "LA"):
                raise InputError(f"{path} is a PNG of mode {file.mode}: expected 8 bits a channel")
            if file.has_transparency_data and file.convert("RGBA").getextrema()[3][0] < 255:
                raise InputError(f"{path} has transparent pixels: expected an opaque image")
            image = np.asarray(file.convert("L" if file.mode in ("1", "L", "LA") else "RGB"))
    except (OSError, SyntaxError, ValueError, PIL.Image.DecompressionBombError) as error:
        raise InputError(f"{path} is not a PNG image that can be read ({error})") from None
    return image.reshape(height, width, -1)


def _read_npz(path):
    """Returns the images of an .npz file."""
    try:
        with zipfile.ZipFile(path) as archive:
            return _read_member(path, archive, _member(path, archive.infolist()))
    except InputError:
        raise
    except Exception as error:  # whichever way a damaged or hostile archive fails
        raise InputError(f"{path} is not an .npz file of plain arrays ({error})") from None


def _member(path, members):
    """Returns the archive member that holds the images, the only one of its name."""
    names = [member.filename.removesuffix(".npy") for member in members]
    if not names:
        raise InputError(f"{path} holds no array")
    [(name, count)] = collections.Counter(names).most_common(1)
    if count > 1:
        raise InputError(f"{path} holds {count} arrays {name!r}: expected one of each name")
    member = members[names.index("images") if "images" in names else 0]
    if member.file_size > _MOST_BYTES:
        raise InputError(f"array {member.filename.removesuffix('.npy')!r} of {path} has "
                         f"{member.file_size:,} bytes: expected at most {_MOST_BYTES:,}")
    return member


def _read_member(path, archive, member):
    """Returns the images of an archive member, of which no more is unpacked than its header says.

    What is checked is what is read: NumPy would open the archive again, and go by other names.
    """
    name = member.filename.removesuffix(".npy")
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        # Python unpacks bzip2 and LZMA as far as a block goes, whatever size is asked for.
        raise InputError(f"array {name!r} of {path} is packed in another way than by NumPy: "
                         "expected savez or savez_compressed")
    with archive.open(member) as file:
        version = np.lib.format.read_magic(file)
        read_header = {(1, 0): np.lib.format.read_array_header_1_0,
                       (2, 0): np.lib.format.read_array_header_2_0}[version]
        shape, by_columns, kind = read_header(file)
        if kind != np.uint8:
            raise InputError(f"array {name!r} of {path} has type {kind}: expected uint8, pixels "
                             "from 0 to 255")
        whole = (*shape, 1) if len(shape) == 3 else shape
        if len(whole) != 4 or whole[-1] not in (1, 3) or whole[0] < 0:
            raise InputError(f"array {name!r} of {path} has shape {shape}: expected "
                             "[N, H, W], [N, H, W, 1] or [N, H, W, 3]")
        _check_size(path, whole)
        pixels = file.read(math.prod(whole) + 1)  # up to the end, where the checksum is compared
    if len(pixels) != math.prod(whole):
        raise InputError(f"array {name!r} of {path} has shape {shape} and holds {len(pixels):,} "
                         f"pixels: expected {math.prod(whole):,}")
    return np.frombuffer(pixels, np.uint8).reshape(whole, order="F" if by_columns else "C")


def _check_size(path, shape):
    """Refuses images [N, H, W, C] that are empty, too large, or too many for the memory."""
    if not 1 <= min(shape[1:3]) <= max(shape[1:3]) <= _LONGEST_SIDE:
        raise InputError(f"{path} has images of {shape[2]}x{shape[1]} pixels: expected sides of 1 "
                         f"to {_LONGEST_SIDE}")
    if np.prod(shape, dtype=float) > _MOST_BYTES:
        raise InputError(f"{path}: {shape[0]:,} images of {shape[2]}x{shape[1]} pixels are more "
                         f"than {_MOST_BYTES:,} bytes; score fewer")


def _size(image):
    """Returns `28x28` of an image [H, W, C]."""
    return f"{image.shape[1]}x{image.shape[0]}"
