"""Writes every table of measured figures, from the result files in benchmarks/results.

    python -m benchmarks.tables

In README and docs each stands between two comments that name it, and is the text that its benchmark
makes of its files; a benchmark without files has an empty part. A table in which a cell holds a
decimal number stands nowhere else there: a test looks. What `--list` and `--help` show of the
results is written beside the launcher, which is installed without the result files.
"""

import json
import pathlib

from benchmarks import generation, generators, guards, records, scores, scoring, sizes, transfer
from benchmarks.speed import speed_table
from benchmarks.time_to_score import table
from benchmarks.word2vec import word2vec_table
from tfmodels.launcher import listing

ROOT = pathlib.Path(__file__).parents[1]
# Document -> {part: the folder of its files, and what makes the Markdown of {name: record}}.
PARTS = {
    "README.md": {"experiments": ("scores", scores.overview)},
    "docs/results.md": {"scores": ("scores", scores.table)},
    "docs/generative-scorecard.md": {
        "scorecard": ("scores", scores.scorecard),
        "generators": ("generators", generators.markdown)},
    "docs/data.md": {
        "sizes": ("sizes", sizes.markdown),
        "scoring": ("scoring", scoring.markdown)},
    "docs/transfer.md": {"transfer": ("transfer", transfer.markdown)},
    "docs/speed.md": {
        "speed": ("speed", speed_table.markdown),
        "time_to_score": ("time_to_score", table.markdown),
        "generation": ("generation", generation.markdown),
        "guards": ("guards", guards.markdown)},
    "docs/language-models.md": {"word2vec": ("word2vec", word2vec_table.markdown)},
}


def markers(name):
    """Returns the two lines between which a part stands."""
    return f"<!-- {name}: python -m benchmarks.tables -->\n", f"<!-- end of {name} -->\n"


def with_part(text, name, part):
    """Returns a document's text with a generated part between its two markers."""
    begin, end = markers(name)
    if text.count(begin) != 1 or text.count(end) != 1:
        raise ValueError(f"expected each of {begin + end!r} once in the document")
    before, _, rest = text.partition(begin)
    return before + begin + part + end + rest.partition(end)[2]


def regenerated(root=ROOT, folder=records.FOLDER):
    """Returns {file: its text with every part made of the files in `folder`}.

    Args:
        root: folder of the documents.
        folder: of the result files.
    """
    made = {}
    for document, parts in PARTS.items():
        text = (root / document).read_text(encoding="utf-8")
        for name, (benchmark, markdown) in parts.items():
            found = records.read(benchmark, folder)
            text = with_part(text, name, markdown(found) if found else "")
        made[root / document] = text
    shown = scores.kept(records.read("scores", folder))
    made[listing.RESULTS] = json.dumps(shown, indent=1, ensure_ascii=False) + "\n"
    return made


def main():
    """Writes the tables."""
    for path, text in regenerated().items():
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
