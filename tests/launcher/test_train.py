"""`--mode=train`: a run that is extended, one that nothing can be trained on, one in bfloat16."""

import json

import numpy as np
from common import DIGITS, TINY

from tfmodels.export import saved_model


def test_more_steps_extend_a_run(dense_run, launch, data_dir):
    run = dense_run
    more = [flag for flag in TINY if not flag.startswith("--steps")]
    code, out, _ = launch("--experiment=dense", "--run=täst", f"--logdir={run.parents[1]}",
                          f"--data_dir={data_dir}", DIGITS, *more, "--steps=8")
    assert code == 0
    assert "continuing at step 6" in out
    assert json.loads((run / "metrics.json").read_text())["step"] == 8
    assert (run / "export" / "2").is_dir()
    code, _, err = launch("--mode=reproduce", "--run=dense/täst", f"--logdir={run.parents[1]}")
    assert code == 1
    assert "extended from 6 to 8 steps" in err


def test_a_run_that_was_stopped_while_scoring_exports_once(dense_run, launch, data_dir):
    """As killed with its export there and its scores not; or between the two of an export."""
    before = json.loads((dense_run / "metrics.json").read_text())
    command = ("--experiment=dense", "--run=täst", f"--logdir={dense_run.parents[1]}",
               f"--data_dir={data_dir}", DIGITS, *TINY)
    first = (dense_run / "export" / "1" / "saved_model.pb").read_bytes()
    for half_written in (False, True):
        (dense_run / "metrics.json").unlink()
        if half_written:
            (dense_run / "export" / "1").rename(dense_run / "export" / "tmp-1")
        code, out, err = launch(*command)
        assert code == 0, err
        assert "continuing at step 6" in out
        assert "exported to" in out
        assert [path.name for path in (dense_run / "export").iterdir()] == ["1"]
        after = json.loads((dense_run / "metrics.json").read_text())
        for name in ("metrics", "baselines", "variables_sha256"):
            assert after[name] == before[name]
        if not half_written:
            assert (dense_run / "export" / "1" / "saved_model.pb").read_bytes() == first


def test_a_run_of_other_settings_is_refused_with_the_version_that_made_it(dense_run, launch,
                                                                          data_dir):
    file = dense_run / "manifest.json"
    manifest = json.loads(file.read_text())
    manifest["settings"]["members"] = {"value": 4, "from": "default"}
    manifest |= {"versions": {"tfmodels": "0.0.7"}, "revision": {"commit": "0123456789abcdef"}}
    file.write_text(json.dumps(manifest))
    again = ("--experiment=dense", "--run=täst", f"--data_dir={data_dir}", DIGITS, *TINY)
    for flags in (again, *(("--run=dense/täst", f"--mode={mode}")
                           for mode in ("evaluate", "export", "reproduce"))):
        code, _, err = launch(*flags, f"--logdir={dense_run.parents[1]}")
        assert code == 1, flags
        assert "made by tfmodels 0.0.7, revision 0123456789ab, with other settings (members)" in err
        assert len(err.splitlines()) == 1


def test_wrong_kind_of_data_is_code_1_and_leaves_nothing(launch, data_dir, tmp_path):
    code, _, err = launch("--experiment=gan", "--dataset=kjv_verses", f"--data_dir={data_dir}",
                          f"--logdir={tmp_path}", "--run=a")
    assert code == 1
    assert "has no image" in err
    assert "mnist_10k" in err
    assert not (tmp_path / "gan" / "a").exists()


def test_a_run_in_bfloat16_is_scored_and_exported(launch, data_dir, tmp_path):
    """Whatever the processor: slowly if it must, and with inputs and answers as in float32."""
    code, _, err = launch("--experiment=cnn", "--run=a", f"--logdir={tmp_path}",
                          f"--data_dir={data_dir}", DIGITS, *TINY, "--precision=mixed_bfloat16")
    assert code == 0, err
    run = tmp_path / "cnn" / "a"
    assert json.loads((run / "manifest.json").read_text())["precision"] == "mixed_bfloat16"
    metrics = json.loads((run / "metrics.json").read_text())
    assert metrics["errors"] == {}
    assert np.isfinite(list(metrics["metrics"].values())).all()
    signature = saved_model.load(run / "export")["serving_default"]
    answers = signature(inputs=np.zeros((2, 8, 8, 1), np.uint8))
    assert {value.dtype.name for value in answers.values() if value.dtype.is_floating} == {
        "float32"}
    code, out, err = launch("--mode=evaluate", "--run=cnn/a", f"--logdir={tmp_path}")
    assert code == 0, err
    for name, value in metrics["metrics"].items():
        assert f"{name} {value:.4g}" in out
