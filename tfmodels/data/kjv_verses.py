"""The 31,102 verses of the King James Bible with book and genre as an embedded TFDS builder."""

import lzma
import re
from pathlib import Path

import numpy as np
import tensorflow_datasets as tfds

from tfmodels.data import catalog
from tfmodels.data.local_info import LocalInfo

SOURCE = Path(__file__).parent / "files" / "bible-kjv.txt.xz"

GENRES = {  # genre -> its books, in canonical order
    "law": ("Genesis", "Exodus", "Leviticus", "Numbers", "Deuteronomy"),
    "history": (
        *("Joshua", "Judges", "Ruth", "1 Samuel", "2 Samuel", "1 Kings", "2 Kings"),
        *("1 Chronicles", "2 Chronicles", "Ezra", "Nehemiah", "Esther"),
    ),
    "wisdom": ("Job", "Psalms", "Proverbs", "Ecclesiastes", "Song of Solomon"),
    "major prophets": ("Isaiah", "Jeremiah", "Lamentations", "Ezekiel", "Daniel"),
    "minor prophets": (
        *("Hosea", "Joel", "Amos", "Obadiah", "Jonah", "Micah", "Nahum"),
        *("Habakkuk", "Zephaniah", "Haggai", "Zechariah", "Malachi"),
    ),
    "gospels and acts": ("Matthew", "Mark", "Luke", "John", "Acts"),
    "epistles": (
        *("Romans", "1 Corinthians", "2 Corinthians", "Galatians", "Ephesians"),
        *("Philippians", "Colossians", "1 Thessalonians", "2 Thessalonians", "1 Timothy"),
        *("2 Timothy", "Titus", "Philemon", "Hebrews", "James", "1 Peter", "2 Peter"),
        *("1 John", "2 John", "3 John", "Jude"),
    ),
    "apocalypse": ("Revelation",),
}
GENRE_OF = {book: genre for genre, books in GENRES.items() for book in books}

_CHAPTER = re.compile(r"(\S.*) (\d+)")
_VERSE = re.compile(r"  (\d+) (.+)")


def read_verses():
    """Reads the verses in canonical order.

    Returns:
      A list of (book, chapter, verse, text): str, int from 1, int from 1, str.

    Raises:
      ValueError: a line of the file is neither a chapter heading nor a verse.
    """
    verses = []
    book = chapter = None
    with lzma.open(SOURCE, "rt", encoding="utf-8") as lines:
        for line in map(str.rstrip, lines):
            if match := _VERSE.fullmatch(line):
                verses.append((book, chapter, int(match[1]), match[2].strip()))
            elif match := _CHAPTER.fullmatch(line):
                book, chapter = match[1], int(match[2])
            elif line:
                raise ValueError(f"{SOURCE.name}: neither a chapter heading nor a verse: {line!r}")
    return verses


class KjvVerses(tfds.core.GeneratorBasedBuilder):
    """`text`, `label` one of 8 genres, `book` one of 66, `chapter`, `verse`; 27,992/3,110.

    Every tenth verse in canonical order (index % 10 == 9) is in the test split.
    """

    name = "kjv_verses"
    VERSION = tfds.core.Version(catalog.EMBEDDED[name].version)

    def _info(self):
        return LocalInfo(
            builder=self,
            description=catalog.EMBEDDED[self.name].content,
            features=tfds.features.FeaturesDict(
                {
                    "text": tfds.features.Text(),
                    "label": tfds.features.ClassLabel(names=list(GENRES)),
                    "book": tfds.features.ClassLabel(names=list(GENRE_OF)),
                    "chapter": np.int32,
                    "verse": np.int32,
                }
            ),
            supervised_keys=("text", "label"),
            homepage="https://packages.debian.org/bible-kjv-text",
            license="public domain",
        )

    def _split_generators(self, dl_manager):
        return {"train": self._generate_examples(False), "test": self._generate_examples(True)}

    def _generate_examples(self, test):
        for index, (book, chapter, verse, text) in enumerate(read_verses()):
            example = {
                "text": text,
                "label": GENRE_OF[book],
                "book": book,
                "chapter": chapter,
                "verse": verse,
            }
            if (index % 10 == 9) == test:
                yield index, example
