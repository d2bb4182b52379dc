"""Scores and pictures of predicted numbers."""

import numpy as np
import PIL.Image
import PIL.ImageDraw
import PIL.ImageFont

_SIDE, _LEFT, _BOTTOM = 240, 60, 34  # pixels of the plot, and of its margins


def scores(predicted, values, spread):
    """Returns R², RMSE and MAE of predictions [N], and the mean squared error in units of a spread.

    Where all values are the same, there is no R².
    """
    error = np.asarray(predicted, np.float64) - values
    found = {"rmse": float(np.sqrt(np.mean(error**2))), "mae": float(np.mean(abs(error))),
             "loss": float(np.mean((error / spread) ** 2))}
    total = np.sum((values - np.mean(values, dtype=np.float64)) ** 2)
    return ({"r2": float(1 - np.sum(error**2) / total)} if total else {}) | found


def scatter(predicted, values, title):
    """Draws predictions [N] against what is true [N], with the line on which they are equal.

    Returns:
        uint8 [H, W, 3].
    """
    both = np.concatenate([predicted, values])
    low, high = both.min(), both.max()
    span = (high - low) or 1
    picture = PIL.Image.new("RGB", (_LEFT + _SIDE + 10, _SIDE + 20 + _BOTTOM), "white")
    draw, font = PIL.ImageDraw.Draw(picture), PIL.ImageFont.load_default(12)
    draw.text((4, 1), title, "black", font)
    draw.rectangle((_LEFT, 20, _LEFT + _SIDE, 20 + _SIDE), outline=(200, 200, 200))
    draw.line((_LEFT, 20 + _SIDE, _LEFT + _SIDE, 20), (200, 200, 200))
    for true, told in zip(values, predicted, strict=True):
        x = _LEFT + (true - low) / span * _SIDE
        y = 20 + _SIDE - (told - low) / span * _SIDE
        draw.ellipse((x - 2, y - 2, x + 2, y + 2), fill=(8, 48, 107))
    for number, anchor, place in ((low, "l", _LEFT), (high, "r", _LEFT + _SIDE)):
        draw.text((place, 22 + _SIDE), f"{number:.4g}", "black", font, f"{anchor}a")
    for number, anchor, place in ((low, "d", 20 + _SIDE), (high, "a", 20)):
        draw.text((_LEFT - 4, place), f"{number:.4g}", "black", font, f"r{anchor}")
    draw.text((_LEFT + _SIDE // 2, 22 + _SIDE), "true", "black", font, "ma")
    return np.asarray(picture)


def largest_errors(predicted, values, count=20):
    """Returns the indices of the worst predictions, the worst first."""
    return np.argsort(-abs(predicted - values), kind="stable")[:count]
