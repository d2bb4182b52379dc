"""Writes README's tables of measured figures from the result files in benchmarks/results.

    python -m benchmarks.tables

Each stands between two comments that name it, and is the text that its benchmark makes of its
files; a benchmark without files has an empty part. A table in which a cell holds a decimal number
stands nowhere else in README or docs: a test looks.
"""

import pathlib

from benchmarks import generation, generators, guards, records, scores, transfer
from benchmarks.speed import speed_table
from benchmarks.word2vec import word2vec_table

README = pathlib.Path(__file__).parents[1] / "README.md"
# Name of the part -> the folder of its files, and what makes the Markdown of {name: record}.
PARTS = {
    "scores": ("scores", scores.table),
    "scorecard": ("scores", scores.scorecard),
    "transfer": ("transfer", transfer.markdown),
    "generators": ("generators", generators.markdown),
    "speed": ("speed", speed_table.markdown),
    "generation": ("generation", generation.markdown),
    "word2vec": ("word2vec", word2vec_table.markdown),
    "guards": ("guards", guards.markdown),
}


def markers(name):
    """Returns the two lines between which a part stands."""
    return f"<!-- {name}: python -m benchmarks.tables -->\n", f"<!-- end of {name} -->\n"


def with_part(readme, name, part):
    """Returns README's text with a generated part between its two markers."""
    begin, end = markers(name)
    if readme.count(begin) != 1 or readme.count(end) != 1:
        raise ValueError(f"README.md: expected each of {begin + end!r} once")
    before, _, rest = readme.partition(begin)
    return before + begin + part + end + rest.partition(end)[2]


def regenerated(readme, folder=records.FOLDER):
    """Returns README's text with every part made of the files in `folder`."""
    for name, (benchmark, markdown) in PARTS.items():
        found = records.read(benchmark, folder)
        readme = with_part(readme, name, markdown(found) if found else "")
    return readme


def main():
    """Writes the tables."""
    README.write_text(regenerated(README.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
