"""`python -m benchmarks.time_to_score.translations DATASET DATA_DIR LOG`: chrF of what was written.

A recipe has written {source: translation} of the validation sources at each validation.
"""

import json
import pathlib
import sys

from benchmarks.time_to_score import logs
from benchmarks.time_to_score.texts import validated
from tfmodels.data.load import load
from tfmodels.evaluation import text_scores


def main(argv):
    """Puts the score of each file in its place, by the function that our validation uses."""
    name, data_dir, log = argv
    keys = ("source", "target")
    recorded = text_scores.references(
        **validated(load(name, data_dir, keys).splits["validation"], keys))

    def chrf(file):
        written = json.loads(file.read_text("utf-8"))
        return text_scores.scores([written[source.decode(errors="replace")]
                                   for source in recorded], [*recorded.values()])["chrf"]
    logs.score(pathlib.Path(log), chrf)


if __name__ == "__main__":
    main(sys.argv[1:])
