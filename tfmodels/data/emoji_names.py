"""Names of emoji in English and French, from the package `emoji`, as an embedded TFDS builder."""

import re

import emoji
import tensorflow_datasets as tfds

from tfmodels.data import catalog
from tfmodels.data.pairs import by_split

# What tells the variants of one emoji apart: two thirds of all names differ in nothing else.
_VARIANT = re.compile(
    r"\b((medium-)?(light|medium|dark) skin tone|man|men|woman|women|person|people|boy|girl|child"
    r"|and|facing right)\b"
)


class EmojiNames(tfds.core.GeneratorBasedBuilder):
    """`en` and `fr`, a fully qualified emoji's names by Unicode CLDR, such as `beaver`, `castor`.

    The variants of an emoji by skin tone, gender and direction are all in one split: the others
    in training would give away a test name nearly whole.
    """

    name = "emoji_names"
    VERSION = tfds.core.Version(catalog.EMBEDDED[name].version)

    def _info(self):
        return tfds.core.DatasetInfo(
            builder=self,
            description=catalog.EMBEDDED[self.name].content,
            features=tfds.features.FeaturesDict(
                {"en": tfds.features.Text(), "fr": tfds.features.Text()}
            ),
            supervised_keys=("en", "fr"),
            homepage="https://github.com/carpedm20/emoji",
            license="BSD-3-Clause, names under the Unicode License v3",
        )

    def _split_generators(self, dl_manager):
        splits = by_split(_pairs(), group)
        return {split: self._generate_examples(pairs) for split, pairs in splits.items()}

    def _generate_examples(self, pairs):
        for index, (english, french) in enumerate(pairs):
            yield index, {"en": english, "fr": french}


def group(name):
    """Returns what the variants of an emoji share of their English names; a person's is empty."""
    return " ".join(_VARIANT.sub(" ", name).split())


def _pairs():
    """Yields (English, French) names, sorted by the English one."""
    emoji.config.load_language("fr")
    names = {
        tuple(entry[language].strip(":").replace("_", " ") for language in ("en", "fr"))
        for entry in emoji.EMOJI_DATA.values()
        if entry["status"] == emoji.STATUS["fully_qualified"]
    }
    yield from sorted(names)
