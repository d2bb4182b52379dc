"""Nothing of a stranger's runs, nothing leaves its folder, no secret is written."""

import ast
import json
import os
import pickle
import re
import shutil
import zipfile

import keras
import pytest
from common import DIGITS, ROOT, TINY

SOURCES = [path for package in ("experiments", "tfmodels")
           for path in (ROOT / package).rglob("*.py")]

ESCAPES = {
    "run ..": ["--experiment=dense", "--run=.."],
    "run .": ["--experiment=dense", "--run=."],
    "run ...": ["--experiment=dense", "--run=..."],
    "run absolute": ["--experiment=dense", "--run=/tmp/x"],
    "run with a parent": ["--experiment=dense", "--run=../x"],
    "run with a child": ["--experiment=dense", "--run=x/y"],
    "run with a backslash": ["--experiment=dense", "--run=x\\y"],
    "run with a null byte": ["--experiment=dense", "--run=x\0y"],
    "run with a line break": ["--experiment=dense", "--run=x\ny"],
    "run with a blank": ["--experiment=dense", "--run=x y"],
    "evaluate a parent": ["--mode=evaluate", "--run=dense/.."],
    "evaluate through a parent": ["--mode=evaluate", "--run=dense/../../x"],
    "experiment with a path": ["--experiment=../cli", "--run=x"],
    "experiment that is no page": ["--experiment=cli", "--run=x"],
    "experiment of the run with a path": ["--mode=evaluate", "--run=../x"],
    "data set with a path": ["--experiment=dense", "--dataset=../x", "--run=x"],
    "data set absolute": ["--experiment=dense", "--dataset=/etc/passwd", "--run=x"],
    "data set with a URL": ["--experiment=dense", "--dataset=http://x/y", "--run=x"],
}


@pytest.mark.parametrize("name", ESCAPES)
def test_names_cannot_leave_their_folder(name, launch, tmp_path):
    logdir = tmp_path / "logs"
    logdir.mkdir()
    code, _, err = launch(*ESCAPES[name], f"--logdir={logdir}")
    assert code == 1
    assert err.startswith("error: ")
    assert [path.name for path in tmp_path.rglob("*")] == ["logs"]


@pytest.mark.parametrize("link", ["dense", "dense/a", "dense/a/checkpoints", "dense/a/export"])
def test_symbolic_links_in_a_run_are_refused(link, runs, launch, data_dir, tmp_path):
    outside = tmp_path / "outside"
    shutil.copytree(runs("dense"), tmp_path / "logs" / "dense" / "a")
    shutil.move(tmp_path / "logs" / link, outside)
    (tmp_path / "logs" / link).symlink_to(outside)
    before = {path: path.stat().st_mtime_ns for path in outside.rglob("*")}
    for flags in (["--mode=evaluate", "--run=dense/a"],
                  ["--experiment=dense", "--run=a", "--overwrite", DIGITS, *TINY]):
        code, _, err = launch(*flags, f"--logdir={tmp_path / 'logs'}", f"--data_dir={data_dir}")
        assert code == 1
        assert "symbolic link" in err
    assert before == {path: path.stat().st_mtime_ns for path in outside.rglob("*")}


@pytest.mark.parametrize("place", ["samples/.worst_mistakes-00000006.png.tmp", "train/tmp-events",
                                   "checkpoints/step-00000006/contents.json"])
def test_a_symbolic_link_below_the_first_level_is_refused_too(place, dense_run, launch, data_dir,
                                                              tmp_path):
    outside = tmp_path / "outside"
    outside.write_text("mine")
    (dense_run / place).unlink(missing_ok=True)
    (dense_run / place).symlink_to(outside)
    (dense_run / "metrics.json").unlink()
    for flags in (["--experiment=dense", DIGITS, *TINY, "--steps=7"], ["--mode=export"]):
        code, _, err = launch(*flags, f"--run={'dense/' * (len(flags) == 1)}täst",
                              f"--logdir={tmp_path}", f"--data_dir={data_dir}")
        assert code == 1
        assert f"{place} is a symbolic link" in err
    assert outside.read_text() == "mine"


@pytest.mark.parametrize(("setting", "value"), [
    ("dataset", "../../etc/passwd"), ("steps", -5), ("steps", "__import__('os')"),
    ("hidden_layers", 10**9), ("precision", "float13"), ("learning_rate", None)])
def test_values_of_a_manifest_are_checked_like_flags(setting, value, runs, launch, tmp_path):
    copy = tmp_path / "dense" / "a"
    shutil.copytree(runs("dense"), copy)
    manifest = json.loads((copy / "manifest.json").read_text())
    manifest["settings"][setting]["value"] = value
    manifest["precision"] = value if setting == "precision" else manifest["precision"]
    (copy / "manifest.json").write_text(json.dumps(manifest))
    code, _, err = launch("--mode=evaluate", "--run=dense/a", f"--logdir={tmp_path}")
    assert code == 1
    assert any(said in err for said in (setting, "does not exist", "nothing that can be read"))


class _Trap:
    """Leaves a trace when it is unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return open, (str(self.path), "w")


def _lambda_model(path, trace):
    name = str(trace)
    model = keras.Sequential([keras.Input((1,)), keras.layers.Lambda(
        lambda x: (__import__("pathlib").Path(name).touch(), x)[1], output_shape=(1,))])
    trace.unlink(missing_ok=True)  # building it has left the trace already
    model.save(path)


@pytest.mark.parametrize("mode", ["train", "evaluate", "export", "reproduce"])
def test_a_strangers_files_in_a_run_leave_no_trace(mode, runs, launch, data_dir, tmp_path):
    trace = tmp_path / "trace"
    copy = tmp_path / "dense" / "a"
    shutil.copytree(runs("dense"), copy)
    _lambda_model(copy / "model.keras", trace)
    shutil.copy(copy / "model.keras", copy / "checkpoints" / "model.keras")
    for name in ("optimizer.pkl", "model.h5", "checkpoint"):
        (copy / name).write_bytes(pickle.dumps(_Trap(trace)))
    trace.unlink(missing_ok=True)
    flags = ([*TINY, DIGITS, "--steps=7", "--experiment=dense", "--run=a"] if mode == "train"
             else [f"--mode={mode}", "--run=dense/a"])
    code, _, err = launch(*flags, f"--logdir={tmp_path}", f"--data_dir={data_dir}")
    assert code == 0, err
    assert not trace.exists()


def test_the_trap_is_one(tmp_path):
    """The control of the test above: opened carelessly, those files do leave a trace."""
    trace = tmp_path / "trace"
    pickle.loads(pickle.dumps(_Trap(trace))).close()
    assert trace.exists()
    _lambda_model(tmp_path / "model.keras", trace)
    with zipfile.ZipFile(tmp_path / "model.keras") as archive:
        assert b"__lambda__" in archive.read("config.json")


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_source_loads_code_or_models_from_files(path):
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"safe_mode\s*=\s*False|allow_pickle\s*=\s*True|layers\.Lambda\b|"
                         r"unsafe_deserialization|load_model\(|shell\s*=\s*True", text)
    tree = ast.parse(text)
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import)
                for alias in node.names}
    assert not imported & {"pickle", "marshal", "dill", "cloudpickle", "shelve"}
    called = {node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call)
              and isinstance(node.func, ast.Name)}
    allowed = {"exec", "compile"} if path.name == "pages.py" else set()  # our own pages
    assert not called & {"eval", "exec", "compile", "__import__"} - allowed


def test_no_secret_is_written_and_tensorboard_is_suggested_on_this_machine_alone(
        launch, data_dir, tmp_path, monkeypatch):
    secret = "hunter2-c0ffee-planted"
    for name in ("AWS_SECRET_ACCESS_KEY", "API_TOKEN", "PASSWORD", "TF_CONFIG_SECRET"):
        monkeypatch.setenv(name, secret)
    code, out, err = launch("--experiment=dense", "--run=a", f"--logdir={tmp_path}",
                            f"--data_dir={data_dir}", DIGITS, *TINY)
    assert code == 0
    assert secret not in out + err
    written = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(written) > 10
    for path in written:
        assert secret.encode() not in path.read_bytes(), path
    assert "tensorboard --logdir" in out
    assert "--bind_all" not in out
    assert "0.0.0.0" not in out
    for path in SOURCES:
        assert "bind_all" not in path.read_text(encoding="utf-8")


def test_files_are_not_made_for_others_to_write(runs):
    for path in runs("dense").rglob("*"):
        assert not os.stat(path).st_mode & 0o002, path
