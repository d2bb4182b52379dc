"""Which column of a table is what: as said, else where there is one obvious choice."""

import re
import statistics

import numpy as np

from tfmodels.data.own.found_files import printable
from tfmodels.errors import InputError, SettingError, nearest

# Names that people give to columns, the likeliest first.
USUAL = {
    "text": ("text", "sentence", "review", "content", "document", "message", "comment", "body",
             "tweet", "utterance", "question", "title", "headline", "verse", "caption"),
    "label": ("label", "class", "category", "target", "sentiment", "genre", "topic", "y", "intent",
              "tag", "labels", "species", "kind", "type"),
    "source": ("source", "src", "question", "input", "prompt", "from"),
    "target": ("target", "tgt", "answer", "translation", "output", "response",
               "completion", "to"),
    "image": ("image", "file_name", "filename", "img", "picture", "photo", "path", "file",
              "image_path", "pixel_values"),
}
MOST_CLASSES = 50  # different labels that are classes however few the examples are
_NAME = re.compile(r"[^\W\d][\w .()/%#:$€-]{0,39}")
_LANGUAGE = re.compile(r"[a-z]{2,3}([-_][a-zA-Z]{2,4})?")
LANGUAGES = ("english", "french", "german", "spanish", "italian", "portuguese", "dutch", "russian",
             "chinese", "japanese", "arabic", "hindi")


def choose(names, examples, needs, wants, reading, place):
    """Finds the columns of the kinds that are needed.

    Args:
        names: the columns, in order.
        examples: {column: some of its values}.
        needs, wants: kinds of features.
        reading: `Reading`.
        place: what the table is called in messages.

    Returns:
        {kind: column}.

    Raises:
        InputError, SettingError: a column that was named is not there, or none is obvious.
    """
    plan = {}
    for kind in (*needs, *wants):
        said = getattr(reading, f"{kind}_column", "")
        if said:
            if said not in names:
                raise SettingError(f"{kind}_column", said, f"expected one of the columns of {place}"
                                   f": {_listed(names)}{nearest(said, names)}")
            plan[kind] = said
    for kind in (*needs, *wants):
        if kind in plan:
            continue
        free = [name for name in names if name not in plan.values()]
        found = _guess(kind, free, examples, plan, needs)
        if found is None and kind in needs:
            raise InputError(f"no column of {place} is obviously the {kind}: expected it to be "
                             f"named, of {_listed(free) or 'those that are left: none'}",
                             f"{kind} column")
        if found is not None:
            plan[kind] = found
    return plan


def _guess(kind, free, examples, plan, needs):
    """Returns the column that is obviously of a kind, or None."""
    lower = {name.strip().lower(): name for name in reversed(free)}
    usual = [lower[name] for name in USUAL[kind] if name in lower]
    texts = [name for name in free if _is_text(examples[name])]
    if kind == "image":
        usual = [name for name in usual if is_image(examples[name])]
        fitting = [name for name in free if is_image(examples[name])]
        return (usual or (fitting if len(fitting) == 1 else [None]))[0]
    if kind == "label":
        others = [name for name in free if not is_image(examples[name])]
        likely = [name for name in others if are_classes(examples[name])]
        if kind not in needs:
            others = likely
        usual = [name for name in usual if name in others]
        only = next((some for some in (others, likely) if len(some) == 1), [None])
        return (usual or only)[0]
    usual = [name for name in usual if name in texts]
    if usual:
        return usual[0]
    if kind == "text":
        if len(texts) > 1:
            lengths = {name: statistics.mean(len(str(value)) for value in examples[name])
                       for name in texts}
            longest = max(texts, key=lengths.get)
            others = [lengths[name] for name in texts if name != longest]
            return longest if lengths[longest] > 2 * max(others) else None
        return texts[0] if texts else None
    # A pair: two columns of texts, or two languages, in their order.
    languages = [name for name in texts
                 if _LANGUAGE.fullmatch(name) or name.strip().lower() in LANGUAGES]
    pair = languages if len(languages) + (len(plan.keys() & {"source", "target"})) == 2 else texts
    left = 2 - len(plan.keys() & {"source", "target"})
    return pair[0] if len(pair) == left else None


def _is_text(values):
    return any(isinstance(value, str) and value.strip() for value in values) and not all(
        isinstance(value, str) and _number(value) for value in values)


def is_image(values):
    """Tells whether cells are images, or names of their files."""
    values = [value for value in values if value is not None]
    return bool(values) and all(
        isinstance(value, (bytes, np.ndarray))
        or (isinstance(value, dict) and value.keys() & {"bytes", "path"})
        or (isinstance(value, str) and re.search(r"\.(png|jpe?g|gif|webp|bmp|tiff?)$",
                                                 value.strip(), re.IGNORECASE))
        for value in values)


def are_classes(values):
    """Tells whether cells may be classes: some are equal, and none is a number with a fraction."""
    found = [label for label in map(label_text, values) if label is not None]
    return bool(found) and len(set(found)) < len(found) and (
        len(set(found)) <= max(MOST_CLASSES, len(found) / 2)) and not any(
            _number(label) and not float(label).is_integer() for label in found)


def _number(text):
    try:
        float(text)
        return True
    except ValueError:
        return False


def is_header(first, rows):
    """Tells whether the first row of a table holds the names of its columns.

    They are no numbers, and one of them stands above numbers; or they are short, different, and
    either usual or single words. What may be names or texts is taken for names, which is said.

    Args:
        first: list of texts.
        rows: lists of as many texts, some that follow.

    Raises:
        InputError: two of them are the same.
    """
    names = [field.strip() for field in first]
    cells = [[row[place] for row in rows] for place in range(len(names))]
    # An index has no name, nor have columns that hold nothing.
    nameless = [not name and all(not cell.strip() or _number(cell) for cell in under)
                for name, under in zip(names, cells, strict=True)]
    doubled = next((name for name in names if name and names.count(name) > 1), None)
    if not any(map(_number, names)) and any(
            map(_above_numbers, names, cells)):
        if doubled is not None:
            raise InputError(f"two columns have the name {doubled!r}: expected one for each")
        return True
    names = [name for name, without in zip(names, nameless, strict=True) if not without]
    if doubled is not None or not all(
            _NAME.fullmatch(name) and len(name.split()) <= 4 for name in names):
        return False
    usual = {name for some in USUAL.values() for name in some}
    return any(name.lower() in usual for name in names) or (
        bool(names) and not any(" " in name for name in names))


def named(first):
    """Returns the names of columns by a header; one without, such as an index, is its number."""
    return [name.strip() or str(number) for number, name in enumerate(first, 1)]


def _above_numbers(name, cells):
    """Tells whether what stands above cells is a name, as they are numbers."""
    cells = [cell for cell in cells if cell.strip()]
    return bool(name and cells) and all(map(_number, cells))


def class_names(labels):
    """Returns the names of the classes in order: integers by value, all else by text.

    Args:
        labels: set of texts, see `label_text`.
    """
    if all(re.fullmatch(r"[+-]?\d{1,18}", label) for label in labels):
        return sorted(labels, key=int)
    return sorted(labels)


def label_text(value):
    """Returns a label as one line of text: `cat`, `7`, `True`; None where there is none."""
    if isinstance(value, float) and value != value:
        return None
    text = printable(" ".join(str("" if value is None else value).split()))
    if re.fullmatch(r"[+-]?\d{1,15}\.0+", text):
        text = text.partition(".")[0]
    return text or None


def _listed(names, most=12):
    shown = ", ".join(names[:most])
    return shown + (f" and {len(names) - most:,} more" if len(names) > most else "")
