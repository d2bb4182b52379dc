"""What a table is for where no experiment says it: pairs, texts, images, or numbers."""

import statistics

from tfmodels.data.own import columns
from tfmodels.data.own.column_profiles import Profile

_WHOLE = ("text", "body", "content", "article", "document")  # whose headline is no source
_SENTENCE = 5  # words in the median
_SIGNS = 15  # characters in the median of a sentence without spaces, as Chinese has them


def wanted(table, reading):
    """Returns what is to be read of a table.

    Args:
        table: a `Table`.
        reading: `Reading`, which decides where it names columns.

    Returns:
        (needs, wants, tables), as of `tfmodels.data.load.load`.
    """
    if reading.image_column or table.has_images:
        return ("image",), ("label", "text"), False
    pair, text = (("source", "target"), (), False), (("text",), ("label",), False)
    if reading.source_column or reading.target_column:
        return pair
    if reading.text_column:
        return text
    examples = {name: values for name, values in table.examples.items()
                if name != reading.label_column}
    profiles = {name: _profile(name, values) for name, values in table.examples.items()}
    texts = [name for name in examples if _differs(profiles[name])]
    features = [name for name in examples if name not in texts and profiles[name].use()[0]]
    number = reading.target == "number" or (reading.label_column in profiles and profiles[
        reading.label_column].is_number_to_predict())
    if not texts or number or reading.target != "auto":
        return (), (), True
    whole = any(name.strip().lower() in _WHOLE for name in texts)
    if not reading.label_column and (_are_usual(texts) or (
            len(texts) == 2 and not features and not whole)):
        return pair
    if len(features) < 2 or any(map(_are_sentences, map(examples.get, texts))):
        return text
    return (), (), True


def _profile(name, values):
    profile = Profile(name)
    for value in values:
        profile.add(value)
    return profile


def _differs(profile):
    """Tells whether a column holds texts most of which are different, and no numbers or dates."""
    return (profile.texts > profile.numbers and profile.different > profile.filled / 2
            and not profile.written_otherwise and not profile.are_dates())


def _are_usual(texts):
    """Tells whether two columns of texts have names as those of a pair."""
    lower = {name.strip().lower() for name in texts}
    source, target = (lower & set(columns.USUAL[kind]) for kind in ("source", "target"))
    return bool(source and target and len(source | target) > 1) or len(
        lower & set(columns.LANGUAGES)) == 2


def _are_sentences(values):
    values = [value for value in values if isinstance(value, str) and value.strip()]
    return statistics.median(len(value.split()) for value in values) >= _SENTENCE or (
        statistics.median(map(len, values)) >= _SIGNS and not any(
            " " in value for value in values) and not all(map(str.isascii, values)))
