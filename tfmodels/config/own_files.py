"""The settings that say how a user's own files are read: a class for each kind of data.

An experiment adds those of the kinds that it reads. What the values mean: `Reading`.
"""

import dataclasses

from tfmodels.config.fields import field
from tfmodels.data.own.reading import RESIZES


@dataclasses.dataclass(frozen=True)
class LabelColumn:
    """Settings of experiments that read labels."""

    label_column: str = field("", "of a table of your own: its column of classes (empty: guessed, "
                              "and said)", added_later=True)


@dataclasses.dataclass(frozen=True)
class Images(LabelColumn):
    """Settings of experiments that read images, of your own in any size and kind."""

    image_size: str = field("", "what your own images are brought to: the side as in 64, or height "
                            "x width as in 48x64 (empty: as they are)", added_later=True)
    resize: str = field("crop", "how: crop what is over, pad what is missing, or stretch",
                        choices=RESIZES, added_later=True)
    channels: str = field("auto", "of your own images: 1 grey, 3 colour; auto is 1 where all are "
                          "grey", choices=("auto", "1", "3"), added_later=True)
    background: str = field("white", "colour behind transparent pixels of your own images and of "
                            "padding, by name or as #rrggbb", added_later=True)
    image_column: str = field("", "of a table of your own: its column of image files (empty: "
                              "guessed, and said)", added_later=True)


@dataclasses.dataclass(frozen=True)
class Texts:
    """Settings of experiments that read texts."""

    text_column: str = field("", "of a table of your own: its column of texts (empty: guessed, and "
                             "said)", added_later=True)


@dataclasses.dataclass(frozen=True)
class Pairs:
    """Settings of experiments that read a text and its target."""

    source_column: str = field("", "of a table of your own: its column of texts to read (empty: "
                               "guessed, and said)", added_later=True)
    target_column: str = field("", "of a table of your own: its column of texts to write (empty: "
                               "guessed, and said)", added_later=True)
