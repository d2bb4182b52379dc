"""What a data set holds, in a few lines: counts, classes, equal examples, texts."""

import collections
import hashlib
import re

import numpy as np

from tfmodels.data.features import KINDS

_QUICK = 256 << 20  # bytes that are compared in seconds
_LISTED = 10  # most classes that are listed one by one
_FEW = 10  # training examples below which a class is named
# Scripts without spaces between words: Thai to Khmer, Japanese, Chinese; a character is a word.
_ALONE = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff"
_WORD = re.compile(rf"[{_ALONE}]|[^\W{_ALONE}]+|[^\w\s]")


def summarize(data, thorough=True):
    """Returns what a data set holds, as sentences.

    Args:
        data: a `Dataset`.
        thorough: whether examples of more than 256 MiB are compared too, in one pass.
    """
    lines = [_sizes(data)]
    if data.class_names:
        lines += _classes(data)
    if thorough or (_nbytes(data) <= _QUICK and all(
            split.resident for split in data.splits.values())):
        lines += _contents(data)
    return lines


def _sizes(data):
    sizes = ", ".join(f"{name} {split.size:,}" for name, split in data.splits.items())
    what = ""
    if data.image_shape:
        height, width, channels = data.image_shape
        what = f", images of {height}x{width} pixels (height x width), {channels} channel" + (
            "s" if channels > 1 else "")
    streamed = [name for name, split in data.splits.items() if not split.resident]
    size = _nbytes(data) / 2**20
    kept = f"; streamed: {', '.join(streamed)}" if streamed else "; kept in memory"
    return f"{sizes} examples{what}, {size:,.1f} MiB{kept}"


def _nbytes(data):
    return sum(split.nbytes() for split in data.splits.values())


def _classes(data):
    """Returns how many training examples the classes have, and which have few."""
    counts = np.bincount(data.splits["train"].labels(), minlength=len(data.class_names))
    names = data.class_names
    if len(names) <= _LISTED:
        listed = ", ".join(f"{name} {count:,}" for name, count in zip(names, counts, strict=True))
        lines = [f"training examples by class: {listed}"]
    else:
        most, fewest = counts.argmax(), counts.argmin()
        lines = [f"{len(names):,} classes, from {names[fewest]} with {counts[fewest]:,} to "
                 f"{names[most]} with {counts[most]:,} training examples"]
    few = [f"{names[number]} {counts[number]:,}" for number in np.flatnonzero(counts < _FEW)]
    if few:
        more = f" and {len(few) - _LISTED:,} more" if len(few) > _LISTED else ""
        lines.append(f"classes with fewer than {_FEW} training examples: "
                     f"{', '.join(few[:_LISTED])}{more}")
    return lines


def _contents(data):
    """Returns what only the examples themselves tell."""
    key = next((kind for kind in ("image", "text", "source") if kind in data.splits["train"].kinds),
               None)
    if key is None:
        return []
    seen = {name: _Contents(split, key) for name, split in data.splits.items()}
    train, lines = seen["train"], []
    twice = [f"{count:,} of {data.splits[name].size:,} in {name}" for name, count in (
        (name, found.repeated) for name, found in seen.items()) if count]
    if twice:
        lines.append(f"equal to another {key} of their split: {', '.join(twice)}")
    across = [f"{count:,} of {data.splits[name].size:,} {name} {key}s" for name, count in (
        (name, sum(times for digest, times in found.digests.items() if digest in train.digests))
        for name, found in seen.items() if name != "train") if count]
    if across:
        lines.append(f"in the training split too: {', '.join(across)}")
    if KINDS[key].dtype == "string":
        lines += _texts(seen)
    return lines


def _texts(seen):
    lengths = np.concatenate([found.lengths for found in seen.values()])
    blank = int((lengths == 0).sum())
    lines = [f"words of a text: {np.median(lengths):,.0f} in the median, at most "
             f"{lengths.max():,}" + (f"; {blank:,} texts are blank" if blank else "")]
    known = seen["train"].words
    for name, found in seen.items():
        total = sum(found.words.values())
        if name != "train" and total:
            unknown = sum(count for word, count in found.words.items() if word not in known)
            lines.append(f"words of {name} that training does not have: {unknown / total:.1%}")
    return lines


class _Contents:
    """What one pass over a split finds: hashes of its examples, lengths and words of its texts."""

    def __init__(self, split, key):
        self.digests, self.words, lengths = collections.Counter(), collections.Counter(), []
        for value in split.values(key):
            raw = value if isinstance(value, bytes) else np.ascontiguousarray(value).tobytes()
            self.digests[hashlib.blake2b(raw, digest_size=16).digest()] += 1
            if isinstance(value, bytes):
                words = _WORD.findall(value.decode("utf-8", "replace").lower())
                lengths.append(len(words))
                self.words.update(words)
        self.lengths = np.array(lengths, int)
        self.repeated = sum(count - 1 for count in self.digests.values())
