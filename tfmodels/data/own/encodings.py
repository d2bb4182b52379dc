"""The encoding of a text file, found out and said."""

import codecs
import gzip
import zlib

_MARKS = ((codecs.BOM_UTF8, "utf-8-sig", "UTF-8"), (codecs.BOM_UTF32_LE, "utf-32", "UTF-32"),
          (codecs.BOM_UTF32_BE, "utf-32", "UTF-32"), (codecs.BOM_UTF16_LE, "utf-16", "UTF-16"),
          (codecs.BOM_UTF16_BE, "utf-16", "UTF-16"))
_PART = 1 << 20
_SEEN = 1 << 16  # bytes in which a file without a mark shows that it is UTF-16


class NoText(ValueError):
    """A file that is no text."""


def encoding_of(path):
    """Returns Python's name of a file's encoding, and its usual name.

    A byte-order mark decides; else it is UTF-16 where every other byte is 0, UTF-8 where all of it
    is valid, and Latin-1 (as Windows extends it) where nothing else remains.

    Raises:
        NoText: it has bytes that no text has.
        OSError: it cannot be read.
    """
    if packed(path):
        _check_packed(path)
    with (gzip.open if packed(path) else open)(path, "rb") as file:
        start = file.read(_SEEN)
        for mark, python, usual in _MARKS:
            if start.startswith(mark):
                return python, usual
        if b"\0" in start:
            even, odd = start[0::2].count(0), start[1::2].count(0)
            half = len(start) // 2
            if odd > 0.7 * half and even < 0.1 * half:
                return "utf-16-le", "UTF-16"
            if even > 0.7 * half and odd < 0.1 * half:
                return "utf-16-be", "UTF-16"
            raise NoText("it has zero bytes, which no text has")
        decoder = codecs.getincrementaldecoder("utf-8")()
        file.seek(0)
        try:
            while part := file.read(_PART):
                decoder.decode(part)
            decoder.decode(b"", True)
            return "utf-8", "UTF-8"
        except UnicodeDecodeError:
            control = sum(start.count(byte) for byte in range(32) if byte not in b"\t\n\r\f\x1b")
            if control > len(start) / 100:
                raise NoText("it is binary, no text") from None
            return "cp1252", "Latin-1"


def open_text(path, encoding, newline=""):
    """Opens a text file for reading, unpacked as it is read, with every line end as it is.

    A byte without a meaning becomes U+FFFD; UTF-8 has none here, since `encoding_of` read it all.

    Args:
        path: of the file.
        encoding: as of `encoding_of`.
        newline: as of `open`; None makes every kind of line end a line feed.
    """
    return (gzip.open if packed(path) else open)(
        path, "rt", encoding=encoding, errors="replace", newline=newline)


def packed(path):
    """Tells whether a file's name says that gzip has packed it."""
    return str(path).lower().endswith(".gz")


def _check_packed(path):
    """Reads a packed file to its end, where its checksum is."""
    try:
        with gzip.open(path, "rb") as file:
            while file.read(_PART):
                pass
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise NoText(f"gzip cannot unpack it ({str(error)[:80]})") from None
