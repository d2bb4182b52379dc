"""`python -m benchmarks.time_to_score.small_text DATASET DATA_DIR FOLDER`: a text of 600,000.

A recipe whose corpus is of that size would take a day for a longer one. As the recipe has its
text, in lower case.
"""

import json
import pathlib
import sys

from benchmarks.time_to_score.texts import validated
from tfmodels.data.load import load

_CHARACTERS = 600_000  # of training, line ends included


def main(argv):
    """Writes a table of texts for each split: the first ones of the data set's."""
    name, data_dir, folder = argv
    splits = load(name, data_dir, ("text",)).splits
    pathlib.Path(folder).mkdir()
    for split, texts in (("train", _first(splits["train"].texts(), _CHARACTERS)),
                         ("validation", validated(splits["validation"], ("text",))["text"]),
                         ("test", validated(splits["test"], ("text",))["text"])):
        lines = (json.dumps({"text": text.decode(errors="replace").lower()}) for text in texts)
        pathlib.Path(folder, f"{split}.jsonl").write_text("\n".join(lines) + "\n", "utf-8")


def _first(texts, characters):
    """Yields the first of some texts, UTF-8 bytes, while they have so many characters at most."""
    for text in texts:
        characters -= len(text.decode(errors="replace")) + 1
        if characters < 0:
            return
        yield text


if __name__ == "__main__":
    main(sys.argv[1:])
