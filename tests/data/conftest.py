import os
import shutil

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import numpy as np
import pytest
import tensorflow_datasets as tfds

from tfmodels.data.load import load


class TinyPictures(tfds.core.GeneratorBasedBuilder):
    """A catalogue-like set: 40 pictures in train only, three features of other kinds."""

    name = "tiny_pictures"
    VERSION = tfds.core.Version("2.1.0")

    def _info(self):
        return tfds.core.DatasetInfo(
            builder=self,
            features=tfds.features.FeaturesDict(
                {
                    "photo": tfds.features.Image(shape=(4, 6, 3)),
                    "kind": tfds.features.ClassLabel(names=["cat", "dog"]),
                    "other_kind": tfds.features.ClassLabel(num_classes=5),
                    "number": np.int64,
                }
            ),
            supervised_keys=("photo", "kind"),
        )

    def _split_generators(self, dl_manager):
        return {"train": self._generate_examples()}

    def _generate_examples(self):
        for i in range(40):
            photo = np.full((4, 6, 3), i, np.uint8)
            yield i, {"photo": photo, "kind": i % 2, "other_kind": i % 5, "number": i}


@pytest.fixture(scope="session")
def data_dir(data_dir):
    """Two embedded sets and the tiny one too, below a name with a space and an accent."""
    for name, needs in (
        ("mnist_10k", ("image", "label")),
        ("kjv_verses", ("text", "label")),
        ("tiny_pictures", ("image",)),
    ):
        load(name, data_dir, needs)
    return data_dir


@pytest.fixture
def copied(data_dir, tmp_path):
    """Returns a function that copies one prepared set to a fresh data folder."""

    def copy(name):
        shutil.copytree(data_dir / name, tmp_path / "copied" / name)
        return tmp_path / "copied"

    return copy
