"""Runs that start from another run: what is taken over, refused, continued and reproduced."""

import json
import shutil

import keras
import numpy as np
import pytest
from common import DIGITS, TINY, stop_at

from tfmodels.training.checkpoints import Checkpoints, read_variables


@pytest.fixture
def tune(runs, data_dir, launch, tmp_path):
    """Copies the tiny run of `dense` to `dense/source` and trains `dense` from it."""
    shutil.copytree(runs("dense"), tmp_path / "dense" / "source")

    def train(run, *flags):
        return launch("--experiment=dense", f"--run={run}", f"--logdir={tmp_path}",
                      f"--data_dir={data_dir}", DIGITS, *TINY, *flags)
    return train


def test_layers_start_from_the_other_run_and_the_manifest_says_so(tune, tmp_path):
    flags = ["--init_from=dense/source", "--freeze=hidden_0", "--classes=0,1,2"]
    code, out, err = tune("tuned", *flags)
    assert code == 0, err
    assert "frozen: hidden_0\n" in out
    assert "2 of 3 layers start from" in out
    manifest = json.loads((tmp_path / "dense/tuned/manifest.json").read_text())
    described = manifest["runs"]["init_from"]
    assert described["step"] == 6
    assert described["layers"]["hidden_1"] == "transferred"
    assert "other ones" in described["layers"]["logits"]
    assert manifest["settings"]["freeze"] == {"value": "hidden_0", "from": "flag"}
    assert manifest["data"]["class_names"] == ["0", "1", "2"]
    there, here = (read_variables(tmp_path / "dense" / run / "checkpoints", 6)
                   for run in ("source", "tuned"))
    name = "model/hidden_{}/kernel"
    np.testing.assert_array_equal(here[name.format(0)], there[name.format(0)])
    assert (here[name.format(1)] != there[name.format(1)]).any()
    events = b"".join(path.read_bytes() for path in (tmp_path / "dense/tuned/train").glob("*"))
    assert b"| hidden_1 | transferred |" in events


def test_only_the_start_needs_the_other_run(tune, launch, tmp_path, monkeypatch):
    source, away = tmp_path / "dense" / "source", tmp_path / "elsewhere"
    of_run = ("--run=dense/tuned", f"--logdir={tmp_path}")
    flags = ["--init_from=dense/source", "--freeze=hidden_1"]
    with monkeypatch.context() as patch:
        stop_at(3, patch)
        assert tune("tuned", *flags)[0] == 143
    source.rename(away)
    code, out, err = tune("tuned", *flags)
    assert code == 0, err
    assert "continuing at step 3" in out
    assert "layers start from" not in out
    for mode in ("evaluate", "export"):
        code, _, err = launch(f"--mode={mode}", *of_run)
        assert code == 0, err
    code, _, err = launch("--mode=reproduce", *of_run)
    assert code == 1
    assert "no run dense/source" in err
    away.rename(source)
    code, out, err = launch("--mode=reproduce", *of_run)  # in one piece, to the same last bit
    assert code == 0, out + err
    contents = source / "checkpoints" / "step-00000006" / "contents.json"
    contents.write_text(json.dumps(json.loads(contents.read_text()) | {"step": 7}))
    code, _, err = launch("--mode=reproduce", *of_run)
    assert code == 7
    assert f"{source} has changed" in err


def test_what_does_not_fit_is_refused_before_anything_is_trained(tune, tmp_path):
    for flags, message in (
            (["--init_from=dense/sauce"], "did you mean dense/source?"),
            (["--freeze=hiden_0"], "did you mean hidden_0?"),
            (["--freeze=*"], "leaves nothing to train"),
            (["--classes=0,one"], "no class 'one'"),
            (["--train_examples=10"], "the nearest valid value is 10")):
        code, _, err = tune("a", *flags)
        assert code == 1, flags
        assert message in err
        assert not list(tmp_path.glob("dense/a/checkpoints"))
    code, _, err = tune("source", "--init_from=dense/source", "--overwrite")
    assert code == 1
    assert "a run cannot refer to itself" in err
    strange = tmp_path / "strange"
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(2, name="other")])
    Checkpoints(strange / "checkpoints", model).save(1)
    (strange / "manifest.json").write_text("{}")
    code, _, err = tune("b", f"--init_from={strange}")
    assert code == 1
    assert "hidden_0: no such layer there" in err
    assert not (tmp_path / "dense" / "b").exists()
    code, _, err = tune("b")  # the corrected command just works
    assert code == 0, err
    (tmp_path / "dense" / "source" / "checkpoints").rename(tmp_path / "lost")
    code, _, err = tune("c", "--init_from=dense/source")
    assert code == 7
    assert "no usable checkpoint" in err
