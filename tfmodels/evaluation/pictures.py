"""Pictures for TensorBoard, as uint8 [H, W, C] arrays drawn with Pillow."""

import math

import numpy as np
import PIL.Image
import PIL.ImageDraw
import PIL.ImageFont

_FONT_SIZE = 12
_LARGE = 200  # pixels of an image with a caption that are enough to look at


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


def attention_map(weights, rows, columns=None, title="rows attend to columns, mean of the heads"):
    """Draws how much each token attends to each.

    Args:
        weights: float [H, R, C], of each head, in [0, 1]; what is beyond the names is cut off.
        rows, columns: the tokens, strings, at most R and C; columns are the rows unless given.
        title: a line above.

    Returns:
        uint8 [height, width, 3].
    """
    columns = rows if columns is None else columns
    return heat_map(np.mean(weights, 0)[:len(rows), :len(columns)], rows, columns, cell=20,
                    numbers="", title=title)


def heat_map(values, row_names, column_names, cell=34, numbers="{:.2f}", title=""):
    """Draws a matrix as shaded cells with their numbers and the names of rows and columns.

    Args:
        values: float [R, C]; 0 is white and the largest is dark blue.
        row_names, column_names: R and C strings; of long ones the beginning is shown.
        cell: side of a cell in pixels.
        numbers: format of a cell's number; empty for none.
        title: a line above.

    Returns:
        uint8 [H, W, 3].
    """
    values = np.asarray(values, float)
    row_names, column_names = (list(map(_in_short, names)) for names in (row_names, column_names))
    font = PIL.ImageFont.load_default(_FONT_SIZE)
    left = 12 + max([int(font.getlength(name)) for name in row_names], default=0)
    top = 24 + max([int(font.getlength(name)) for name in column_names], default=0)
    rows, columns = values.shape
    size = (max(left + columns * cell, left + int(font.getlength(title))) + 8,
            top + rows * cell + 8)
    picture = PIL.Image.new("RGB", size, "white")
    draw = PIL.ImageDraw.Draw(picture)
    draw.text((left, 4), title, "black", font)
    for column, name in enumerate(column_names):  # written upwards
        label = PIL.Image.new("RGB", (top - 20, _FONT_SIZE + 4), "white")
        PIL.ImageDraw.Draw(label).text((0, 0), name, "black", font)
        picture.paste(label.rotate(90, expand=True),
                      (left + column * cell + (cell - _FONT_SIZE) // 2, 18))
    peak = values.max(initial=1e-9)
    for row in range(rows):
        draw.text((4, top + row * cell + (cell - _FONT_SIZE) // 2), row_names[row], "black", font)
        for column in range(columns):
            share = values[row, column] / peak
            colour = tuple(int(255 + share * (dark - 255)) for dark in (8, 48, 107))
            corner = (left + column * cell, top + row * cell)
            draw.rectangle((*corner, corner[0] + cell - 1, corner[1] + cell - 1), colour)
            if numbers and values[row, column] > 0:
                draw.text((corner[0] + cell // 2, corner[1] + cell // 2),
                          numbers.format(values[row, column]),
                          "white" if share > 0.5 else "black", font, anchor="mm")
    return np.asarray(picture)


def captioned(images, captions, columns=5, scale=3):
    """Lays images out with a line of text under each.

    Args:
        images: uint8 [N, H, W, C].
        captions: N strings; of long ones the beginning is shown.
        columns: images in a row.
        scale: each pixel is drawn this many times as wide and high; fewer of large images.

    Returns:
        uint8 [H', W', 3].
    """
    count, height, width, _ = images.shape
    scale = max(1, min(scale, _LARGE // max(height, width)))
    captions = list(map(_in_short, captions))
    font = PIL.ImageFont.load_default(_FONT_SIZE)
    across = max([width * scale] + [int(font.getlength(text)) for text in captions]) + 8
    down = height * scale + _FONT_SIZE + 10
    picture = PIL.Image.new("RGB", (columns * across, math.ceil(count / columns) * down), "white")
    draw = PIL.ImageDraw.Draw(picture)
    for index, (image, text) in enumerate(zip(images, captions, strict=True)):
        corner = (index % columns * across + 4, index // columns * down + 4)
        pixels = PIL.Image.fromarray(image[..., 0] if image.shape[-1] == 1 else image)
        picture.paste(pixels.convert("RGB").resize((width * scale, height * scale),
                                                   PIL.Image.Resampling.NEAREST), corner)
        draw.text((corner[0], corner[1] + height * scale + 1), text, "black", font)
    return np.asarray(picture)


def _in_short(text, length=60):
    """Returns a text in one line of at most so many characters, as a picture shows it."""
    text = text.replace("\n", "\\n")
    return text if len(text) <= length else text[:length - 1] + "…"
