"""The first 8,000 training and 2,000 test digits of MNIST as an embedded TFDS builder."""

from pathlib import Path

import numpy as np
import tensorflow_datasets as tfds

from tfmodels.data import catalog
from tfmodels.data.local_info import LocalInfo

SOURCE = Path(__file__).parent / "files" / "mnist_10k.npz"


class Mnist10k(tfds.core.GeneratorBasedBuilder):
    """`image` uint8 [28, 28, 1] in [0, 255], `label` one of 10 digits; 8,000/2,000."""

    name = "mnist_10k"
    VERSION = tfds.core.Version(catalog.EMBEDDED[name].version)

    def _info(self):
        return LocalInfo(
            builder=self,
            description=catalog.EMBEDDED[self.name].content,
            features=tfds.features.FeaturesDict(
                {
                    "image": tfds.features.Image(shape=(28, 28, 1)),
                    "label": tfds.features.ClassLabel(num_classes=10),
                }
            ),
            supervised_keys=("image", "label"),
            homepage="http://yann.lecun.com/exdb/mnist/",
            license="CC BY-SA 3.0",
        )

    def _split_generators(self, dl_manager):
        return {split: self._generate_examples(split) for split in ("train", "test")}

    def _generate_examples(self, split):
        with np.load(SOURCE) as source:
            images, labels = source[f"x_{split}"], source[f"y_{split}"]
        for index, (image, label) in enumerate(zip(images, labels, strict=True)):
            yield index, {"image": image[:, :, np.newaxis], "label": label}
