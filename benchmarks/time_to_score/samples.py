"""`python -m benchmarks.time_to_score.samples DATASET DATA_DIR LOG`: scores drawn images.

Each file of the log holds images, uint8 [N, H, W, 1]; they get the Fréchet distance from the
validation images that our own validation would log of as many samples.
"""

import pathlib
import sys

import numpy as np

from benchmarks.time_to_score import logs
from tfmodels.data.load import load
from tfmodels.evaluation import baselines, extractors, scorecard


def main(argv):
    """Scores the files of a log."""
    name, data_dir, log = argv
    data = load(name, data_dir)
    real, extractor = baselines.first_images(data.splits["validation"]), extractors.of(data)
    logs.score(pathlib.Path(log), lambda file: scorecard.scores(
        np.load(file), real, extractor)["frechet_distance"])


if __name__ == "__main__":
    main(sys.argv[1:])
