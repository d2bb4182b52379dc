"""Whatever is refused before the first step leaves all as it was, the run it was to replace too."""

import json
import os
import shutil
import signal

import pytest
from common import DIGITS, TINY

from tfmodels.launcher import building
from tfmodels.training.run import RunFolder
from tfmodels.training.stepper import Stepper

REFUSED = {
    "nothing to freeze": ["--freeze=hiden_0"],
    "unknown data set": ["--dataset=tiny_digit"],
    "data of another kind": ["--dataset=tiny_verses"],
    "batch too large": ["--batch_size=301"],
    "no such class": ["--classes=0,ten"],
    "no run to start from": ["--init_from=dense/none"],
}


def _content(folder):
    return {path: path.read_bytes() if path.is_file() else None for path in folder.rglob("*")}


@pytest.fixture
def overwrite(dense_run, launch, data_dir):
    """Trains the finished run afresh, with more flags; returns as `launch`."""
    def call(*flags):
        return launch("--experiment=dense", "--run=täst", f"--logdir={dense_run.parents[1]}",
                      f"--data_dir={data_dir}", DIGITS, *TINY, "--overwrite", *flags)
    return call


@pytest.mark.parametrize("fault", REFUSED)
def test_refused_overwrite_leaves_the_run_as_it_was(fault, dense_run, overwrite):
    before = _content(dense_run.parents[1])
    code, _, err = overwrite(*REFUSED[fault])
    assert code in (1, 3), err
    assert _content(dense_run.parents[1]) == before


@pytest.mark.parametrize("fault", REFUSED)
def test_refused_new_run_leaves_no_trace(fault, launch, data_dir, tmp_path):
    code, _, err = launch("--experiment=dense", "--run=a", f"--logdir={tmp_path / 'logs'}",
                          f"--data_dir={data_dir}", DIGITS, *TINY, *REFUSED[fault])
    assert code in (1, 3), err
    assert not list(tmp_path.iterdir())


def test_no_memory_for_the_first_step_leaves_the_run_as_it_was(dense_run, overwrite, monkeypatch):
    def fail(*_):
        raise MemoryError
    before = _content(dense_run.parents[1])
    monkeypatch.setattr(Stepper, "__call__", fail)
    code, _, err = overwrite()
    assert code == 5, err
    assert _content(dense_run.parents[1]) == before


def test_overwritten_run_equals_the_one_before(dense_run, overwrite):
    """The step that is tried before the old run goes is taken back; the data's position, too."""
    shutil.rmtree(dense_run)  # so that there is nothing to try a step for
    digests = []
    for _ in range(2):
        code, _, err = overwrite("--memory_limit=0")
        assert code == 0, err
        digests.append(json.loads((dense_run / "metrics.json").read_text())["variables_sha256"])
    assert digests[0] == digests[1]
    assert [path.name for path in dense_run.parent.iterdir()] == ["täst"]


def test_signal_before_the_old_run_goes_says_that_it_is_there(dense_run, overwrite, monkeypatch):
    build = building.build_task

    def build_and_signal(*args):
        os.kill(os.getpid(), signal.SIGTERM)
        return build(*args)
    before = _content(dense_run.parents[1])
    monkeypatch.setattr(building, "build_task", build_and_signal)
    code, _, err = overwrite("--seed=3")
    assert code == 143
    assert "the run is as it was, saved step 6" in err
    assert _content(dense_run.parents[1]) == before


def test_signal_while_the_old_run_goes_says_that_nothing_is_saved(dense_run, overwrite,
                                                                  monkeypatch):
    begin = RunFolder.begin

    def begin_and_signal(*args):
        os.kill(os.getpid(), signal.SIGTERM)
        begin(*args)
    monkeypatch.setattr(RunFolder, "begin", begin_and_signal)
    code, _, err = overwrite("--seed=3")
    assert code == 143
    assert "no step was saved yet" in err
    assert [path.name for path in dense_run.rglob("*")] == ["manifest.json"]
    monkeypatch.undo()
    code, out, err = overwrite("--seed=3", "--nooverwrite")
    assert code == 0, err
    assert "continuing" not in out


def test_checkpoints_without_a_manifest_are_refused_and_kept(dense_run, overwrite):
    (dense_run / "manifest.json").unlink()
    before = _content(dense_run)
    code, _, err = overwrite("--nooverwrite", "--seed=5")
    assert code == 7
    assert "no manifest.json" in err
    assert _content(dense_run) == before
