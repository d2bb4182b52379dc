"""Pictures for TensorBoard: what is drawn where, and whether it can be read there."""

import io

import numpy as np
import PIL.Image
import pytest

from tfmodels.evaluation import classification, pictures
from tfmodels.training import events


def test_grid_lays_images_out_row_by_row():
    images = np.arange(3 * 2 * 2, dtype=np.uint8).reshape(3, 2, 2, 1)
    picture = pictures.grid(images, columns=2)
    assert picture.shape == (5, 5, 1)
    np.testing.assert_array_equal(picture[:2, 3:], images[1])
    np.testing.assert_array_equal(picture[3:, :2], images[2])
    assert (picture[2] == 255).all()
    assert (picture[3:, 3:] == 255).all()


def test_heat_map_shades_by_value():
    picture = pictures.heat_map([[0.0, 1.0]], ["a"], ["b", "c"])
    assert picture.dtype == np.uint8
    assert {(255, 255, 255), (8, 48, 107)} <= {tuple(pixel) for pixel in picture.reshape(-1, 3)}


def test_what_a_card_of_tensorboard_shows_fits_its_size():
    """TensorBoard drops pixels of larger pictures, and so the strokes of their letters."""
    digits = [f"{number} - {number}" for number in range(10)]
    genres = ["law", "history", "wisdom", "major prophets", "minor prophets", "gospels and acts",
              "epistles", "apocalypse"]
    tokens = [f"token {number}" for number in range(45)]
    for picture in (classification.confusion_picture(np.arange(10), np.arange(10), digits),
                    classification.confusion_picture(np.arange(8), np.arange(8), genres),
                    pictures.attention(np.eye(45)[None], tokens),
                    pictures.captioned(np.zeros((10, 28, 28, 1), np.uint8), ["3 > 8 100%"] * 10)):
        assert picture.shape[0] <= 240
        assert picture.shape[1] <= 350


def test_attention_of_a_long_text_is_that_of_its_beginning():
    tokens = [f"token {number}" for number in range(45)]
    weights = np.random.default_rng(0).uniform(size=(2, 45, 30))
    weights[:, 0, 0] = 1.0  # so that the shades of both are of the same scale
    whole = pictures.attention(weights, tokens, tokens[:30], title="")
    start = pictures.heat_map(weights.mean(0)[:12, :12], tokens[:12], tokens[:12])
    np.testing.assert_array_equal(whole[16:, :start.shape[1] - 4], start[16:, :-4])


def test_shares_are_written_as_whole_percent():
    def dark_pixels(share):
        return (pictures.heat_map([[share, 1.0]], ["a"], ["b", "c"], percent=True) < 128).sum()
    assert dark_pixels(0.004) > dark_pixels(0.0)  # black on white
    assert dark_pixels(0.12) > dark_pixels(0.0)
    assert pictures._percent(0.004) == "<1"
    assert pictures._percent(0.126) == "13"
    assert pictures._percent(1.0) == "100"


def test_images_stand_above_what_was_made_of_them():
    images = np.arange(3, dtype=np.uint8).reshape(3, 1, 1, 1)
    picture = pictures.beside(images, images + 100, columns=2)[::2, ::2, 0]
    assert picture.tolist() == [[0, 1], [100, 101], [2, 255], [102, 255]]


@pytest.mark.parametrize(("mode", "colour"), [("L", 9), ("RGB", (200, 30, 90)), ("RGBA", (0,) * 4)])
def test_animation_shows_frame_after_frame(mode, colour):
    frames = [PIL.Image.new(mode, (20, 10), colour), PIL.Image.new(mode, (20, 10), "black")]
    content, size = pictures.animation(frames, ["step 1", "step 2"])
    with PIL.Image.open(io.BytesIO(content)) as gif:
        assert gif.format == "GIF"
        assert gif.size == size == (340, 194)  # pixels of 17 by 17, below a line of text
        assert gif.n_frames == 2
        found = []
        for frame in range(2):
            gif.seek(frame)
            found.append(gif.convert("RGB").getpixel((100, 100)))
    expected = {"L": (9, 9, 9), "RGB": colour, "RGBA": (255, 255, 255)}[mode]
    np.testing.assert_allclose(found, [expected, (0, 0, 0)], atol=4)


def test_values_are_chosen_evenly_from_first_to_last():
    assert pictures.evenly([1, 2, 3], 3) == [1, 2, 3]
    assert pictures.evenly(list(range(101)), 5) == [0, 25, 50, 75, 100]


def test_thumbnails_are_means_of_cells_and_small_images_stay():
    random = np.random.default_rng(2)
    images = random.integers(0, 256, (3, 64, 32, 4)).astype(np.uint8)
    cells = images.reshape(3, 32, 2, 16, 2, 4).mean((2, 4))
    np.testing.assert_allclose(pictures.thumbnails(images, 32), cells, atol=0.5)
    np.testing.assert_array_equal(pictures.thumbnails(images, 64), images)
    odd = random.integers(0, 256, (2, 37, 41, 1)).astype(np.uint8)
    small = pictures.thumbnails(odd, 32)
    assert small.shape == (2, 29, 32, 1)
    assert small.mean() == pytest.approx(odd.mean(), abs=8)
    assert (pictures.thumbnails(np.full((1, 37, 1001, 3), 9, np.uint8), 32) == 9).all()


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_pictures_of_any_channels_are_laid_out_and_written(channels, tmp_path):
    images = np.random.default_rng(3).integers(0, 256, (3, 5, 4, channels)).astype(np.uint8)
    picture = pictures.grid(images)
    events.save_png(tmp_path / "a.png", picture)
    read = np.asarray(PIL.Image.open(tmp_path / "a.png"))
    np.testing.assert_array_equal(read.reshape(picture.shape), picture)
    assert pictures.captioned(images, ["a", "b", "c"]).shape[-1] == 3


def test_what_is_transparent_is_drawn_white_above_its_caption():
    images = np.zeros((1, 64, 64, 4), np.uint8)  # black, could it be seen
    images[:, :, 32:, 3] = 255
    drawn = pictures.captioned(images, [""])
    assert (drawn[4:68, 4:36] == 255).all()
    assert (drawn[4:68, 36:68] == 0).all()


def test_small_images_are_drawn_larger_above_their_captions():
    images = np.full((2, 8, 8, 1), 255, np.uint8)
    images[:, :, 4:] = 0
    drawn = pictures.captioned(images, ["", ""], columns=2)
    assert drawn.shape == (86, 144, 3)
    for left in (4, 76):  # eight times as large
        assert (drawn[4:68, left:left + 32] == 255).all()
        assert (drawn[4:68, left + 32:left + 64] == 0).all()
