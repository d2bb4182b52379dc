"""`python -m benchmarks.time_to_score.texts KEYS DATASET DATA_DIR OUT.json`: what recipes read.

KEYS are `text,label`, `source,target` or, for running text, `text`. The validation texts are those
that a validation of ours scores.
"""

import json
import sys

from tfmodels.data.load import load
from tfmodels.evaluation import held_out
from tfmodels.tasks import language_model, sequence_to_sequence


def main(argv):
    """Writes the training and validation texts of a data set, and their labels or targets."""
    keys, name, data_dir, out = argv
    keys = tuple(keys.split(","))
    splits = load(name, data_dir, keys).splits
    data = {}
    for part, examples in (("train", splits["train"].arrays()),
                           ("validation", validated(splits["validation"], keys))):
        data |= {f"{column}_{part}": [_plain(value) for value in examples[key]]
                 for column, key in zip("xy", keys, strict=False)}
    with open(out, "w", encoding="utf-8") as file:
        json.dump(data, file)


def validated(split, keys):
    """Returns the examples of a validation split that a validation of ours scores.

    Args:
        split: a `Split`.
        keys: what its examples have, ("text", "label"), ("source", "target") or ("text",).

    Returns:
        {key: sequence [N]}.
    """
    if keys == ("text",):
        return {"text": list(held_out.first_texts(split.texts(), language_model._VALIDATED))}
    if keys == ("source", "target"):
        return held_out.first(split, sequence_to_sequence._VALIDATED, sequence_to_sequence._BYTES)
    return held_out.examples(split)


def _plain(value):
    """Returns the str of bytes, the int of an integer."""
    return value.decode("utf-8", errors="replace") if isinstance(value, bytes) else int(value)


if __name__ == "__main__":
    main(sys.argv[1:])
