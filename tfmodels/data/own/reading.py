"""How a user's own files are to be read. Imports neither TensorFlow nor NumPy."""

import dataclasses
import re

from tfmodels.data.own.splits import SPLITS
from tfmodels.errors import SettingError

SMALLEST, LARGEST = 2, 1024  # pixels of a side
RESIZES = ("crop", "pad", "stretch")

_SHARES = [0.8, 0.1, 0.1]
_SIZE = re.compile(r"(\d{1,5})(?:x(\d{1,5}))?")


class SizesDiffer(SettingError):
    """Images that differ in size, and no size was asked for.

    Attributes:
        sizes: what they are, in words.
        side: of a square to bring all of them to, in pixels.
    """

    def __init__(self, given, sizes, side):
        super().__init__("image_size", given or "''", "expected one size to bring all images to, "
                         f"such as {side}, since they differ: {sizes}")
        self.sizes, self.side = sizes, side


@dataclasses.dataclass(frozen=True)
class Reading:
    """What is said of files beside their path; the fields are settings of experiments.

    Attributes:
        image_size: `64` or `48x64` (height x width) that images are brought to; empty: as they are.
        resize: how: `crop` what is over at the longer side, `pad` the shorter one, or `stretch`.
        channels: `1` grey, `3` colour, or `auto`: 1 where all images are grey.
        background: colour behind transparent pixels and of padding, by name or as #rrggbb.
        image_column, text_column, label_column, source_column, target_column: of a table; empty: a
            column is guessed where there is one obvious choice.
        target: what the label of a table of numbers and categories is: a `number`, a `class`, or
            `auto`, as its values tell.
        split: fractions of train, validation and test; or which splits of a prepared set these
            are, as in `train=a,test=b`.
        strict: whether a file that cannot be read is an error, rather than left out and told.
    """

    image_size: str = ""
    resize: str = "crop"
    channels: str = "auto"
    background: str = "white"
    image_column: str = ""
    text_column: str = ""
    label_column: str = ""
    source_column: str = ""
    target_column: str = ""
    target: str = "auto"
    split: str = "0.8,0.1,0.1"
    strict: bool = False

    def __post_init__(self):
        self.size()
        self.shares()
        self.colour()

    @classmethod
    def of(cls, settings):
        """Returns what an experiment's settings say; what it has no setting for is the default."""
        names = [field.name for field in dataclasses.fields(cls)]
        return cls(**{name: getattr(settings, name) for name in names if hasattr(settings, name)})

    @property
    def shapes_images(self):
        """Whether images are to be brought to a size or a number of channels."""
        return bool(self.image_size) or self.channels != "auto"

    def size(self):
        """Returns (height, width), None if images stay as they are.

        Raises:
            SettingError: it has another form, or sides out of 2 to 1024 pixels.
        """
        if not self.image_size:
            return None
        match = _SIZE.fullmatch(self.image_size.lower())
        sides = match and (int(match[1]), int(match[2] or match[1]))
        if not sides or not SMALLEST <= min(sides) <= max(sides) <= LARGEST:
            nearest = "x".join(str(min(max(side, SMALLEST), LARGEST)) for side in sides or (64,))
            raise SettingError("image_size", self.image_size, "expected a side as in 64, or height "
                               f"x width as in 48x64, of {SMALLEST} to {LARGEST} pixels; the "
                               f"nearest valid value is {nearest}")
        return sides

    def names(self):
        """Returns {split: its name in a prepared set} where `split` says names, else {}.

        Raises:
            SettingError: it names something else than train, validation and test, or no train.
        """
        if "=" not in self.split:
            return {}
        pairs = [part.partition("=")[::2] for part in self.split.split(",")]
        found = {split.strip(): name.strip() for split, name in pairs}
        if "train" not in found or not found.keys() <= set(SPLITS) or not all(found.values()):
            raise SettingError("split", self.split, "expected which splits are train, validation "
                               "and test, such as train=training,test=held_out")
        return found

    def shares(self):
        """Returns the fractions of train, validation and test, which add up to 1.

        Raises:
            SettingError: they are not three numbers above 0, or add up to something else.
        """
        if self.names():
            return _SHARES
        try:
            shares = [float(part) for part in self.split.split(",")]
        except ValueError:
            shares = []
        if len(shares) != 3 or not all(0 < share < 1 for share in shares) or (
                abs(sum(shares) - 1) > 1e-6):
            raise SettingError("split", self.split, "expected the fractions of train, validation "
                               "and test, each above 0, which add up to 1, such as 0.8,0.1,0.1")
        return shares

    def colour(self):
        """Returns `background` as (red, green, blue).

        Raises:
            SettingError: there is no such colour.
        """
        import PIL.ImageColor
        try:
            return PIL.ImageColor.getrgb(self.background)[:3]
        except ValueError:
            raise SettingError("background", self.background, "expected the name of a colour, or "
                               "its red, green and blue as in #ffcc00") from None
