"""Image files of any kind as uint8 arrays of the kind that is wanted."""

import io
import warnings

import numpy as np
import PIL.Image
import PIL.ImageOps

from tfmodels.data.own.unreadable import Unreadable

MOST_PIXELS = 100_000_000  # of one image, by what its header says: 300 MB decoded

_GREY = ("1", "L", "LA", "La", "I;16", "I;16B", "I;16L", "I;16N", "I", "F")
_WIDE = _GREY[4:]  # of more than 8 bits


def decode(content, size, reading, channels=None, notes=None):
    """Reads an image.

    Turned as its EXIF says; of an animation the first frame; transparent pixels over the
    background; 16-bit grey 0 to 65,535 becomes 0 to 255.

    Args:
        content: bytes of a file, or uint8 [H, W, C] with 1, 3 or 4 channels.
        size: (height, width) to bring it to, or None.
        reading: `Reading`.
        notes: set that is told what else was done with the pixels, or None.
        channels: 1 or 3; None for 1 if it is grey and 3 if not; pixels with 4 keep them then.

    Returns:
        uint8 [H, W, channels].

    Raises:
        Unreadable: it is no image, cut short, or of more than `MOST_PIXELS`.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of Pillow, on broken EXIF and large images
            with _opened(content) as file:
                image = _upright(file, size)
                if notes is not None and image.mode in _WIDE and image.mode != "F":
                    notes.add("grey of 16 bits is scaled from 0-65,535 to 0-255")
                if channels or not (isinstance(content, np.ndarray) and content.shape[-1] == 4):
                    image = _plain(image, channels, reading)
                if size:
                    image = _resized(image, size, reading)
                pixels = np.asarray(image)
    except Unreadable:
        raise
    except Exception as error:  # whichever way a damaged file fails
        raise Unreadable(_why(content, error)) from None
    return pixels.reshape(*pixels.shape[:2], -1)


def declared_size(content):
    """Returns the (height, width) that a file's header says, turned as its EXIF says.

    Raises:
        Unreadable: as of `decode`.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with _opened(content) as file:
                turned = file.getexif().get(0x0112, 1) in (5, 6, 7, 8)
                return file.size if turned else file.size[::-1]
    except Unreadable:
        raise
    except Exception as error:  # whichever way a damaged file fails
        raise Unreadable(_why(content, error)) from None


def encode(pixels):
    """Returns uint8 [H, W, C] as the bytes of a PNG."""
    buffer = io.BytesIO()
    PIL.Image.fromarray(pixels[..., 0] if pixels.shape[-1] == 1 else pixels).save(
        buffer, "PNG", compress_level=1)
    return buffer.getvalue()


def _opened(content):
    """Opens an image without decoding it, and refuses one that is too large."""
    if isinstance(content, np.ndarray):
        grey = content.ndim == 3 and content.shape[-1] == 1
        return PIL.Image.fromarray(content[..., 0] if grey else content)
    if not content:
        raise Unreadable("it is empty")
    file = PIL.Image.open(io.BytesIO(content))
    width, height = file.size
    if not width * height:
        raise Unreadable(f"it has {width}x{height} pixels")
    if width * height > MOST_PIXELS:
        raise Unreadable(f"it declares {width}x{height} pixels, more than {MOST_PIXELS:,}")
    return file


def _upright(file, size):
    """Returns the decoded image, turned; of a JPEG no more pixels than needed are computed."""
    if size and file.format == "JPEG":
        file.draft(None, tuple(3 * side for side in (max(size), max(size))))
    file.load()
    try:
        return PIL.ImageOps.exif_transpose(file)
    except Exception:  # EXIF that says nothing readable turns nothing
        return file


def _plain(image, channels, reading):
    """Returns an image of mode L or RGB."""
    grey = image.mode in _GREY
    if image.mode == "P" and image.palette is not None and "transparency" not in image.info:
        grey = False
    wanted = channels or (1 if grey else 3)
    if image.mode in _WIDE:
        image = PIL.Image.fromarray(_scaled(np.asarray(image)))
    elif image.has_transparency_data:
        image = image.convert("RGBA")
        under = PIL.Image.new("RGBA", image.size, (*reading.colour(), 255))
        image = PIL.Image.alpha_composite(under, image).convert("RGB")
        if grey and wanted == 1:
            return image.convert("L")
    return image.convert("L" if wanted == 1 else "RGB")


def _scaled(values):
    """Returns grey of more than 8 bits as uint8."""
    if values.dtype.kind == "f":
        if not np.isfinite(values).all() or values.min() < 0 or values.max() > 1:
            raise Unreadable("its pixels are numbers out of 0 to 1")
        return np.round(values * 255).astype(np.uint8)
    if values.min() < 0 or values.max() > 65_535:
        raise Unreadable("its pixels are integers out of 0 to 65,535")
    return (values.astype(np.uint32) // 257).astype(np.uint8)


def _resized(image, size, reading):
    height, width = size
    if reading.resize == "stretch":
        return image.resize((width, height), PIL.Image.Resampling.LANCZOS, reducing_gap=3)
    method = PIL.Image.Resampling.LANCZOS
    if reading.resize == "crop":
        return PIL.ImageOps.fit(image, (width, height), method)
    colour = reading.colour() + (255,) * (image.mode == "RGBA")
    if image.mode == "L":
        colour = PIL.Image.new("RGB", (1, 1), colour).convert("L").getpixel((0, 0))
    return PIL.ImageOps.pad(image, (width, height), method, color=colour)


def _why(content, error):
    """Returns what is wrong with a file, in a few words."""
    if isinstance(error, PIL.UnidentifiedImageError):
        kind = next((name for start, name in (
            (b"<", "text"), (b"%PDF", "a PDF"), (b"PK", "a ZIP archive"),
            (b"\x7fELF", "a program")) if bytes(content[:8]).lstrip().startswith(start)), None)
        return f"it is {kind or 'no image that can be read'}"
    if isinstance(error, PIL.Image.DecompressionBombError):
        return f"it declares more than {MOST_PIXELS:,} pixels"
    if any(word in str(error).lower() for word in ("truncated", "unexpected end", "cut")):
        return "it is cut short"
    return " ".join(str(error).split())[:120] or type(error).__name__
