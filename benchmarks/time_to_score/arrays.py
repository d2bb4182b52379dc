"""`python -m benchmarks.time_to_score.arrays DATASET DATA_DIR OUT.npz`: what the recipes read."""

import sys

import numpy as np

from tfmodels.data.load import load


def main(argv):
    """Writes the training and validation images and labels of a data set."""
    name, data_dir, out = argv
    splits = load(name, data_dir).splits
    arrays = {}
    for split in ("train", "validation"):
        part = splits[split].arrays()
        arrays |= {f"x_{split}": part["image"].squeeze(-1), f"y_{split}": part["label"]}
    np.savez(out, **arrays)


if __name__ == "__main__":
    main(sys.argv[1:])
