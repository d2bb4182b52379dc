"""Pictures for TensorBoard, as uint8 [H, W, C] arrays drawn with Pillow.

TensorBoard fits a picture to its card by the nearest pixel, so that text in a much larger one
cannot be read. What is drawn here keeps to a card's size where its content allows it.
"""

import io
import math

import numpy as np
import PIL.Image
import PIL.ImageDraw
import PIL.ImageFont

_FONT_SIZE = 12
_TITLE_SIZE = 18  # of an animation
_CARD = 350, 215  # pixels: as wide as on the Images page, as high as in Time Series
_SMALL = 64  # pixels of an image with a caption that are enough to look at
_ATTENDED = 12  # most tokens whose names can be read in a card


def grid(images, columns=None, gap=1):
    """Lays images out row by row on a white ground.

    Args:
        images: uint8 [N, H, W, C].
        columns: images in a row; by default the grid is about square.
        gap: pixels between two images.

    Returns:
        uint8 [rows * (H + gap) - gap, columns * (W + gap) - gap, C].
    """
    images = np.asarray(images)
    count, height, width, channels = images.shape
    columns = columns or math.ceil(math.sqrt(count))
    rows = math.ceil(count / columns)
    picture = np.full((rows * (height + gap) - gap, columns * (width + gap) - gap, channels), 255,
                      np.uint8)
    for index, image in enumerate(images):
        top, left = index // columns * (height + gap), index % columns * (width + gap)
        picture[top:top + height, left:left + width] = image
    return picture


def beside(images, others, columns=10):
    """Lays out rows of images, each above a row of what was made of them.

    Args:
        images, others: uint8 [N, H, W, C].
        columns: images in a row.
    """
    rows = [part[first:first + columns] for first in range(0, len(images), columns)
            for part in (images, others)]
    blank = np.full((-len(images) % columns, *images.shape[1:]), 255, np.uint8)
    rows[-2:] = [np.concatenate([row, blank]) for row in rows[-2:]]
    return grid(np.concatenate(rows), columns)


def thumbnails(images, longest):
    """Makes images smaller, each pixel the mean of a cell, until no side is longer than `longest`.

    Args:
        images: uint8 [N, H, W, C].
        longest: pixels.

    Returns:
        uint8 [N, H', W', C]; the images themselves where they are no larger.
    """
    images = np.asarray(images)
    scale = max(images.shape[1:3]) / longest
    if scale <= 1:
        return images
    height, width = (max(1, round(side / scale)) for side in images.shape[1:3])
    tops, lefts = (np.arange(small) * side // small
                   for small, side in zip((height, width), images.shape[1:3], strict=True))
    areas = np.outer(np.diff(tops, append=images.shape[1]), np.diff(lefts, append=images.shape[2]))
    small = np.empty((len(images), height, width, images.shape[3]), np.uint8)
    for index, image in enumerate(images):
        sums = np.add.reduceat(np.add.reduceat(image, tops, 0, np.uint32), lefts, 1)
        small[index] = np.round(sums / areas[..., None])
    return small


def heat_map(values, row_names, column_names, title="", percent=False):
    """Draws a matrix as shaded cells with the names of rows and columns.

    Args:
        values: float [R, C]; 0 is white and the largest is dark blue.
        row_names, column_names: R and C strings; of long ones the beginning is shown.
        title: a line above.
        percent: write each value in its cell, a share as whole percent; nothing of 0.

    Returns:
        uint8 [H, W, 3].
    """
    values = np.asarray(values, float)
    font = PIL.ImageFont.load_default(_FONT_SIZE)
    rows, columns = values.shape
    row_names = [_in_short(name, 20) for name in row_names]
    column_names = [_in_short(name, 10 if columns <= 12 else 20) for name in column_names]
    left = 8 + _longest(row_names, font)
    height, smallest, largest = (18, 24, 34) if percent else (12, 12, 20)
    width = min(largest, max(smallest, (_CARD[0] - left - 4) // max(columns, 1)))
    upright = _longest(column_names, font) > width
    top = 18 + (_longest(column_names, font) + 4 if upright else _FONT_SIZE + 2)
    picture = PIL.Image.new("RGB", (
        max(left + columns * width, 4 + int(font.getlength(title))) + 4, top + rows * height + 4),
        "white")
    draw = PIL.ImageDraw.Draw(picture)
    draw.text((4, 1), title, "black", font)
    for column, name in enumerate(column_names):
        middle = left + column * width + width // 2
        if upright:
            label = PIL.Image.new("RGB", (top - 18, _FONT_SIZE + 3), "white")
            PIL.ImageDraw.Draw(label).text((0, 0), name, "black", font)
            picture.paste(label.rotate(90, expand=True), (middle - _FONT_SIZE // 2 - 1, 16))
        else:
            draw.text((middle, top - 2), name, "black", font, "mb")
    peak = values.max(initial=1e-9)
    for row in range(rows):
        draw.text((left - 4, top + row * height + height // 2), row_names[row], "black", font, "rm")
        for column in range(columns):
            share = values[row, column] / peak
            colour = tuple(int(255 + share * (dark - 255)) for dark in (8, 48, 107))
            corner = (left + column * width, top + row * height)
            draw.rectangle((*corner, corner[0] + width - 1, corner[1] + height - 1), colour)
            if percent and values[row, column] > 0:
                draw.text((corner[0] + width // 2, corner[1] + height // 2),
                          _percent(values[row, column]),
                          "white" if share > 0.5 else "black", font, anchor="mm")
    return np.asarray(picture)


def attention(weights, row_names, column_names=None, title="rows attend to columns"):
    """Draws attention weights, of as many tokens as can be named in one of TensorBoard's cards.

    Args:
        weights: float [H, R, C], how much the token of a row looks at that of a column, by each
            head; drawn is the mean. What is beyond the names is cut off.
        row_names, column_names: at most R and C tokens; columns are the rows unless given.
        title: a line above.

    Returns:
        uint8 [H, W, 3].
    """
    column_names = row_names if column_names is None else column_names
    if max(len(row_names), len(column_names)) > _ATTENDED:
        title += f"; the first {_ATTENDED}"
    rows, columns = row_names[:_ATTENDED], column_names[:_ATTENDED]
    return heat_map(np.mean(weights, 0)[:len(rows), :len(columns)], rows, columns, title)


def captioned(images, captions, columns=5):
    """Lays images out with a line of text under each; small ones are drawn larger.

    Args:
        images: uint8 [N, H, W, C].
        captions: N strings; of long ones the beginning is shown.
        columns: images in a row; fewer, but two, where a card of TensorBoard has no room for them.

    Returns:
        uint8 [H', W', 3].
    """
    count, height, width, _ = images.shape
    scale = max(1, _SMALL // max(height, width))
    captions = list(map(_in_short, captions))
    font = PIL.ImageFont.load_default(_FONT_SIZE)
    across = max([width * scale] + [int(font.getlength(text)) for text in captions]) + 8
    columns = min(columns, max(2, _CARD[0] // across))
    down = height * scale + _FONT_SIZE + 10
    picture = PIL.Image.new("RGB", (columns * across, math.ceil(count / columns) * down), "white")
    draw = PIL.ImageDraw.Draw(picture)
    for index, (image, text) in enumerate(zip(images, captions, strict=True)):
        corner = (index % columns * across + 4, index // columns * down + 4)
        pixels = _opaque(PIL.Image.fromarray(image[..., 0] if image.shape[-1] == 1 else image))
        picture.paste(pixels.resize((width * scale, height * scale),
                                    PIL.Image.Resampling.NEAREST), corner)
        draw.text((corner[0], corner[1] + height * scale + 1), text, "black", font)
    return np.asarray(picture)


def evenly(values, count):
    """Returns at most `count` of a list's values, its first and last among them, evenly chosen."""
    if len(values) <= count:
        return list(values)
    return [values[round(index * (len(values) - 1) / (count - 1))] for index in range(count)]


def animation(frames, captions):
    """Makes a GIF that shows pictures one after the other, again and again.

    Args:
        frames: iterable of `PIL.Image`s of one size, read one at a time; drawn about as wide as
            one of TensorBoard's cards.
        captions: a line of text above each.

    Returns:
        The bytes of the GIF, and its (width, height).
    """
    drawn = []
    font = PIL.ImageFont.load_default(_TITLE_SIZE)
    for frame, caption in zip(frames, captions, strict=True):
        scale = _CARD[0] // max(frame.size) or _CARD[0] / max(frame.size)
        size = tuple(max(1, round(side * scale)) for side in frame.size)
        resized = _opaque(frame).resize(size, PIL.Image.Resampling.NEAREST if scale >= 1
                                        else PIL.Image.Resampling.BOX)
        picture = PIL.Image.new("RGB", (size[0], size[1] + _TITLE_SIZE + 6), "white")
        picture.paste(resized, (0, _TITLE_SIZE + 6))
        PIL.ImageDraw.Draw(picture).text((2, 2), caption, "black", font)
        drawn.append(picture.quantize(64))
    content = io.BytesIO()
    drawn[0].save(content, "GIF", save_all=True, append_images=drawn[1:], loop=0,
                  duration=[400] * (len(drawn) - 1) + [2000])
    return content.getvalue(), drawn[0].size


def _opaque(picture):
    """Returns a picture as RGB, on white where it is transparent."""
    if "A" not in picture.getbands():
        return picture.convert("RGB")
    picture = picture.convert("RGBA")
    return PIL.Image.alpha_composite(PIL.Image.new("RGBA", picture.size, "white"),
                                     picture).convert("RGB")


def _percent(share):
    """Returns a share above 0 as whole percent; what would be rounded to 0 is `<1`."""
    return f"{share:.0%}".rstrip("%") if share >= 0.005 else "<1"


def _longest(names, font):
    """Returns how many pixels the longest of some names takes."""
    return max([math.ceil(font.getlength(name)) for name in names], default=0)


def _in_short(text, length=60):
    """Returns a text in one line of at most so many characters, as a picture shows it."""
    text = text.replace("\n", "\\n")
    return text if len(text) <= length else text[:length - 1] + "…"
