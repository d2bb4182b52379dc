"""The sizes of images that differ: which there are, and what to bring them to."""

import collections

from tfmodels.data.own import decode
from tfmodels.data.own.found_files import in_threads, read_bytes
from tfmodels.data.own.reading import SizesDiffer
from tfmodels.data.own.unreadable import Unreadable

_SCANNED = 1000  # images whose sizes are told of


def differing(source, plan, reading):
    """Returns the error that says which sizes the first images of a source have."""
    found = []
    for size in in_threads(_size, source.records(plan, reading)):
        found += [size] if size else []
        if len(found) == _SCANNED:
            break
    counts = collections.Counter(found)
    areas = sorted(found, key=lambda side: side[0] * side[1])
    usual = ", ".join(f"{height}x{width} ({count:,})"
                      for (height, width), count in counts.most_common(3))
    low, middle, high = (f"{side[0]}x{side[1]}" for side in (
        areas[0], areas[len(areas) // 2], areas[-1]))
    some = f", of the first {_SCANNED:,}" if len(found) == _SCANNED else ""
    return SizesDiffer(
        reading.image_size, f"{low} to {high} pixels (height x width){some}, the median {middle}, "
        f"most often {usual}", 32 if min(areas[len(areas) // 2]) < 64 else 64)


def _size(record):
    """Returns the (height, width) of a record's image, None where it cannot be read."""
    value = record.values.get("image")
    try:
        return decode.declared_size(read_bytes(value) if isinstance(value, str) else value)
    except (Unreadable, OSError, ValueError, TypeError):
        return None
