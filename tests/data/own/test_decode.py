"""Images of every kind, each read right or refused with a reason; pixels by hand."""

import io
import struct
import zlib

import numpy as np
import PIL.Image
import pytest

from tfmodels.data.own import decode
from tfmodels.data.own.reading import Reading
from tfmodels.data.own.unreadable import Unreadable

RED, GREEN, BLUE = (255, 0, 0), (0, 255, 0), (0, 0, 255)


def saved(image, kind="PNG", **options):
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def two_by_three(mode="RGB"):
    """An image of 2 rows and 3 columns: red, green, blue; blue, red, green."""
    pixels = np.array([[RED, GREEN, BLUE], [BLUE, RED, GREEN]], np.uint8)
    return PIL.Image.fromarray(pixels).convert(mode)


def exif(orientation):
    found = PIL.Image.Exif()
    found[0x0112] = orientation
    return found


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def bomb(width, height):
    """A PNG of a few bytes that declares to be huge."""
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0,
                                                             0))
            + chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b""))


def animation():
    frames = [PIL.Image.new("RGB", (4, 4), colour) for colour in (RED, GREEN)]
    return frames[0], {"save_all": True, "append_images": frames[1:]}


def read(content, size=None, channels=None, **reading):
    return decode.decode(content, size, Reading(**reading), channels)


@pytest.mark.parametrize(("orientation", "top_left", "shape"), [
    (1, RED, (2, 3)), (2, BLUE, (2, 3)), (3, GREEN, (2, 3)), (4, BLUE, (2, 3)),
    (5, RED, (3, 2)), (6, BLUE, (3, 2)), (7, GREEN, (3, 2)), (8, BLUE, (3, 2))])
def test_images_are_turned_as_their_exif_says(orientation, top_left, shape):
    content = saved(two_by_three(), exif=exif(orientation))
    pixels = read(content)
    assert pixels.shape == (*shape, 3)
    assert tuple(pixels[0, 0]) == top_left
    assert decode.declared_size(content) == shape


@pytest.mark.parametrize(("mode", "kind"), [
    ("RGB", "PNG"), ("RGB", "BMP"), ("RGB", "TIFF"), ("RGB", "PPM"), ("RGB", "TGA"),
    ("RGBA", "PNG"), ("P", "PNG"), ("P", "GIF"), ("RGBA", "TIFF"), ("RGBA", "ICO")])
def test_lossless_files_give_their_pixels(mode, kind):
    image = PIL.Image.new("RGB", (16, 16), RED)
    image.paste(two_by_three(), (0, 0))
    assert np.array_equal(read(saved(image.convert(mode), kind)), np.asarray(image))


@pytest.mark.parametrize(("kind", "options"), [
    ("JPEG", {}), ("WEBP", {}), ("AVIF", {}), ("JPEG2000", {}), ("JPEG", {"progressive": True})])
def test_lossy_files_give_about_their_pixels(kind, options):
    pixels = read(saved(PIL.Image.new("RGB", (16, 16), (200, 100, 50)), kind, **options))
    assert np.abs(pixels.astype(int) - (200, 100, 50)).max() <= 4


def test_cmyk_becomes_rgb():
    pixels = read(saved(PIL.Image.new("CMYK", (8, 8), (0, 255, 255, 0)), "JPEG"))
    assert np.abs(pixels[4, 4].astype(int) - RED).max() <= 8


@pytest.mark.parametrize(("mode", "value", "grey"), [
    ("L", 77, 77), ("1", 255, 255), ("1", 0, 0), ("I;16", 65_535, 255), ("I;16", 257, 1),
    ("I;16", 4096, 15), ("I;16", 0, 0)])
def test_grey_has_one_channel(mode, value, grey):
    pixels = read(saved(PIL.Image.new(mode, (4, 4), value)))
    assert pixels.shape == (4, 4, 1)
    assert (pixels == grey).all()
    assert (read(saved(PIL.Image.new(mode, (4, 4), value)), channels=3) == grey).all()


def test_floating_point_is_from_0_to_1():
    assert (read(saved(PIL.Image.new("F", (4, 4), 0.5), "TIFF")) == 128).all()
    with pytest.raises(Unreadable, match="out of 0 to 1"):
        read(saved(PIL.Image.new("F", (4, 4), 300.0), "TIFF"))


@pytest.mark.parametrize(("mode", "pixel", "shown"), [
    ("RGBA", (255, 0, 0, 0), BLUE), ("RGBA", (255, 0, 0, 255), RED),
    ("RGBA", (255, 0, 0, 51), (51, 0, 204)), ("LA", (100, 0), BLUE)])
def test_transparent_pixels_lie_over_the_background(mode, pixel, shown):
    content = saved(PIL.Image.new(mode, (4, 4), pixel))
    assert np.abs(read(content, channels=3, background="blue")[1, 1].astype(int) - shown).max() <= 1


def test_a_transparent_colour_of_a_palette_lies_over_the_background():
    image = PIL.Image.new("P", (4, 4), 0)
    image.putpalette([*RED, *GREEN])
    assert tuple(read(saved(image, transparency=0), background="#0000ff")[0, 0]) == BLUE


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG", "TIFF"])
def test_of_an_animation_the_first_frame_is_read(kind):
    frame, options = animation()
    options |= {"lossless": True} if kind == "WEBP" else {}
    assert tuple(read(saved(frame, kind, **options))[1, 1]) == RED


@pytest.mark.parametrize(("content", "why"), [
    (b"", "empty"), (b"hello", "no image"), (b"<svg xmlns='x'/>", "text"), (b"%PDF-1.4", "PDF"),
    (b"PK\3\4aaaaaaaaa", "ZIP"), (b"\x89PNG\r\n\x1a\n", "image|broken|cut"),
    (saved(PIL.Image.effect_noise((64, 64), 60))[:1500], "cut short|broken"),
    (saved(PIL.Image.effect_noise((64, 64), 60), "JPEG")[:700], "cut short"),
    (saved(PIL.Image.effect_noise((64, 64), 60), "GIF")[:900], "cut short|image"),
    (bomb(60_000, 60_000), "declares more than"), (bomb(2**31 - 1, 2**31 - 1), "declares"),
    (bomb(12_000, 12_000), "declares 12000x12000"),
    (bomb(0, 5), "image|pixels"), (b"\xff\xd8\xff\xe0" + b"\0" * 50, "image|cut|broken")],
    ids=map(str, range(14)))
def test_what_is_no_image_is_told(content, why):
    with pytest.raises(Unreadable, match=why):
        read(content)


def test_broken_exif_turns_nothing():
    content = saved(two_by_three(), exif=b"Exif\0\0II*\0" + b"\xff" * 30)
    assert tuple(read(content)[0, 0]) == RED


@pytest.mark.parametrize(("resize", "corner", "centre"), [
    ("crop", GREEN, GREEN), ("pad", BLUE, GREEN), ("stretch", RED, GREEN)])
def test_images_are_brought_to_a_size(resize, corner, centre):
    image = PIL.Image.new("RGB", (300, 100), RED)  # its middle third is green
    image.paste(PIL.Image.new("RGB", (100, 100), GREEN), (100, 0))
    pixels = read(saved(image), (20, 20), resize=resize, background="blue")
    assert pixels.shape == (20, 20, 3)
    assert np.abs(pixels[0, 2].astype(int) - corner).max() <= 1
    assert np.abs(pixels[10, 10].astype(int) - centre).max() <= 1


@pytest.mark.parametrize("size", [(8, 8), (37, 41), (200, 30)])
def test_a_jpeg_is_brought_to_a_size_as_other_files_are(size):
    x, y = np.meshgrid(np.linspace(0, 255, 640), np.linspace(0, 255, 480))
    image = PIL.Image.fromarray(np.stack([x, y, 255 - x], -1).astype(np.uint8))
    pair = (read(saved(image, *kind), size) for kind in (("JPEG", ), ("PNG", )))
    jpeg, png = (pixels.astype(int) for pixels in pair)
    assert np.abs(jpeg - png).max() <= 8


def test_pixels_with_four_channels_keep_them_unless_told_otherwise():
    pixels = np.zeros((5, 7, 4), np.uint8)
    pixels[..., 3] = 9
    assert np.array_equal(read(pixels), pixels)
    assert read(pixels, (3, 4)).shape == (3, 4, 4)
    assert read(pixels, channels=1).shape == (5, 7, 1)


def test_png_gives_back_what_was_encoded():
    for channels in (1, 3, 4):
        pixels = np.random.default_rng(0).integers(0, 256, (6, 5, channels), np.uint8)
        decoded = np.asarray(PIL.Image.open(io.BytesIO(decode.encode(pixels))))
        assert np.array_equal(decoded.reshape(pixels.shape), pixels)


def test_damaged_files_are_refused_and_never_crash():
    rng = np.random.default_rng(0)
    image = PIL.Image.effect_noise((24, 24), 80)
    whole = [saved(image.convert(mode), kind) for mode, kind in (
        ("RGB", "JPEG"), ("RGB", "PNG"), ("P", "GIF"), ("RGB", "WEBP"), ("RGB", "BMP"),
        ("RGB", "TIFF"), ("CMYK", "JPEG"), ("RGBA", "PNG"), ("L", "PPM"), ("RGB", "TGA"))]
    read_right = 0
    for turn in range(1000):
        content = bytearray(whole[turn % len(whole)])
        if turn % 3:
            for place in rng.integers(0, len(content), rng.integers(1, 30)):
                content[place] = rng.integers(256)
        else:
            del content[rng.integers(len(content)):]
        try:
            pixels = read(bytes(content), (8, 8), channels=3)
        except Unreadable:
            continue
        assert pixels.shape == (8, 8, 3)
        read_right += 1
    assert 0 < read_right < 1000
