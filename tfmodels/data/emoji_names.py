"""Names of emoji in English and French, from the package `emoji`, as an embedded TFDS builder."""

import re

import emoji
import tensorflow_datasets as tfds

from tfmodels.data import catalog
from tfmodels.data.pairs import PairsBuilder

# What tells the variants of one emoji apart: two thirds of all names differ in nothing else.
_VARIANT = re.compile(
    r"\b((medium-)?(light|medium|dark) skin tone|man|men|woman|women|person|people|boy|girl|child"
    r"|and|facing right)\b"
)


class EmojiNames(PairsBuilder):
    """`en` and `fr`, a fully qualified emoji's names by Unicode CLDR, such as `beaver`, `castor`.

    The variants of an emoji by skin tone, gender and direction are all in one split: the others
    in training would give away a test name nearly whole.
    """

    name = "emoji_names"
    VERSION = tfds.core.Version(catalog.EMBEDDED[name].version)
    keys = ("en", "fr")
    homepage = "https://github.com/carpedm20/emoji"
    license = "BSD-3-Clause, names under the Unicode License v3"

    def pairs(self):
        """Yields (English, French) names, sorted by the English one."""
        emoji.config.load_language("fr")
        names = {
            tuple(entry[language].strip(":").replace("_", " ") for language in self.keys)
            for entry in emoji.EMOJI_DATA.values()
            if entry["status"] == emoji.STATUS["fully_qualified"]
        }
        yield from sorted(names)

    def group(self, source):
        """Returns what the variants of an emoji share of their names; a person's is empty."""
        return " ".join(_VARIANT.sub(" ", source).split())
