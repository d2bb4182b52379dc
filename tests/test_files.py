"""Files that take their place whole or not at all, and never through a link."""

import os
import pathlib
import stat

import pytest

from tfmodels import files


def test_a_file_takes_its_place_when_it_is_whole(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("before")
    with files.replacing(path, text=True, sync=True) as file:
        file.write("né")
        assert path.read_text() == "before"
    assert path.read_bytes() == "né".encode()
    with pytest.raises(TypeError), files.replacing(path) as file:
        file.write("text where bytes are expected")
    assert path.read_bytes() == "né".encode()
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("umask", [0o022, 0o077, 0o002])
def test_others_may_read_it_as_the_umask_says(umask, tmp_path):
    before = os.umask(umask)
    try:
        with files.replacing(tmp_path / "a") as file:
            file.write(b"x")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o666 & ~umask


def test_no_link_is_written_through(tmp_path, monkeypatch):
    outside = tmp_path / "outside"
    outside.write_text("mine")
    (tmp_path / "a").symlink_to(outside)
    with files.replacing(tmp_path / "a", text=True) as file:
        file.write("new")
    assert not (tmp_path / "a").is_symlink()
    monkeypatch.setattr(files.secrets, "token_hex", lambda size: "0" * 2 * size)  # foreseen
    (tmp_path / f".{'0' * 16}.tmp").symlink_to(outside)
    with pytest.raises(FileExistsError), files.replacing(tmp_path / "b", text=True) as file:
        file.write("new")
    assert outside.read_text() == "mine"


def test_what_a_killed_process_left_is_swept_and_nothing_else(tmp_path):
    (tmp_path / "samples").mkdir()
    kept = [tmp_path / "samples" / name for name in ("a.tmp", ".a.tmp", ".a.png.tmp", "b.png")]
    for path in kept:
        path.write_text("")
    with files.replacing(tmp_path / "b") as file:
        name = pathlib.Path(file.name).name
    for folder in (tmp_path, tmp_path / "samples"):
        (folder / name).write_text("half")
    files.sweep(tmp_path)
    assert set(tmp_path.rglob("*")) == {*kept, tmp_path / "b", tmp_path / "samples"}


def test_a_link_is_removed_and_its_target_stays(tmp_path):
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "a").write_text("mine")
    for name, target in (("to folder", folder), ("to file", folder / "a"), ("to none", "none")):
        (tmp_path / name).symlink_to(target)
        files.remove(tmp_path / name)
    assert [path.name for path in tmp_path.rglob("*")] == ["folder", "a"]
    files.remove(folder / "a")
    files.remove(folder)
    assert not list(tmp_path.iterdir())
