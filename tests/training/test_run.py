"""The run folder: lock, manifest, refusal of another configuration."""

import json
import os
import signal
import subprocess
import sys

import pytest

from tfmodels import files
from tfmodels.errors import BusyError, CheckpointError, InputError, StorageError
from tfmodels.training import manifest as manifests
from tfmodels.training import run as runs


def _manifest(**settings):
    return manifests.describe({"steps": 10, "data_dir": "", "width": 3} | settings, {"steps"},
                              ["x"])


def test_second_process_is_refused_and_the_lock_dies_with_its_holder(tmp_path):
    code = ("import sys, time; from tfmodels.training.run import RunFolder\n"
            "folder = RunFolder(sys.argv[1], create=True)\n"
            "print('held', flush=True); time.sleep(60)")
    holder = subprocess.Popen([sys.executable, "-c", code, str(tmp_path / "run")],
                              stdout=subprocess.PIPE, text=True)
    try:
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(BusyError, match=str(holder.pid)):
            runs.RunFolder(tmp_path / "run", create=True)
    finally:
        holder.send_signal(signal.SIGKILL)
        holder.communicate()
    runs.RunFolder(tmp_path / "run", create=True).close()


def test_a_run_that_was_not_begun_leaves_no_trace_and_one_that_was_is_kept(tmp_path):
    runs.RunFolder(tmp_path / "logs" / "dense" / "a", create=True).close()
    assert not list(tmp_path.iterdir())
    folder = runs.RunFolder(tmp_path / "logs" / "dense" / "b", create=True)
    folder.begin({"x": 1}, replace=False)
    folder.close()
    assert [path.name for path in tmp_path.rglob("*")] == ["logs", "dense", "b", "manifest.json"]


def test_a_lock_unlinked_between_open_and_flock_admits_no_second_process(tmp_path, monkeypatch):
    """The holder closes, and a third process begins, after the second one opened the lock."""
    path = tmp_path / "run"
    first = runs.RunFolder(path, create=True)
    flock, third = runs.fcntl.flock, []

    def interleaved(file, how):
        if not third:
            third.append(None)
            first.close()
            third[0] = runs.RunFolder(path, create=True)
        return flock(file, how)
    monkeypatch.setattr(runs.fcntl, "flock", interleaved)
    with pytest.raises(BusyError):
        runs.RunFolder(path, create=True)
    third[0].close()


class _Killed(BaseException):
    """Stands for SIGKILL: nothing more is done."""


@pytest.mark.parametrize("moment", range(7))
def test_killed_while_a_run_is_replaced_one_of_the_two_stands_whole(moment, tmp_path, monkeypatch):
    folder = runs.RunFolder(tmp_path / "a", create=True)
    folder.begin({"run": "old"}, replace=False)
    for name in ("checkpoints/step-00000040/variables", "export/1/saved_model.pb"):
        (folder.path / name).parent.mkdir(parents=True)
        (folder.path / name).write_text("old")
    left = [moment]

    def killed(function):
        def call(*args, **kwargs):
            if not left[0]:
                raise _Killed
            left[0] -= 1
            return function(*args, **kwargs)
        return call
    with monkeypatch.context() as patch:
        for name in ("replace", "unlink", "rmdir"):
            patch.setattr(os, name, killed(getattr(os, name)))
        with pytest.raises(_Killed):
            folder.begin({"run": "new"}, replace=True)
    folder._lock.close()
    again = runs.RunFolder(tmp_path / "a")
    files = {str(path.relative_to(again.path)) for path in again.path.rglob("*")
             if path.is_file()}
    assert again.manifest == {"run": "old" if moment < 3 else "new"}
    assert files == {"manifest.json"} | ({
        "checkpoints/step-00000040/variables", "export/1/saved_model.pb"} if moment < 3 else set())
    again.close()
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_missing_run_and_unwritable_place(tmp_path):
    with pytest.raises(CheckpointError, match="no run at"):
        runs.RunFolder(tmp_path / "none")
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="file"):
        runs.RunFolder(tmp_path / "file" / "run", create=True)


@pytest.mark.parametrize("kind", ["lock", "new", "old"])
def test_links_beside_a_run_are_not_followed(kind, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "kept").write_text("kept")
    (tmp_path / f".a.{kind}").symlink_to(outside if kind != "lock" else outside / "kept")
    with pytest.raises(InputError, match="symbolic link"):
        runs.RunFolder(tmp_path / "a", create=True)
    assert (outside / "kept").read_text() == "kept"


def test_manifest_is_shown_as_tables():
    shown = manifests.as_markdown(_manifest(dataset="a|b") | {"data": {"splits": {"train": [1]}}})
    for row in ("| steps | `10` | flag |", "| data_dir |  | default |",
                "| dataset | `a|b` | default |", "| data splits train | `[1]` |"):
        assert row in shown.splitlines()


def test_manifest_says_where_each_value_came_from():
    manifest = _manifest()
    assert manifest["settings"]["steps"] == {"value": 10, "from": "flag"}
    assert manifest["settings"]["width"] == {"value": 3, "from": "default"}
    assert manifests.settings_of(manifest) == {"steps": 10, "data_dir": "", "width": 3}
    assert manifest["versions"]["python"].startswith(f"{sys.version_info[0]}.")
    assert manifest["machine"]["cores"] == os.cpu_count()
    json.dumps(manifest)


def test_another_configuration_is_refused_by_name():
    manifest = _manifest()
    same = {"steps": 10, "data_dir": "/elsewhere", "width": 3}
    manifests.check_same(manifest, same, {})
    manifests.check_same(manifest, same | {"steps": 11}, {})
    with pytest.raises(InputError, match="width: the run has 3, now 4"):
        manifests.check_same(manifest, same | {"width": 4}, {})
    column = {"column": ""}
    with pytest.raises(InputError, match="column: the run has '', now en"):
        manifests.check_same(manifest, same | {"column": "en"}, column)
    with pytest.raises(InputError, match="steps: the run has 10, now fewer: 9"):
        manifests.check_same(manifest, same | {"steps": 9}, {})


def test_a_run_of_before_a_setting_was_there_has_its_default():
    manifest, same = _manifest(), {"steps": 10, "data_dir": "", "width": 3, "resize": "crop"}
    manifests.check_same(manifest, same, {"resize": "crop"})
    with pytest.raises(InputError, match="resize: the run has crop, now pad"):
        manifests.check_same(manifest, same | {"resize": "pad"}, {"resize": "crop"})
    with pytest.raises(InputError, match="other settings .resize. than"):
        manifests.check_same(manifest, same, {})


def test_json_is_written_whole_or_not_at_all(tmp_path):
    files.write_json(tmp_path / "a.json", {"x": "é"})
    with pytest.raises(TypeError):
        files.write_json(tmp_path / "a.json", {"x": object()})
    assert files.read_json(tmp_path / "a.json") == {"x": "é"}
    assert files.read_json(tmp_path / "none.json") is None
    (tmp_path / "bad.json").write_text("{")
    with pytest.raises(CheckpointError, match="damaged"):
        files.read_json(tmp_path / "bad.json")


@pytest.mark.parametrize("place", ["samples/.worst_mistakes-00000040.png.tmp", "train/tmp-events",
                                   "checkpoints/step-00000004/contents.json", "export/1/variables",
                                   "lock", "a/b/c/d"])
@pytest.mark.parametrize("kind", ["file", "folder", "nothing", "pipe"])
def test_what_is_no_file_or_folder_of_its_own_is_refused_at_any_depth(place, kind, tmp_path):
    run, outside = tmp_path / "dense" / "a", tmp_path / "outside"
    (run / place).parent.mkdir(parents=True)
    (run / "manifest.json").write_text("{}")
    if kind == "pipe":
        os.mkfifo(run / place)
    else:
        (run / place).symlink_to(outside)
    if kind == "folder":
        outside.mkdir()
    if kind == "file":
        outside.write_text("mine")
    expected = "is a pipe or a device" if kind == "pipe" else "is a symbolic link"
    with pytest.raises(InputError, match=f"{run / place} {expected}"):
        runs.RunFolder(run, create=True)
    if kind == "file":
        assert outside.read_text() == "mine"


def test_json_is_not_written_through_links(tmp_path):
    outside = tmp_path / "outside"
    outside.write_text("mine")
    for name in (".a.json.tmp", "a.json"):
        (tmp_path / name).symlink_to(outside)
    files.write_json(tmp_path / "a.json", {"x": 1})
    assert outside.read_text() == "mine"
    assert files.read_json(tmp_path / "a.json") == {"x": 1}


def test_leftovers_of_a_killed_process_are_swept(tmp_path):
    for name in ("samples/.0123456789abcdef.tmp", ".fedcba9876543210.tmp"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("half")
    runs.RunFolder(tmp_path).close()
    assert not list(tmp_path.rglob("*.tmp"))
