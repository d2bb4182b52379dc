"""1,377 emoji pictures with their names as an embedded TFDS builder."""

from pathlib import Path

import numpy as np
import PIL.Image
import tensorflow_datasets as tfds

from tfmodels.data import catalog
from tfmodels.data.local_info import LocalInfo

FILES = Path(__file__).parent / "files"
_SIDE = 32


class EmojiCaptions(tfds.core.GeneratorBasedBuilder):
    """`image` uint8 [32, 32, 3] in [0, 255] on white, `caption` its name; 1,240/137."""

    name = "emoji_captions"
    VERSION = tfds.core.Version(catalog.EMBEDDED[name].version)

    def _info(self):
        return LocalInfo(
            builder=self,
            description=catalog.EMBEDDED[self.name].content,
            features=tfds.features.FeaturesDict(
                {
                    "image": tfds.features.Image(shape=(_SIDE, _SIDE, 3)),
                    "caption": tfds.features.Text(),
                }
            ),
            homepage="https://github.com/googlefonts/noto-emoji",
            license="Apache-2.0",
        )

    def _split_generators(self, dl_manager):
        return {"train": self._generate_examples(False), "test": self._generate_examples(True)}

    def _generate_examples(self, test):
        """Yields every tenth picture for the test split, the others for training."""
        with PIL.Image.open(FILES / "emoji-32.png") as file:
            sheet = np.asarray(file.convert("RGB"))
        columns = sheet.shape[1] // _SIDE
        names = (FILES / "emoji-names.txt").read_text(encoding="utf-8").splitlines()
        for index, name in enumerate(names):
            if (index % 10 == 9) == test:
                top, left = (_SIDE * part for part in divmod(index, columns))
                yield index, {"image": sheet[top : top + _SIDE, left : left + _SIDE],
                              "caption": name}
