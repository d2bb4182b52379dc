"""`--mode=evaluate --samples`: images from anywhere get a card; bad files get one message."""

import io
import json
import tracemalloc
import warnings
import zipfile
import zlib

import numpy as np
import PIL.Image
import pytest
import sklearn.datasets
from common import DIGITS

from tfmodels.evaluation import sample_files

EVALUATE = ["--mode=evaluate", DIGITS]


@pytest.fixture(scope="module")
def images():
    """60 digits of 8x8 pixels, of the training split of `tiny_digits`, uint8 [60, 8, 8]."""
    return (sklearn.datasets.load_digits().images[:60] * 255 / 16).astype(np.uint8)


@pytest.fixture
def score(launch, data_dir, tmp_path):
    """Scores a path; returns the exit code, the card and what was printed."""
    def call(path, *flags):
        out = tmp_path / "card.json"
        code, printed, err = launch(*EVALUATE, f"--samples={path}", f"--data_dir={data_dir}",
                                    f"--out={out}", *flags)
        assert code == 0, err
        return json.loads(out.read_text()), printed
    return call


def write_folder(folder, images, mode="L"):
    """Writes images as PNGs beside a file that is none."""
    folder.mkdir()
    (folder / "notes.txt").write_text("60 digits")
    for index, image in enumerate(images):
        PIL.Image.fromarray(image).convert(mode).save(folder / f"{index:03}.png")
    return folder


def test_npz_and_pngs_of_any_mode_get_the_same_whole_card(images, score, tmp_path):
    np.savez(tmp_path / "a.npz", labels=np.zeros(60), images=images)
    card, printed = score(tmp_path / "a.npz")
    assert card["samples"] == 60
    assert card["dataset"] == "tiny_digits"
    assert len(card["extractor"]) == 64
    assert set(card["intervals"]) == set(card["metrics"])
    assert set(card["baselines"]) == {"real_images", "pixel_gaussian"}
    for name, value in card["metrics"].items():
        assert name.startswith("test_")
        assert f"{name} {value:.4g} [" in printed
        assert name in card["baselines"]["real_images"]
    assert card["metrics"]["test_classes_present"] == 10
    assert card["metrics"]["test_nearest_train_ratio"] == 0  # they are training images
    for mode in ("L", "RGB", "RGBA"):
        found, _ = score(write_folder(tmp_path / mode, images, mode))
        assert found["metrics"] == card["metrics"]


def test_npz_of_any_accepted_shape_is_read_alike(images, tmp_path):
    colour = np.repeat(images[..., None], 3, axis=-1)
    for name, array in {"grey": images, "one channel": images[..., None], "rgb": colour}.items():
        np.savez_compressed(tmp_path / f"{name}.npz", array)
        read = sample_files.with_channels(sample_files.read(tmp_path / f"{name}.npz"), 1)
        np.testing.assert_array_equal(read[..., 0], images)
    assert (sample_files.with_channels(images[..., None], 3) == colour).all()


def _npz(**arrays):
    file = io.BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()


def _header_of(width, height):
    """A PNG that says it is huge and holds next to nothing."""
    def chunk(kind, content):
        body = kind + content
        return len(content).to_bytes(4, "big") + body + zlib.crc32(body).to_bytes(4, "big")
    header = width.to_bytes(4, "big") + height.to_bytes(4, "big") + bytes([8, 0, 0, 0, 0])
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b""))


def _png(array):
    file = io.BytesIO()
    PIL.Image.fromarray(array).save(file, "PNG")
    return file.getvalue()


def _npy(shape, held=0):
    """An array that claims a shape, and `held` bytes."""
    array = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        array, {"shape": shape, "fortran_order": False, "descr": "|u1"})
    return array.getvalue() + bytes(held)


def _archive(*members, packed=zipfile.ZIP_STORED):
    """An archive of (name, content)."""
    file = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(file, "w", packed) as archive:
        warnings.simplefilter("ignore")  # of two members of one name
        for name, content in members:
            archive.writestr(name, content)
    return file.getvalue()


def _declared(content, held, declared):
    """An archive whose directory declares another size of its only member than it has."""
    directory = content.index(b"PK\x01\x02")
    place = content.index(held.to_bytes(4, "little"), directory)
    return content[:place] + declared.to_bytes(4, "little") + content[place + 4:]


GREY = np.arange(64, dtype=np.uint8).reshape(8, 8)
ALPHA = np.zeros((8, 8, 4), np.uint8)
BAD_FOLDERS = {
    "empty": ({}, "no .png files in"),
    "no PNGs": ({"a.txt": b"text"}, "no .png files in"),
    "a text": ({"a.png": b"no picture"}, "a.png is not a PNG image"),
    "a JPEG by another name": ({"a.png": b"\xff\xd8\xff\xe0" + bytes(99)}, "not a PNG image"),
    "cut short": ({"a.png": _png(np.random.default_rng(0).integers(
        0, 256, (64, 64, 3)).astype(np.uint8))[:900]}, "not a PNG image"),
    "mixed sizes": ({"a.png": _png(GREY), "b.png": _png(GREY[:4])}, "b.png 8x4"),
    "16 bits": ({"a.png": _png(GREY.astype(np.uint16))}, "8 bits a channel"),
    "transparent": ({"a.png": _png(ALPHA)}, "transparent"),
    "too few": ({f"{i}.png": _png(GREY) for i in range(9)}, "holds 9 images: expected at least 10"),
    "a huge one": ({"a.png": _header_of(5_000, 5_000)}, "sides of 1 to 1024"),
    "a bomb": ({"a.png": _header_of(60_000, 60_000)}, "could be decompression bomb"),
}
BAD_FILES = {
    "a.txt": (b"text", "expected a folder of PNG files or an .npz"),
    "grid.png": (_png(GREY), "expected a folder of PNG files or an .npz"),
    "text.npz": (b"text", "not an .npz file of plain arrays"),
    "none.npz": (_npz(), "holds no array"),
    "pickled.npz": (_npz(images=np.array([{"a": 1}] * 20)), "type object: expected uint8"),
    "floats.npz": (_npz(images=np.zeros((20, 8, 8), np.float32)), "type float32: expected uint8"),
    "flat.npz": (_npz(images=np.zeros((20, 64), np.uint8)), "shape (20, 64): expected [N, H, W]"),
    "alpha.npz": (_npz(images=np.zeros((20, 8, 8, 4), np.uint8)), "shape (20, 8, 8, 4)"),
    "few.npz": (_npz(images=np.zeros((9, 8, 8), np.uint8)), "holds 9 images"),
    "empty.npz": (_npz(images=np.zeros((20, 0, 8), np.uint8)), "sides of 1 to 1024"),
    "large.npz": (_npz(images=np.zeros((20, 2, 2000), np.uint8)), "sides of 1 to 1024"),
    "claims.npz": (_archive(("images.npy", _npy((10**7, 10**3, 10**3)))), "claims.npz"),
    "fewer.npz": (_archive(("images.npy", _npy((20, 8, 8), 1279))), "holds 1,279 pixels"),
    "more.npz": (_archive(("images.npy", _npy((20, 8, 8), 1281))), "expected 1,280"),
    "negative.npz": (_archive(("images.npy", _npy((-20, 8, 8), 9))), "shape (-20, 8, 8)"),
    "two names.npz": (_archive(("images", _npy((20, 8, 8), 1280)),
                               ("images.npy", _npy((20, 8, 8), 1280))), "2 arrays 'images'"),
    "one name.npz": (_archive(*[("images.npy", _npy((20, 8, 8), 1280))] * 3), "3 arrays 'images'"),
    "others.npz": (_archive(("images.npy", _npy((20, 8, 8), 1280)), ("y.npy", b""), ("y", b"")),
                   "2 arrays 'y'"),
    "bzip2.npz": (_archive(("images.npy", _npy((20, 8, 8), 1280)), packed=zipfile.ZIP_BZIP2),
                  "expected savez or savez_compressed"),
    "other size.npz": (_npz(images=np.zeros((20, 9, 9), np.uint8)), "9x9 pixels, tiny_digits of 8"),
}


def _refused(launch, data_dir, path, expected):
    code, out, err = launch(*EVALUATE, f"--samples={path}", f"--data_dir={data_dir}")
    assert (code, out) == (1, "")
    assert expected in err
    assert err.startswith("error: ")
    assert len(err.splitlines()) <= 3


@pytest.mark.parametrize("name", BAD_FOLDERS)
def test_bad_folder_gets_one_message_and_code_1(name, launch, data_dir, tmp_path):
    files, expected = BAD_FOLDERS[name]
    for file, content in files.items():
        (tmp_path / file).write_bytes(content)
    _refused(launch, data_dir, tmp_path, expected)


@pytest.mark.parametrize("name", BAD_FILES)
def test_bad_file_gets_one_message_and_code_1(name, launch, data_dir, tmp_path):
    content, expected = BAD_FILES[name]
    (tmp_path / name).write_bytes(content)
    _refused(launch, data_dir, tmp_path / name, expected)


@pytest.mark.parametrize("name", ["images", "images.npy"])
def test_what_is_bounded_is_what_is_read(name, monkeypatch, tmp_path):
    """Whichever member of the two is large, and whatever size the archive declares for it."""
    monkeypatch.setattr(sample_files, "_MOST_BYTES", 10_000)
    large, small = _npy((10_000, 8, 8), 640_000), _npy((20, 8, 8), 1280)
    members = {"images": small, "images.npy": small} | {name: large}
    (tmp_path / "a.npz").write_bytes(_archive(*members.items(), packed=zipfile.ZIP_DEFLATED))
    with pytest.raises(sample_files.InputError, match="2 arrays 'images'"):
        sample_files.read(tmp_path / "a.npz")
    for array in (large, _npy((20, 8, 8), 640_000)):
        archive = _archive((name, array), packed=zipfile.ZIP_DEFLATED)
        (tmp_path / "b.npz").write_bytes(_declared(archive, len(array), 1408))
        tracemalloc.start()
        with pytest.raises(sample_files.InputError, match=r"more than 10,000 bytes|Bad CRC-32"):
            sample_files.read(tmp_path / "b.npz")
        assert tracemalloc.get_traced_memory()[1] < 300_000
        tracemalloc.stop()


def test_unpacked_size_is_bounded_before_unpacking(monkeypatch, tmp_path):
    monkeypatch.setattr(sample_files, "_MOST_BYTES", 10_000)
    np.savez_compressed(tmp_path / "bomb.npz", images=np.zeros((1000, 8, 8), np.uint8))
    with pytest.raises(sample_files.InputError, match="64,128 bytes: expected at most 10,000"):
        sample_files.read(tmp_path / "bomb.npz")
    folder = write_folder(tmp_path / "many", [GREY] * 60)
    with pytest.raises(sample_files.InputError, match="60 images of 8x8 pixels are more"):
        sample_files.read(folder)


@pytest.mark.parametrize(("flags", "expected"), [
    (["--samples=none"], "none does not exist"),
    (["--samples=a", "--mode=sample"], "expected --mode=evaluate"),
    (["--samples=a", "--run=gan/a"], "neither --experiment nor --run"),
    (["--samples=a", "--steps=5"], "--steps: --samples takes only"),
    (["--samples=a", "--dataset=mnist_10"], "did you mean mnist_10k?"),
    (["--samples=a", "--out=/none/card.json"], "a folder that exists")])
def test_wrong_flags_get_one_message_and_code_1(flags, expected, launch):
    code, out, err = launch("--mode=evaluate", *flags)
    assert (code, out) == (1, "")
    assert expected in err
