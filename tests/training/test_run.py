"""The run folder: lock, manifest, refusal of another configuration."""

import json
import os
import signal
import subprocess
import sys

import pytest

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
    runs.RunFolder(tmp_path / "run").close()


def test_empty_folder_is_removed_and_a_used_one_kept(tmp_path):
    runs.RunFolder(tmp_path / "a", create=True).close()
    assert not (tmp_path / "a").exists()
    folder = runs.RunFolder(tmp_path / "b", create=True)
    folder.write_manifest({"x": 1})
    folder.close()
    assert (tmp_path / "b" / "manifest.json").exists()


def test_missing_run_and_unwritable_place(tmp_path):
    with pytest.raises(CheckpointError, match="no run at"):
        runs.RunFolder(tmp_path / "none")
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="file"):
        runs.RunFolder(tmp_path / "file" / "run", create=True)


def test_clear_keeps_only_the_lock(tmp_path):
    folder = runs.RunFolder(tmp_path / "a", create=True)
    (folder.path / "train").mkdir()
    (folder.path / "outside").symlink_to(tmp_path)
    folder.write_metrics({})
    folder.clear()
    assert [entry.name for entry in folder.path.iterdir()] == ["lock"]
    assert tmp_path.exists()
    folder.close()


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
    manifests.check_same(manifest, same)
    manifests.check_same(manifest, same | {"steps": 11})
    with pytest.raises(InputError, match="--width: the run has 3, now 4"):
        manifests.check_same(manifest, same | {"width": 4})
    with pytest.raises(InputError, match="--steps: the run has 10, now fewer: 9"):
        manifests.check_same(manifest, same | {"steps": 9})


def test_json_is_written_whole_or_not_at_all(tmp_path):
    runs.write_json(tmp_path / "a.json", {"x": "é"})
    with pytest.raises(TypeError):
        runs.write_json(tmp_path / "a.json", {"x": object()})
    assert runs.read_json(tmp_path / "a.json") == {"x": "é"}
    assert runs.read_json(tmp_path / "none.json") is None
    (tmp_path / "bad.json").write_text("{")
    with pytest.raises(CheckpointError, match="damaged"):
        runs.read_json(tmp_path / "bad.json")


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
    runs.write_json(tmp_path / "a.json", {"x": 1})
    assert outside.read_text() == "mine"
    assert runs.read_json(tmp_path / "a.json") == {"x": 1}
